using System.Data;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace PaymentSim.Core.Storage.Postgres;

/// <summary>
/// Commits units that do nothing but insert, several in one transaction: as many as have come while the last one was under way. A transaction costs the
/// server, and its round trip both sides, several times what a row does. Rows with new ids wait for nobody, so that units in one transaction
/// cannot stand in one another's way; where one of them fails, each is committed alone.
/// </summary>
internal sealed partial class GroupCommit : IAsyncDisposable
{
    /// <summary>How many transactions are under way at once: while one waits for the server's disk, the next can be sent.</summary>
    private const int Lanes = 2;

    private const int MostUnits = 64;

    private readonly NpgsqlDataSource _source;
    private readonly ILogger _logger;
    private readonly Channel<Unit> _units = Channel.CreateUnbounded<Unit>();
    private readonly Task _running;

    public GroupCommit(NpgsqlDataSource source, ILogger logger)
    {
        (_source, _logger) = (source, logger);
        _running = Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Task.Run(RunAsync)));
    }

    /// <summary>Whether a unit that did only this can share a transaction: everything else, a row that may be there already included, may have to wait for a lock.</summary>
    public static bool Takes(IReadOnlyList<NpgsqlBatchCommand> statements) => statements.All(statement =>
        PostgresDatabase.IsExpectation(statement)
        || (statement.CommandText.StartsWith("INSERT", StringComparison.Ordinal) && !statement.CommandText.Contains("ON CONFLICT", StringComparison.Ordinal)));

    /// <summary>Answers when the statements are on the disk, all of them or none.</summary>
    /// <exception cref="ProblemException">The connection was lost: nobody knows what was committed.</exception>
    /// <exception cref="NpgsqlException">Nothing was committed.</exception>
    public async Task CommitAsync(IReadOnlyList<NpgsqlBatchCommand> statements)
    {
        var unit = new Unit(statements);
        if (!_units.Writer.TryWrite(unit)) throw new ObjectDisposedException(nameof(GroupCommit));
        await unit.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _units.Writer.TryComplete();
        await _running;
    }

    private async Task RunAsync()
    {
        var group = new List<Unit>();
        NpgsqlConnection? connection = null;
        while (await WaitAsync())
        {
            while (group.Count < MostUnits && _units.Reader.TryRead(out var unit)) group.Add(unit);
            if (group.Count > 0) connection = await CommitAsync(connection, group);
            group.Clear();
        }

        // A lane that has nothing to do gives its connection back: others may want it, and one that has been idle may be dead.
        async ValueTask<bool> WaitAsync()
        {
            var more = _units.Reader.WaitToReadAsync();
            if (!more.IsCompleted && connection is not null)
            {
                await connection.DisposeAsync();
                connection = null;
            }

            return await more;
        }
    }

    /// <summary>Answers the connection, if it can be used again.</summary>
    private async Task<NpgsqlConnection?> CommitAsync(NpgsqlConnection? connection, List<Unit> group)
    {
        try
        {
            connection ??= await OpenAsync();
        }
        catch (Exception failure)
        {
            foreach (var unit in group) unit.Done.SetException(failure);
            return null;
        }

        if (await TryAsync(connection, group) is not { } refused)
        {
            foreach (var unit in group) unit.Done.SetResult();
            return connection;
        }

        await connection.DisposeAsync();
        if (!PostgresFailures.IsCertainlyNotCommitted(refused))
        {
            LogUnknownOutcome(refused, group.Count);
            foreach (var unit in group) unit.Done.SetException(PostgresFailures.UnknownOutcome(refused));
        }
        else if (group.Count == 1)
        {
            group[0].Done.SetException(refused);
        }
        else
        {
            NpgsqlConnection? next = null;
            foreach (var unit in group) next = await CommitAsync(next, [unit.Again()]);
            return next;
        }

        return null;
    }

    /// <summary>Asked before it is used: a connection of the pool can have died there, and after a COMMIT nobody would know what became of it.</summary>
    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = await _source.OpenConnectionAsync();
        try
        {
            await using var question = new NpgsqlCommand("SELECT 1", connection);
            await question.ExecuteNonQueryAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Answers what went wrong.</summary>
    private static async Task<Exception?> TryAsync(NpgsqlConnection connection, List<Unit> group)
    {
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted);
            await using var batch = connection.CreateBatch();
            foreach (var statement in group.SelectMany(unit => unit.Statements)) batch.BatchCommands.Add(statement);
            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
            await batch.ExecuteNonQueryAsync();
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The connection was lost during a commit: {Units} requests were told that their outcome is unknown")]
    private partial void LogUnknownOutcome(Exception failure, int units);

    private sealed record Unit(IReadOnlyList<NpgsqlBatchCommand> Statements)
    {
        public TaskCompletionSource Done { get; private init; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The driver runs a batch's command once.</summary>
        public Unit Again() => new(Statements.Select(Again).ToList()) { Done = Done };

        private static NpgsqlBatchCommand Again(NpgsqlBatchCommand statement)
        {
            var again = new NpgsqlBatchCommand(statement.CommandText);
            foreach (NpgsqlParameter parameter in statement.Parameters) again.Parameters.Add(parameter.Clone());
            return again;
        }
    }
}
