using System.Data.Common;
using System.Runtime.ExceptionServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace PaymentSim.Core.Storage.Sqlite;

internal sealed partial class SqliteDatabase
{
    /// <summary>One thread owns the writing connection and commits the units that wait, together.</summary>
    private sealed class SqliteWriter : IDisposable
    {
        /// <summary>Bounds how long a commit, and so the first unit in it, can take.</summary>
        private const int MaxUnitsPerCommit = 256;

        private readonly PreparedConnection _connection;
        private readonly Checkpointer _checkpointer;
        private readonly ILogger _logger;
        private readonly Outage _outage;
        private readonly Queue<Work> _queue = [];
        private readonly Thread _thread;
        private bool _closed;

        /// <param name="connection">Its own, for writing.</param>
        /// <param name="checkpointer">Copies what this writes into the database's file; closed with this.</param>
        /// <param name="logger">Is told of commits that failed.</param>
        public SqliteWriter(PreparedConnection connection, Checkpointer checkpointer, ILogger logger)
        {
            _connection = connection;
            _checkpointer = checkpointer;
            _logger = logger;
            _outage = new Outage(connection, logger);
            _thread = new Thread(Run) { IsBackground = true, Name = "PaymentSim SQLite writer" };
            _thread.Start();
        }

        public Task<Committed<T>> EnqueueAsync<T>(Func<Task<T>> unit, CancellationToken cancellationToken)
        {
            var work = new Work<T>(unit, cancellationToken);
            Add(work);
            return work.Completion.Task;
        }

        /// <summary>Blocks until the unit is on the disk, without any thread of the pool taking part.</summary>
        public Committed<T> Execute<T>(Func<DbConnection, T> unit)
        {
            var work = new BlockingWork<T>(unit);
            Add(work);
            return work.Wait();
        }

        /// <summary>Inside a unit: the log is copied into the file after the unit's commit, however little it holds.</summary>
        public void CopySoon() => _checkpointer.CopySoon();

        public void Dispose()
        {
            lock (_queue)
            {
                _closed = true;
                Monitor.Pulse(_queue);
            }

            _thread.Join();
            _checkpointer.Dispose();
            _connection.Dispose();
        }

        /// <summary>Why the database cannot be used now, where that is what this failure comes from: libraries wrap what is thrown through them.</summary>
        public static SqliteException? UnavailableCause(Exception? failure)
        {
            while (failure is not null and not SqliteException) failure = failure.InnerException;
            return failure is SqliteException cause && IsUnavailable(cause) ? cause : null;
        }

        public static bool IsUnavailable(SqliteException failure) => failure.SqliteErrorCode
            is SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_IOERR or SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_BUSY
            or SQLitePCL.raw.SQLITE_CANTOPEN or SQLitePCL.raw.SQLITE_NOMEM;

        public static ProblemException Unavailable(SqliteException failure) => new(
            new Problem(ProblemKind.Unavailable, null, $"The database cannot be used right now, and nothing was changed: {failure.Message} Try again later."),
            failure);

        private void Run()
        {
            var batch = new List<Work>(MaxUnitsPerCommit);
            while (TakeBatch(batch))
            {
                try
                {
                    CommitTogether(batch);
                    _outage.Committed();
                }
                catch (Exception failure)
                {
                    // Nothing of this batch is on the disk: every caller must know.
                    if (_connection.IsInTransaction) TryRollback();
                    _outage.Failed(failure, batch.Count);
                    foreach (var work in batch) work.Failure = failure;
                }

                foreach (var work in batch)
                {
                    work.Settle();
                    work.Complete();
                }

                _checkpointer.BetweenCommits();
            }
        }

        private void Add(Work work)
        {
            lock (_queue)
            {
                ObjectDisposedException.ThrowIf(_closed, typeof(Database));
                _queue.Enqueue(work);
                Monitor.Pulse(_queue);
            }
        }

        private bool TakeBatch(List<Work> batch)
        {
            batch.Clear();
            lock (_queue)
            {
                while (_queue.Count == 0)
                {
                    if (_closed) return false;
                    Monitor.Wait(_queue);
                }

                while (batch.Count < MaxUnitsPerCommit && _queue.TryDequeue(out var work)) batch.Add(work);
            }

            return true;
        }

