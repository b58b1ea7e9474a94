using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace PaymentSim.Core.Storage.Sqlite;

internal sealed partial class SqliteDatabase
{
    /// <summary>
    /// Copies the write-ahead log back into the file. SQLite does that within a commit, which then takes 20 to 30 ms instead of one, and with it
    /// every request that waits; here a thread with a connection of its own copies while commits go on, sees to it that the disk has what was copied, and then
    /// copies what was committed meanwhile. The little that is left at last the writer copies itself, between two commits, and so can begin its log anew.
    /// </summary>
    private sealed partial class Checkpointer : IDisposable
    {
        /// <summary>Pages of the log before they are copied: fewer, larger copies than SQLite's own 1,000 pages gave a fifth more writes.</summary>
        private const int Threshold = 4000;

        /// <summary>Pages that are written while others are copied: a writer that is faster than the copying waits for it here, so that the log stays bounded.</summary>
        private const int Limit = 4 * Threshold;

        /// <summary>Pages that the writer may copy itself, which takes a few milliseconds: what was written while others were copied is copied in the same way until so few are left.</summary>
        private const int Rest = 250;

        private readonly PreparedConnection _writer;
        private readonly PreparedConnection _own;
        private readonly SafeFileHandle _file;
        private readonly ILogger _logger;
        private readonly SemaphoreSlim _wanted = new(0);
        private readonly SemaphoreSlim _done = new(0);
        private readonly Thread _thread;
        private volatile bool _closed;
        private volatile bool _hasFailed;
        private bool _isWanted;
        private bool _isCopying;
        private int _pages;

        /// <param name="writer">The writing connection. It no longer copies by itself.</param>
        /// <param name="own">A connection for this thread alone.</param>
        /// <param name="file">The database's file. SQLite itself flushes it only when the whole log was copied, so that the writer, which waits then, would wait for every page: 15 to 25 ms instead of 2 to 8.</param>
        /// <param name="logger">Is told what went wrong.</param>
        public Checkpointer(PreparedConnection writer, PreparedConnection own, SafeFileHandle file, ILogger logger)
        {
            (_writer, _own, _file, _logger) = (writer, own, file, logger);
            writer.Prepare("PRAGMA wal_autocheckpoint = 0").Execute();
            _thread = new Thread(Run) { IsBackground = true, Name = "PaymentSim SQLite checkpoints" };
            _thread.Start();
        }

        /// <summary>To be called by the writer's thread between two commits.</summary>
        public void BetweenCommits()
        {
            raw.sqlite3_db_status(_writer.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var written, out _, resetFlg: 1);
            var pages = Interlocked.Add(ref _pages, written);
            if (!_isCopying)
            {
                if (pages < Threshold && !_isWanted) return;
                (_isCopying, _isWanted) = (true, false);
                _wanted.Release();
            }
            else if (_done.Wait(pages < Limit ? TimeSpan.Zero : Timeout.InfiniteTimeSpan))
            {
                _isCopying = false;
                _pages = 0;
                Copy(_writer);
            }
        }

        /// <summary>To be called by the writer's thread: the log is copied after this commit, however little it holds.</summary>
        public void CopySoon() => _isWanted = true;

        public void Dispose()
        {
            _closed = true;
            _wanted.Release();
            _thread.Join();
            _own.Dispose();
            _wanted.Dispose();
            _done.Dispose();
        }

        private void Run()
        {
            while (true)
            {
                _wanted.Wait();
                if (_closed) return;
                for (int before = int.MaxValue, left = Limit; left > Rest && left < before;)
                {
                    Interlocked.Exchange(ref _pages, 0);
                    Copy(_own);
                    Flush();
                    // As long as they become fewer: a writer that is faster than the copying must wait for it.
                    (before, left) = (left, Volatile.Read(ref _pages));
                }

                _done.Release();
            }
        }

        /// <summary>As much as can be copied without waiting for anybody.</summary>
        private void Copy(PreparedConnection connection)
        {
            try
            {
                connection.Prepare("PRAGMA wal_checkpoint(PASSIVE)").Execute();
                _hasFailed = false;
            }
            catch (SqliteException failure)
            {
                // The log still holds every commit, and is copied when this is tried again. It is said once, not at every try.
                if (!_hasFailed) LogNotCopied(_logger, failure);
                _hasFailed = true;
            }
        }

        /// <summary>What was copied until now need not reach the disk while the writer waits.</summary>
        private void Flush()
        {
            try
            {
                RandomAccess.FlushToDisk(_file);
            }
            catch (IOException)
            {
                // SQLite asks for the same before it relies on it, and is told then.
            }
        }

        [LoggerMessage(Level = LogLevel.Warning, Message = "The write-ahead log could not be copied into the database file; it grows until it can")]
        private static partial void LogNotCopied(ILogger logger, Exception failure);
    }
}
