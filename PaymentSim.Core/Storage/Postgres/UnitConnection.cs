using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Dapper;
using Npgsql;

namespace PaymentSim.Core.Storage.Postgres;

/// <summary>
/// A unit's connection. Statements of which nobody needs to know anything wait here, and go to the server in one batch with the next one that somebody
/// waits for, or with the commit: a unit takes as long as its round trips. They run in their order, so that every statement sees those before it.
/// The first of those that somebody waits for opens the connection and its transaction.
/// </summary>
internal abstract class UnitConnection(NpgsqlDataSource source) : DbConnection
{
    private readonly List<NpgsqlBatchCommand> _waiting = [];
    private Npgsql.NpgsqlConnection? _opened;
    private NpgsqlTransaction? _transaction;
    private bool _queues;

    [AllowNull]
    public override string ConnectionString
    {
        get => source.ConnectionString;
        set => throw new NotSupportedException("A unit's connection is open.");
    }

    public override string Database => Opened.Database;

    public override string DataSource => Opened.DataSource;

    public override string ServerVersion => Opened.ServerVersion;

    public override ConnectionState State => _opened?.State ?? ConnectionState.Open;

    /// <summary>Whether the server knows of this unit.</summary>
    public bool IsOpened => _opened is not null;

    /// <summary>What the server does not know yet.</summary>
    public IReadOnlyList<NpgsqlBatchCommand> Waiting => _waiting;

    private Npgsql.NpgsqlConnection Opened => _opened ?? throw new InvalidOperationException("The unit has not asked its database anything yet.");

    public static UnitConnection Of(NpgsqlDataSource source) => new NpgsqlConnection(source);