        private void CommitTogether(List<Work> batch)
        {
            Execute("BEGIN IMMEDIATE");
            foreach (var work in batch)
            {
                if (work.CancelIfAsked()) continue;
                Execute("SAVEPOINT unit");
                work.Run(_connection);
                if (work.Failure is null)
                {
                    Execute("RELEASE SAVEPOINT unit");
                    continue;
                }

                // A full disk makes SQLite roll the whole transaction back: then no unit of this batch was written.
                if (!_connection.IsInTransaction) throw work.Failure;
                Execute("ROLLBACK TO SAVEPOINT unit");
                Execute("RELEASE SAVEPOINT unit");
            }

            WriteGathered(batch);
            Execute("COMMIT");
        }

        /// <summary>What the units left to be written for all of them: works of their own at the end of the batch.</summary>
        private void WriteGathered(List<Work> batch)
        {
            Dictionary<Gathering, List<string>>? gathered = null;
            foreach (var (gathering, item) in batch.SelectMany(work => work.Gathered))
            {
                gathered ??= [];
                if (!gathered.TryGetValue(gathering, out var items)) gathered.Add(gathering, items = []);
                items.Add(item);
            }

            foreach (var (gathering, items) in gathered ?? [])
            {
                var work = new GatheredWork(gathering, items);
                batch.Add(work);
                work.Run(_connection);
                if (work.Failure is not null) throw work.Failure;
            }
        }

        private void TryRollback()
        {
            try
            {
                Execute("ROLLBACK");
            }
            catch (SqliteException failure)
            {
                _logger.LogError(failure, "A failed commit could not be rolled back");
            }
        }

        private void Execute(string sql) => _connection.Prepare(sql).Execute();

        private abstract class Work(CancellationToken cancellationToken)
        {
            private WriteUnit? _unit;

            public Exception? Failure { get; set; }

            protected bool IsCancelled { get; private set; }

            /// <summary>What the caller gets where the unit is not on the disk.</summary>
            protected Exception? Reported => UnavailableCause(Failure) is { } cause ? Unavailable(cause) : Failure;

            /// <summary>A caller that has gone by now gets nothing written; later it is too late.</summary>
            public bool CancelIfAsked() => IsCancelled = cancellationToken.IsCancellationRequested;

            public void Run(SqliteConnection connection)
            {
                Current = _unit = new WriteUnit(connection) { BoundToThread = true };
                try
                {
                    Run(_unit);
                }
                catch (Exception failure)
                {
                    Failure = failure;
                }
                finally
                {
                    Current = null;
                    _unit.End();
                }
            }

            /// <summary>What the unit left for the end of the batch, if it is to be committed.</summary>
            public IReadOnlyList<(Gathering Gathering, string Item)> Gathered => Failure is null && _unit is not null ? _unit.Gathered : [];

            public void Settle() => _unit?.Settle(committed: Failure is null);

            public abstract void Complete();

            protected abstract void Run(WriteUnit unit);
        }

        private sealed class Work<T>(Func<Task<T>> unit, CancellationToken cancellationToken) : Work(cancellationToken)
        {
            private Committed<T> _result;

            public TaskCompletionSource<Committed<T>> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public override void Complete()
            {
                if (IsCancelled) Completion.SetCanceled();
                else if (Reported is { } failure) Completion.SetException(failure);
                else Completion.SetResult(_result);
            }

            protected override void Run(WriteUnit scope)
            {
                var task = unit();
                if (!task.IsCompleted)
                    throw new InvalidOperationException("A write unit awaited something other than its database. Do that before or after the unit.");
                _result = new Committed<T>(task.GetAwaiter().GetResult(), scope);
            }
        }

        private sealed class BlockingWork<T>(Func<DbConnection, T> unit) : Work(CancellationToken.None)
        {
            private Committed<T> _result;
            private bool _done;

            public Committed<T> Wait()
            {
                lock (this)
                {
                    while (!_done) Monitor.Wait(this);
                }

                if (Reported is { } failure) ExceptionDispatchInfo.Throw(failure);
                return _result;
            }

            public override void Complete()
            {
                lock (this)
                {
                    _done = true;
                    Monitor.Pulse(this);
                }
            }

            protected override void Run(WriteUnit scope) => _result = new Committed<T>(unit(scope.Connection), scope);
        }

        /// <summary>Nobody waits for it but those whose units left it.</summary>
        private sealed class GatheredWork(Gathering gathering, IReadOnlyList<string> items) : Work(CancellationToken.None)
        {
            private WriteUnit? _scope;

            public override void Complete()
            {
                if (Failure is not null) return;
                foreach (var action in _scope!.AfterCommit) action();
            }

            protected override void Run(WriteUnit scope)
            {
                _scope = scope;
                gathering.Write(items);
            }
        }
    }
}
