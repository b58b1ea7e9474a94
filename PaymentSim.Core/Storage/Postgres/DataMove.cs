using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Npgsql;
using PaymentSim.Core.Storage.Sqlite;

namespace PaymentSim.Core.Storage.Postgres;

/// <summary>
/// Copies a whole simulator from its SQLite file into an empty PostgreSQL database: every row of every table but Hangfire's, in one transaction. What was
/// still to be done goes on there, because the sweep finds it by its rows. The file is left as it is.
/// </summary>
public static class DataMove
{
    /// <summary>What each database says of itself.</summary>
    private static readonly string[] Own = ["schema_migrations", "simulator_clock", "storage_checks"];

    private const string Installation = "installation";

    /// <param name="source">Where the file is.</param>
    /// <param name="target">PostgreSQL's connection string.</param>
    /// <param name="progress">Is told of each table when it is there: its name, and its rows.</param>
    /// <returns>How many rows there were.</returns>
    /// <exception cref="StorageException">There is no file, or a simulator runs on it; the target cannot be reached, or is in use. Nothing was copied.</exception>
    public static async Task<long> RunAsync(
        StorageOptions source, string target, TimeProvider clock, ILoggerFactory loggers, Action<string, long> progress, CancellationToken cancellationToken)
    {
        if (!File.Exists(source.DatabaseFile)) throw new StorageException($"There is no database in {source.DataDirectory}.");

        // Both are brought to this program's schema, and the file is ours alone for as long as it is read.
        using var file = new SqliteDatabase(source, clock, loggers.CreateLogger<SqliteDatabase>());
        using var database = new PostgresDatabase(source with { Postgres = target }, clock, loggers.CreateLogger<PostgresDatabase>());
        try
        {
            await using var to = await database.Connections.ForSetup().OpenConnectionAsync(cancellationToken);
            await using var transaction = await to.BeginTransactionAsync(cancellationToken);
            var rows = file.Read(from => CopyAll((SqliteConnection)from, to, database.Location, progress, cancellationToken));
            await transaction.CommitAsync(cancellationToken);
            return rows;
        }
        catch (NpgsqlException failure)
        {
            throw new StorageException($"Nothing was copied: {PostgresFailures.Reason(failure)}", failure);
        }
    }

    private static long CopyAll(SqliteConnection from, NpgsqlConnection to, string name, Action<string, long> progress, CancellationToken cancellationToken)
    {
        using var snapshot = from.BeginTransaction(deferred: true);
        var tables = to.Query<string>("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename").Except(Own).ToList();
        // Nodes that run on it wait until this is done.
        to.Execute($"LOCK TABLE {string.Join(", ", tables)} IN ACCESS EXCLUSIVE MODE");
        RefuseUsed(from, to, tables, name);

        var total = 0L;
        foreach (var table in tables)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var rows = Copy(from, to, table);
                Verify(from, to, table, rows);
                progress(table, rows);
                total += rows;
            }
            catch (PostgresException failure)
            {
                throw new StorageException($"Nothing was copied: a row of {table} was refused: {PostgresFailures.Reason(failure)}", failure);
            }
        }

        return total;
    }

    private static void RefuseUsed(SqliteConnection from, NpgsqlConnection to, List<string> tables, string name)
    {
        foreach (var table in tables.Where(table => table != Installation))
        {
            if (to.ExecuteScalar<bool>($"SELECT EXISTS (SELECT 1 FROM {table})"))
                throw new StorageException($"Nothing was copied: {name} is in use, there are rows in {table}. Give an empty one.");
        }

        // A node that was started on it to try it out has left its key's trace, and nothing that was sealed with it.
        to.Execute($"DELETE FROM {Installation}");
        if (from.ExecuteScalar<long>($"SELECT COUNT(*) FROM {Installation}") == 0)
            throw new StorageException("Nothing was copied: the file does not say which key it was made with. Start the simulator on it once, and stop it.");
    }

    private static long Copy(SqliteConnection from, NpgsqlConnection to, string table)
    {
        var columns = to.Query<(string Name, string Type)>(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = @table ORDER BY ordinal_position",
            new { table }).ToList();
        var list = string.Join(", ", columns.Select(column => column.Name));
        using var read = from.CreateCommand();
        read.CommandText = $"SELECT {list} FROM {table}";
        using var reader = read.ExecuteReader();
        using var import = to.BeginBinaryImport($"COPY {table} ({list}) FROM STDIN (FORMAT BINARY)");
        var rows = 0L;
        while (reader.Read())
        {
            import.StartRow();
            for (var i = 0; i < columns.Count; i++) Write(import, reader, i, columns[i].Type);
            rows++;
        }

        import.Complete();
        return rows;
    }

    private static void Write(NpgsqlBinaryImporter import, SqliteDataReader reader, int column, string type)
    {
        if (reader.IsDBNull(column)) import.WriteNull();
        else if (type == "bigint") import.Write(reader.GetInt64(column));
        else if (type == "boolean") import.Write(reader.GetBoolean(column));
        else if (type == "text") import.Write(reader.GetString(column));
        else throw new InvalidOperationException($"No column is of the type {type}.");
    }

    private static void Verify(SqliteConnection from, NpgsqlConnection to, string table, long rows)
    {
        var (there, here) = (to.ExecuteScalar<long>($"SELECT COUNT(*) FROM {table}"), from.ExecuteScalar<long>($"SELECT COUNT(*) FROM {table}"));
        if (there != rows || here != rows) throw new StorageException($"Nothing was copied: of {here} rows of {table}, {rows} were read and {there} have arrived.");
    }
}
