using System.Globalization;
using Hangfire.States;
using Hangfire.Storage;
using Hangfire.Storage.Monitoring;
using PaymentSim.Core.Storage.Sqlite;

namespace PaymentSim.Core.JobStorage;

/// <summary>What the dashboard shows: counts come from memory, lists and graphs from one indexed query each.</summary>
internal sealed partial class SqliteJobMonitor(JobStore store) : JobStorageMonitor
{
    private const int TopJobsPerQueue = 5;

    public override IList<QueueWithTopEnqueuedJobsDto> Queues() =>
    [
        .. store.Queues.Names.Select(queue => new QueueWithTopEnqueuedJobsDto
        {
            Name = queue,
            Length = store.Queues.Count(queue).Ready,
            Fetched = store.Queues.Count(queue).Fetched,
            FirstJobs = EnqueuedJobs(queue, 0, TopJobsPerQueue),
        }),
    ];

    public override IList<ServerDto> Servers() => [.. store.Servers.All];

    public override JobDetailsDto? JobDetails(string jobId)
    {
        ArgumentNullException.ThrowIfNull(jobId);
        if (JobReader.Find(store, jobId) is not { } job) return null;
        return new JobDetailsDto
        {
            Job = job.Load(out var failure),
            LoadException = failure,
            InvocationData = job.Invocation,
            CreatedAt = JobClock.ToDateTime(job.CreatedAt),
            ExpireAt = job.ExpireAt is { } time ? JobClock.ToDateTime(time) : null,
            Properties = JobTexts.Read(job.Parameters),
            History = History(job.Id),
        };
    }

    public override StatisticsDto GetStatistics()
    {
        var (succeeded, deleted, recurring, retries) = Read(connection => connection
            .Prepare(
                """
                SELECT
                    (SELECT value FROM job_counters WHERE key = 'stats:succeeded'),
                    (SELECT value FROM job_counters WHERE key = 'stats:deleted'),
                    (SELECT COUNT(*) FROM job_sets WHERE key = 'recurring-jobs'),
                    (SELECT COUNT(*) FROM job_sets WHERE key = 'retries')
                """)
            .First(row => (row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3))));
        return new StatisticsDto
        {
            Servers = store.Servers.Count,
            Queues = store.Queues.Names.Length,
            Enqueued = store.Queues.ReadyCount,
            Scheduled = ScheduledCount(),
            Processing = ProcessingCount(),
            Failed = FailedCount(),
            Awaiting = AwaitingCount(),
            Succeeded = succeeded,
            Deleted = deleted,
            Recurring = recurring,
            Retries = retries,
        };
    }

    public override long EnqueuedCount(string queue) => store.Queues.Count(queue).Ready;

    public override long FetchedCount(string queue) => store.Queues.Count(queue).Fetched;

    public override long ScheduledCount() => Count(ScheduledState.StateName);

    public override long FailedCount() => Count(FailedState.StateName);

    public override long ProcessingCount() => Count(ProcessingState.StateName);

    public override long SucceededListCount() => Count(SucceededState.StateName);

    public override long DeletedListCount() => Count(DeletedState.StateName);

    public override long AwaitingCount() => Count(AwaitingState.StateName);

    public override IDictionary<DateTime, long> SucceededByDatesCount() => Days("succeeded");

    public override IDictionary<DateTime, long> FailedByDatesCount() => Days("failed");

    public override IDictionary<DateTime, long> DeletedByDatesCount() => Days("deleted");

    public override IDictionary<DateTime, long> HourlySucceededJobs() => Hours("succeeded");

    public override IDictionary<DateTime, long> HourlyFailedJobs() => Hours("failed");

    public override IDictionary<DateTime, long> HourlyDeletedJobs() => Hours("deleted");

    /// <summary>Newest first; the current state stands on the job's row, the others in the history.</summary>
    private long Count(string state)
    {
        store.Held.WaitForPosted();
        return store.Counts[state];
    }

    private T Read<T>(Func<PreparedConnection, T> read)
    {
        store.Held.WaitForPosted();
        return store.Read(read);
    }

    private List<StateHistoryDto> History(long id) => Read(connection => connection
        .Prepare(
            """
            SELECT number, name, reason, created_at, data FROM job_states WHERE job_id = ?1
            UNION ALL
            SELECT state_number, state, state_reason, state_at, state_data FROM jobs WHERE id = ?1 AND state IS NOT NULL
            ORDER BY 1 DESC
            """)
        .Bind(id)
        .Query(row => new StateHistoryDto
        {
            StateName = row.Text(1),
            Reason = row.TextOrNull(2),
            CreatedAt = JobClock.ToDateTime(row.Int64(3)),
            Data = JobTexts.Read(row.TextOrNull(4)),
        }));

    private Dictionary<DateTime, long> Days(string state)
    {
        var today = store.Clock.UtcDateTime.Date;
        return Graph(Enumerable.Range(0, 7).Select(day => today.AddDays(-day)), state, "yyyy-MM-dd");
    }

    private Dictionary<DateTime, long> Hours(string state)
    {
        var now = store.Clock.UtcDateTime;
        return Graph(Enumerable.Range(0, 24).Select(hour => now.AddHours(-hour)), state, "yyyy-MM-dd-HH");
    }

    /// <summary>Hangfire's statistics filter counts in these counters as part of each state change.</summary>
    private Dictionary<DateTime, long> Graph(IEnumerable<DateTime> times, string state, string format) => Read(connection => times.ToDictionary(
        time => time,
        time => connection.Prepare("SELECT value FROM job_counters WHERE key = ?1")
            .Bind($"stats:{state}:{time.ToString(format, CultureInfo.InvariantCulture)}").First(row => row.Int64(0))));
}
