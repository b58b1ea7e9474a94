using System.Diagnostics;
using Npgsql;

namespace PaymentSim.Core.Storage.Postgres;

/// <summary>
/// What a PostgreSQL server can take: the rows of a charge's commit (charge, event and, where it had them, delivery and the record of its idempotency key), written again and again with
/// new ids through the bare driver, each unit one batch of prepared statements, and so one round trip and one transaction. The benchmark measures nodes
/// against it.
/// </summary>
public sealed class PostgresCeiling
{
    private readonly string _connectionString;
    private readonly Ids _ids;
    private readonly List<Pattern> _rows;

    private PostgresCeiling(string connectionString, Ids ids, List<Pattern> rows) => (_connectionString, _ids, _rows) = (connectionString, ids, rows);

    /// <summary>Takes a charge's rows as the pattern.</summary>
    /// <param name="connectionString">Where it is; its like will be written there too.</param>
    /// <param name="ids">Makes the ids.</param>
    /// <param name="chargeId">A charge with one event and at most one delivery and one idempotency key.</param>
    public static async Task<PostgresCeiling> LikeAsync(string connectionString, Ids ids, string chargeId)
    {
        await using var connection = await OpenAsync(connectionString);
        var rows = new List<Pattern>
        {
            await ReadAsync(connection, "charges", "id", chargeId) ?? throw new ArgumentException($"There is no charge {chargeId}.", nameof(chargeId)),
            (await ReadAsync(connection, "events", "object_id", chargeId))!,
        };
        if (await ReadAsync(connection, "deliveries", "event_id", (string)rows[1].Value("id")!) is { } delivery) rows.Add(delivery);
        if (await ReadAsync(connection, "idempotency_keys", "merchant_id", (string)rows[0].Value("merchant_id")!) is { } key) rows.Add(key);
        return new PostgresCeiling(connectionString, ids, rows);
    }

    /// <summary>Writes for a time, each writer on a connection of its own, its next unit when the last one is on the disk.</summary>
    /// <returns>How many units were written, and how long it took.</returns>
    public async Task<(long Units, TimeSpan Elapsed)> MeasureAsync(int writers, TimeSpan time)
    {
        var units = 0L;
        var connections = await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => OpenAsync(_connectionString)));
        try
        {
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(connections.Select(connection => Task.Run(async () =>
            {
                await using var batch = await PrepareAsync(connection);
                // At least one each, as in the embedded storage.
                do
                {
                    GiveNewIds(batch);
                    await batch.ExecuteNonQueryAsync();
                    Interlocked.Increment(ref units);
                }
                while (Stopwatch.GetElapsedTime(start) < time);
            })));
            return (units, Stopwatch.GetElapsedTime(start));
        }
        finally
        {
            foreach (var connection in connections) await connection.DisposeAsync();
        }
    }

    private async Task<NpgsqlBatch> PrepareAsync(NpgsqlConnection connection)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var row in _rows)
        {
            var command = new NpgsqlBatchCommand(row.Insert);
            foreach (var (_, type, value) in row.Columns) command.Parameters.Add(new NpgsqlParameter { DataTypeName = type, Value = value ?? DBNull.Value });
            batch.BatchCommands.Add(command);
        }

        await batch.PrepareAsync();
        return batch;
    }

    /// <summary>A charge's, its event's (which names the charge) and its delivery's (which names the event); and an idempotency key.</summary>
    private void GiveNewIds(NpgsqlBatch batch)
    {
        string? before = null;
        for (var i = 0; i < _rows.Count; i++)
        {
            var (row, parameters) = (_rows[i], batch.BatchCommands[i].Parameters);
            if (row.Table == "idempotency_keys")
            {
                parameters[row.IndexOf("idempotency_key")].Value = Ids.IdempotencyKey();
                continue;
            }

            var id = _ids.New(((string)row.Value("id")!).Split('_')[0]);
            parameters[row.IndexOf("id")].Value = id;
            if (before is not null) parameters[row.IndexOf(i == 1 ? "object_id" : "event_id")].Value = before;
            before = id;
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<Pattern?> ReadAsync(NpgsqlConnection connection, string table, string column, string value)
    {
        await using var command = new NpgsqlCommand($"SELECT * FROM {table} WHERE {column} = $1", connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = value } } };
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync()
            ? new Pattern(table, [.. Enumerable.Range(0, reader.FieldCount).Select(i => (reader.GetName(i), reader.GetDataTypeName(i), reader.IsDBNull(i) ? null : reader.GetValue(i)))])
            : null;
    }

    /// <summary>A row, whose like is to be written.</summary>
    private sealed record Pattern(string Table, IReadOnlyList<(string Name, string Type, object? Value)> Columns)
    {
        public string Insert { get; } =
            $"INSERT INTO {Table} ({string.Join(", ", Columns.Select(column => column.Name))}) VALUES ({string.Join(", ", Columns.Select((_, i) => $"${i + 1}"))})";

        public int IndexOf(string column) => Columns.Select(known => known.Name).ToList().IndexOf(column);

        public object? Value(string column) => Columns[IndexOf(column)].Value;
    }
}
