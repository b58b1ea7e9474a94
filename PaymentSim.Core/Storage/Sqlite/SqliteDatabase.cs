using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace PaymentSim.Core.Storage.Sqlite;

/// <summary>The embedded default: one file in WAL mode, owned by this process, one writer with group commit, many readers.</summary>
internal sealed partial class SqliteDatabase : Database, IDisposable
{
    private const int BusyTimeoutMilliseconds = 5000;

    /// <summary>What SQLite calls it by.</summary>
    private const long IncrementalVacuum = 2;

    private readonly string _file;
    private readonly FileStream _owner;
    private readonly SafeFileHandle _flushed;
    private readonly SqliteWriter _writer;
    private readonly ILogger _logger;
    private readonly ConcurrentBag<PreparedConnection> _readers = [];
    private volatile bool _disposed;

    /// <exception cref="StorageException">Another process has the file, it is of a newer program, or the folder cannot be written.</exception>
    public SqliteDatabase(StorageOptions options, TimeProvider clock, ILogger<SqliteDatabase> logger)
    {
        _file = options.DatabaseFile;
        _logger = logger;
        _owner = TakeOwnership(options);
        try
        {
            using (var connection = Open(new SqliteConnection(ConnectionString(SqliteOpenMode.ReadWriteCreate))))
            {
                // It must precede the first table. Set once more it would be written once more: a start needs no space on a disk that is full.
                if (connection.ExecuteScalar<long>("PRAGMA auto_vacuum") != IncrementalVacuum) Execute(connection, "PRAGMA auto_vacuum = INCREMENTAL");
                Execute(connection, "PRAGMA journal_mode = WAL");
                Migrator.Migrate(connection, Migration.Load("sqlite"), _file, clock);
            }

            var (writer, copier) = (OpenWriter(), OpenWriter());
            _flushed = File.OpenHandle(_file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            _writer = new SqliteWriter(writer, new Checkpointer(writer, copier, _flushed, logger), logger);
        }
        catch (Exception failure)
        {
            _owner.Dispose();
            throw failure is SqliteException ? new StorageException($"The database {_file} cannot be opened: {failure.Message}", failure) : failure;
        }
    }

    public override bool HasSingleOwner => true;

    public override string Location => Path.GetDirectoryName(_file)!;

    internal override string ForUpdate => "";

    public override Task<IAsyncDisposable?> TryTakeTurnAsync(string work, CancellationToken cancellationToken = default) =>
        Task.FromResult<IAsyncDisposable?>(OwnersTurn.Instance);

    internal override string AnyOf(string column, string parameter) => $"{column} IN {parameter}";

    internal override string RowId => "rowid";

    /// <summary>
    /// 64 pages of 4 KB. Space that a refused commit had taken at the end of the log stays there, for whatever is small enough. Random, since a page that would not change is not written.
    /// </summary>
    internal override string Ballast => "hex(randomblob(131072))";

    internal override Task<IReadOnlyList<string>> TablesWithAsync(string column) => QueryAsync<string>(
        "SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND c.name = @column ORDER BY t.name", new { column });

    internal override string JsonText(string column, params string[] path) => $"CAST(json_extract({column}, '$.{string.Join('.', path)}') AS TEXT)";

    internal override string JsonMember(string column, string parameter) => $"(SELECT value FROM json_each({column}) WHERE key = {parameter})";

    internal override Task LockAsync(string owner, string name) => Task.CompletedTask;

    internal override Task ExpectAsync(string condition, object args) => Task.CompletedTask;

    public override bool TryGather(Gathering gathering, string item)
    {
        Required.Gathered.Add((gathering, item));
        return true;
    }

    public override Task PostAsync(Func<Task> unit)
    {
        if (AmbientUnit is not null) return unit();
        _ = LogFailureAsync(unit);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        // The writer goes last: only a connection that may write can copy the WAL into the file and remove it.
        while (_readers.TryTake(out var reader)) reader.Dispose();
        _writer.Dispose();
        // And not before any connection: a process that closes a file gives up the locks that it has on it by other handles.
        _flushed.Dispose();
        _owner.Dispose();
    }

    private async Task LogFailureAsync(Func<Task> unit)
    {
        try
        {
            await WhenWritable.DoAsync(
                () => WriteAsync(async () =>
                {
                    await unit();
                    return true;
                }),
                CancellationToken.None);
        }
        catch (Exception failure)
        {
            LogLost(failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A write that nobody waited for failed")]
    private partial void LogLost(Exception failure);

    private protected override Task<Committed<T>> CommitAsync<T>(Func<Task<T>> unit, CancellationToken cancellationToken) =>
        _writer.EnqueueAsync(unit, cancellationToken);

    private protected override Committed<T> Commit<T>(Func<DbConnection, T> unit) => _writer.Execute(unit);

    private protected override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read)
    {
        var connection = TakeReader();
        try
        {
            return await read(connection);
        }
        catch (SqliteException failure) when (SqliteWriter.IsUnavailable(failure))
        {
            throw SqliteWriter.Unavailable(failure);
        }
        finally
        {
            ReturnReader(connection);
        }
    }

    private protected override T ReadOnly<T>(Func<DbConnection, T> read)
    {
        var connection = TakeReader();
        try
        {
            return read(connection);
        }
        catch (SqliteException failure) when (SqliteWriter.IsUnavailable(failure))
        {
            throw SqliteWriter.Unavailable(failure);
        }
        finally
        {
            ReturnReader(connection);
        }
    }

    private PreparedConnection TakeReader()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _readers.TryTake(out var connection) ? connection : Open(new PreparedConnection(ConnectionString(SqliteOpenMode.ReadOnly)));
    }

    private void ReturnReader(PreparedConnection connection)
    {
        if (_disposed) connection.Dispose();
        else _readers.Add(connection);
    }

    private PreparedConnection OpenWriter()
    {
        var connection = Open(new PreparedConnection(ConnectionString(SqliteOpenMode.ReadWrite)));
        // FULL makes every commit durable; group commit shares its cost.
        Execute(connection, "PRAGMA synchronous = FULL");
        // Every unit is a savepoint, for which SQLite keeps each page as it was before: in a temporary file, written again for every unit, unless told otherwise.
        Execute(connection, "PRAGMA temp_store = MEMORY");
        return connection;
    }

    private string ConnectionString(SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = _file,
        Mode = mode,
        Pooling = false,
        // The provider repeats a busy command for this long, 30 s unless told, each time after SQLite's own busy_timeout.
        DefaultTimeout = BusyTimeoutMilliseconds / 1000,
    }.ToString();

    private static T Open<T>(T connection)
        where T : SqliteConnection
    {
        try
        {
            connection.Open();
            Execute(connection, $"PRAGMA busy_timeout = {BusyTimeoutMilliseconds}");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static FileStream TakeOwnership(StorageOptions options)
    {
        try
        {
            Directory.CreateDirectory(options.DataDirectory);
            return new FileStream(options.DatabaseFile + ".owner", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw File.Exists(options.DatabaseFile + ".owner") && failure is IOException
                ? new StorageException(
                    $"Another PaymentSim already runs on {options.DatabaseFile}. An SQLite file serves one process: "
                    + "give this one another PaymentSim:DataDirectory (several processes on one database need PostgreSQL: PaymentSim:Storage=postgres).",
                    failure)
                : new StorageException($"The data directory {options.DataDirectory} cannot be written: {failure.Message}", failure);
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The file's one owner need not share its turns.</summary>
    private sealed class OwnersTurn : IAsyncDisposable
    {
        public static readonly OwnersTurn Instance = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
