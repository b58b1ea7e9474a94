using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace PaymentSim.Core.Storage.Postgres;

/// <summary>
/// A PostgreSQL database that any number of nodes share. A write unit is a transaction at READ COMMITTED on a connection of its own; what it reads in
/// order to change it, it locks (<see cref="ForUpdate"/>, <see cref="LockAsync"/>), so that units which meet wait for one another.
/// </summary>
internal sealed partial class PostgresDatabase : Database, IDisposable
{
    public const string Setting = "ConnectionStrings:PaymentSim";

    private const string Expectation = "SELECT 1 / (CASE WHEN";

    /// <summary>How often a unit is run at most, where running it again is safe.</summary>
    private const int MostAttempts = 5;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(10);

    private readonly PostgresConnections _connections;
    private readonly NpgsqlDataSource _source;
    private readonly GroupCommit _together;
    private readonly ILogger<PostgresDatabase> _logger;
    private volatile bool _disposed;

    /// <exception cref="StorageException">There is no such database, it is of a newer program, or it cannot be written.</exception>
    public PostgresDatabase(StorageOptions options, TimeProvider clock, ILogger<PostgresDatabase> logger)
    {
        _connections = new PostgresConnections(options.Postgres!);
        _logger = logger;
        PostgresSetup.Run(_connections, connection =>
        {
            var encoding = connection.ExecuteScalar<string>("SHOW server_encoding");
            if (encoding != "UTF8") throw new StorageException($"Texts of {_connections.Name} are {encoding}. PaymentSim needs a database whose encoding is UTF8.");
            Migrator.Migrate(connection, Migration.Load("postgres"), _connections.Name, clock, Setting);
        });
        _source = _connections.ForPayments();
        _together = new GroupCommit(_source, logger);
    }

    /// <summary>Others may be running: what one of them left is recovered when its claims have run out.</summary>
    public override bool HasSingleOwner => false;

    public override string Location => _connections.Name;

    internal override string ForUpdate => "FOR UPDATE";

    /// <summary>For the job storage, which makes its own.</summary>
    internal PostgresConnections Connections => _connections;

    internal override string AnyOf(string column, string parameter) => $"{column} = ANY ({parameter})";

    internal override string RowId => "ctid";

    internal override Task<IReadOnlyList<string>> TablesWithAsync(string column) => QueryAsync<string>(
        "SELECT table_name::text FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = @column ORDER BY table_name", new { column });

    internal override string JsonText(string column, params string[] path) => $$"""({{column}}::jsonb #>> '{{{string.Join(',', path)}}}') COLLATE "C" """;

    internal override string JsonMember(string column, string parameter) => $"({column}::jsonb ->> {parameter}) COLLATE \"C\"";

    internal override Task LockAsync(string owner, string name) =>
        SendAsync("SELECT pg_advisory_xact_lock(hashtextextended(@owner || '/' || @name, 0))", new { owner, name });

    /// <summary>By an error that nothing else of ours can cause: a statement's answer would be another round trip.</summary>
    internal override Task ExpectAsync(string condition, object args) => SendAsync($"{Expectation} {condition} THEN 1 ELSE 0 END)", args);

    internal override Task SendAsync(string sql, object? args = null)
    {
        ((UnitConnection)Required.Connection).Queue(sql, args);
        return Task.CompletedTask;
    }

    public override Task<IAsyncDisposable?> TryTakeTurnAsync(string work, CancellationToken cancellationToken = default) =>
        RepeatAsync<IAsyncDisposable?>(async () => await PostgresTurn.TryTakeAsync(_source, work, cancellationToken));

    internal static bool IsExpectation(NpgsqlBatchCommand statement) => statement.CommandText.StartsWith(Expectation, StringComparison.Ordinal);

    public void Dispose()
    {
        _disposed = true;
        _together.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private protected override Task<Committed<T>> CommitAsync<T>(Func<Task<T>> unit, CancellationToken cancellationToken) =>
        RepeatAsync(() => TryCommitAsync(unit, cancellationToken));

    private protected override Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read) => RepeatAsync(async () =>
    {
        await using var connection = await _source.OpenConnectionAsync();
        try
        {
            return await read(connection);
        }
        catch (Exception failure) when (PostgresFailures.HidesLostConnection(failure, connection))
        {
            throw PostgresFailures.LostConnection(failure);
        }
    });

    /// <summary>Runs what leaves nothing behind when it fails, again where that is of use.</summary>
    private async Task<T> RepeatAsync<T>(Func<Task<T>> run)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await run();
            }
            catch (Exception failure) when (attempt < MostAttempts && (PostgresFailures.IsConflict(failure) || PostgresFailures.IsLostConnection(failure)))
            {
                LogRepeated(failure.Message, attempt);
                // Where one connection is dead, the idle ones of the pool most likely are too.
                if (PostgresFailures.IsLostConnection(failure)) _source.Clear();
            }
            catch (Exception failure) when (PostgresFailures.IsUnstorableText(failure))
            {
                throw PostgresFailures.Unstorable(failure);
            }
            catch (Exception failure) when (PostgresFailures.IsUnavailable(failure))
            {
                throw PostgresFailures.Unavailable(failure);
            }

            await Task.Delay(FirstWait * Math.Pow(2, attempt - 1));
        }
    }

    private async Task<Committed<T>> TryCommitAsync<T>(Func<Task<T>> unit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var connection = UnitConnection.Of(_source);
        var (scope, committed) = (new WriteUnit(connection), false);
        try
        {
            Current = scope;
            var result = await unit();
            Current = null;
            scope.End();
            await CommitAsync(connection, cancellationToken);
            committed = true;
            return new Committed<T>(result, scope);
        }
        catch (Exception failure) when (PostgresFailures.HidesLostConnection(failure, connection))
        {
            throw PostgresFailures.LostConnection(failure);
        }
        finally
        {
            // Without a commit the transaction is rolled back when it is disposed.
            Current = null;
            scope.End();
            scope.Settle(committed);
        }
    }

    /// <exception cref="ProblemException">The connection was lost: nobody knows what was committed.</exception>
    private async Task CommitAsync(UnitConnection connection, CancellationToken cancellationToken)
    {
        if (!connection.IsOpened)
        {
            if (connection.Waiting.Count == 0) return;
            if (GroupCommit.Takes(connection.Waiting))
            {
                await _together.CommitAsync(connection.Waiting);
                return;
            }

            await connection.BeginAsync(cancellationToken);
        }

        try
        {
            await connection.CommitAsync();
        }
        catch (Exception failure) when (!PostgresFailures.IsCertainlyNotCommitted(failure))
        {
            LogUnknownOutcome(failure);
            throw PostgresFailures.UnknownOutcome(failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A unit or query failed ({Reason}) at its attempt {Attempt} and is run again")]
    private partial void LogRepeated(string reason, int attempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "The connection was lost during a commit: its request was told that its outcome is unknown")]
    private partial void LogUnknownOutcome(Exception failure);
}