    /// <summary>Where it is not yet: begins the transaction, with the first statement.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (IsOpened) return;
        _opened = await source.OpenConnectionAsync(cancellationToken);
        _transaction = await _opened.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
    }

    /// <summary>Has a statement wait.</summary>
    public void Queue(string sql, object? args)
    {
        _queues = true;
        try
        {
            this.Execute(sql, args);
        }
        finally
        {
            _queues = false;
        }
    }

    /// <summary>What waits, and then COMMIT. It has begun.</summary>
    public async Task CommitAsync()
    {
        // A transaction in which a statement has failed would answer COMMIT with a rollback, and the driver would not tell. Any other statement fails in it.
        if (!_waiting.Exists(IsNoSavepoint)) _waiting.Add(new NpgsqlBatchCommand("SELECT 1"));
        await using var batch = BatchWith(new NpgsqlBatchCommand("COMMIT"));
        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>Dapper asks for it where a connection is closed: opened again, it would go on outside of the unit's transaction.</summary>
    public override void Open() => throw new InvalidOperationException("The unit's connection was lost.");

    /// <summary>It is its database's to close.</summary>
    public override void Close()
    {
    }

    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException("A unit has one database.");

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => throw new NotSupportedException("A unit is a transaction.");

    protected override DbCommand CreateDbCommand() => new Command(this, new NpgsqlCommand());

    /// <summary>Without a commit, the transaction is rolled back.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_transaction is not null) await _transaction.DisposeAsync();
        if (_opened is not null) await _opened.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private static bool IsNoSavepoint(NpgsqlBatchCommand command) => !command.CommandText.Contains("SAVEPOINT", StringComparison.Ordinal);

    private void Begin()
    {
        if (IsOpened) return;
        _opened = source.OpenConnection();
        _transaction = _opened.BeginTransaction(IsolationLevel.ReadCommitted);
    }

    /// <summary>Everything that waits, and a last statement.</summary>
    private NpgsqlBatch BatchWith(NpgsqlBatchCommand last)
    {
        var batch = Opened.CreateBatch();
        foreach (var command in _waiting.Append(last)) batch.BatchCommands.Add(command);
        _waiting.Clear();
        return batch;
    }

    /// <summary>A command that takes along what waits, or joins it.</summary>
    private sealed class Command(UnitConnection unit, NpgsqlCommand command) : DbCommand
    {
        [AllowNull]
        public override string CommandText
        {
            get => command.CommandText;
            set => command.CommandText = value;
        }

        public override int CommandTimeout
        {
            get => command.CommandTimeout;
            set => command.CommandTimeout = value;
        }

        public override CommandType CommandType
        {
            get => command.CommandType;
            set => command.CommandType = value;
        }

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection
        {
            get => unit;
            set => throw new NotSupportedException("A unit's command belongs to its connection.");
        }

        protected override DbParameterCollection DbParameterCollection => command.Parameters;

        protected override DbTransaction? DbTransaction { get; set; }

        public override int ExecuteNonQuery()
        {
            if (unit._queues)
            {
                unit._waiting.Add(InBatch());
                return 0;
            }

            Begin();
            if (unit._waiting.Count == 0) return command.ExecuteNonQuery();
            var last = InBatch();
            using var batch = unit.BatchWith(last);
            batch.ExecuteNonQuery();
            return (int)last.RecordsAffected;
        }

        public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
        {
            await BeginAsync(cancellationToken);
            if (unit._waiting.Count == 0) return await command.ExecuteNonQueryAsync(cancellationToken);
            var last = InBatch();
            await using var batch = unit.BatchWith(last);
            await batch.ExecuteNonQueryAsync(cancellationToken);
            return (int)last.RecordsAffected;
        }

        public override object? ExecuteScalar()
        {
            using var reader = ExecuteReader();
            return reader.Read() ? reader.GetValue(0) : null;
        }

        public override async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken)
        {
            await using var reader = await ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken) ? reader.GetValue(0) : null;
        }

        public override void Prepare()
        {
            Begin();
            command.Prepare();
        }

        public override void Cancel() => command.Cancel();

        protected override DbParameter CreateDbParameter() => command.CreateParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior)
        {
            Begin();
            if (unit._waiting.Count == 0) return command.ExecuteReader(behavior);
            var others = unit._waiting.Count(ReturnsRows);
            var reader = unit.BatchWith(InBatch()).ExecuteReader(ForBatch(behavior));
            try
            {
                for (var i = 0; i < others; i++) reader.NextResult();
                return reader;
            }
            catch
            {
                reader.Dispose();
                throw;
            }
        }

        protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken)
        {
            await BeginAsync(cancellationToken);
            if (unit._waiting.Count == 0) return await command.ExecuteReaderAsync(behavior, cancellationToken);
            var others = unit._waiting.Count(ReturnsRows);
            var reader = await unit.BatchWith(InBatch()).ExecuteReaderAsync(ForBatch(behavior), cancellationToken);
            try
            {
                for (var i = 0; i < others; i++) await reader.NextResultAsync(cancellationToken);
                return reader;
            }
            catch
            {
                await reader.DisposeAsync();
                throw;
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) command.Dispose();
            base.Dispose(disposing);
        }

        /// <summary>Which a batch answers by a result of their own.</summary>
        private static bool ReturnsRows(NpgsqlBatchCommand waiting) => waiting.CommandText.StartsWith("SELECT", StringComparison.Ordinal);

        /// <summary>A batch has several results.</summary>
        private static CommandBehavior ForBatch(CommandBehavior behavior) => behavior & ~(CommandBehavior.SingleResult | CommandBehavior.SingleRow);

        private void Begin()
        {
            unit.Begin();
            command.Connection = unit.Opened;
        }

        private async Task BeginAsync(CancellationToken cancellationToken)
        {
            await unit.BeginAsync(cancellationToken);
            command.Connection = unit.Opened;
        }

        private NpgsqlBatchCommand InBatch()
        {
            var moved = new NpgsqlBatchCommand(command.CommandText);
            var parameters = command.Parameters.ToList();
            command.Parameters.Clear();
            foreach (var parameter in parameters) moved.Parameters.Add(parameter);
            return moved;
        }
    }

    /// <summary>Dapper knows by the name of a connection's type whether arrays can be parameters, or must be written out.</summary>
    private sealed class NpgsqlConnection(NpgsqlDataSource source) : UnitConnection(source);
}
