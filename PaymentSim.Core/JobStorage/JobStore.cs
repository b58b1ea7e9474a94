using System.Data.Common;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Storage.Sqlite;

namespace PaymentSim.Core.JobStorage;

/// <summary>What the connections of one storage share: the database, and all that lives in memory because one process owns the file.</summary>
internal sealed class JobStore
{
    private long _lastJob;
    private long _lastEntry;
    private long _lastListOrder;

    public JobStore(Database database, SqliteJobStorageOptions options, TimeProvider clock)
    {
        database.Claim("job storage");
        (Database, Options, Clock) = (database, options, new JobClock(clock));
        Queues = new JobQueues(Clock);
        // They say that they are alive every so many real seconds, however far the simulator's time is moved.
        Servers = new JobServers(new JobClock(clock.Reality()));
        Load();
    }

    public Database Database { get; }

    public SqliteJobStorageOptions Options { get; }

    public JobClock Clock { get; }

    public JobQueues Queues { get; }

    public JobServers Servers { get; }

    /// <summary>When the job server that last asked for a job is to stop. One that cannot be cancelled: there has been no server.</summary>
    public CancellationToken ServerStops { get; set; }

    public JobLocks Locks { get; } = new();

    public NewJobs NewJobs { get; } = new();

    public HeldJobs Held { get; } = new();

    public StateCounts Counts { get; } = new();

    public long NextJob() => Interlocked.Increment(ref _lastJob);

    public long NextEntry() => Interlocked.Increment(ref _lastEntry);

    /// <summary>Places on the lists are given in the order of the commits.</summary>
    public long NextListOrder() => Interlocked.Increment(ref _lastListOrder);

    public T Read<T>(Func<PreparedConnection, T> read) => Database.Read(connection => read(Prepared(connection)));

    public T Write<T>(Func<PreparedConnection, T> unit) => Database.Write(connection => unit(Prepared(connection)));

    private static PreparedConnection Prepared(DbConnection connection) => connection as PreparedConnection
        ?? throw new NotSupportedException("This job storage keeps jobs in an SQLite database only.");

    /// <summary>Every entry of the queues is ready: whoever had fetched one is gone with the process before this one.</summary>
    private void Load() => Read(connection =>
    {
        // The sequence outlives the rows: an id is never given twice, even where the job of the highest one is gone.
        _lastJob = connection.Prepare("SELECT seq FROM sqlite_sequence WHERE name = 'jobs'").First(row => row.Int64(0));
        var entries = connection.Prepare("SELECT id, queue, job_id FROM job_queue ORDER BY id")
            .Query(row => new QueueEntry(row.Text(1), row.Int64(0), row.Int64(2)));
        _lastEntry = entries.Count == 0 ? 0 : entries[^1].Number;
        Queues.Add(entries);

        var lists = connection.Prepare("SELECT state, COUNT(*), MAX(list_order) FROM jobs WHERE list_order IS NOT NULL GROUP BY state")
            .Query(row => (State: row.Text(0), Count: row.Int64(1), Last: row.Int64(2)));
        _lastListOrder = lists.Count == 0 ? 0 : lists.Max(list => list.Last);
        Counts.Add(lists.Select(list => KeyValuePair.Create(list.State, list.Count)));
        return true;
    });
}
