using System.Data;
using System.Globalization;
using System.Transactions;
using Dapper;
using Hangfire.PostgreSql;
using Hangfire.Storage;
using Npgsql;

namespace PaymentSim.Core.JobStorage;

/// <summary>
/// How the workers of <see cref="PostgresJobs"/> come to their jobs: at once where this node enqueued them, within a second where another did. The package's own
/// way to be woken listens anew (<c>LISTEN</c>) each time that a worker is idle. Where that ends in the microsecond in which the waiting begins, Npgsql 10.0.3
/// does not see the end: the worker then stands still, with the job that it has just fetched, until anything is enqueued next.
/// </summary>
internal sealed class PostgresJobQueue : IPersistentJobQueueProvider, IPersistentJobQueue
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly PostgreSqlStorage _storage;
    private readonly NpgsqlDataSource _source;
    private readonly AutoResetEvent _enqueued = new(initialState: false);
    private readonly Monitoring _monitoring;
    private readonly string _fetch;
    private readonly string _add;

    /// <param name="storage">The storage that is to have this queue.</param>
    /// <param name="source">Its connections.</param>
    /// <param name="queues">The names of all queues that workers look for.</param>
    public static void AddTo(PostgreSqlStorage storage, NpgsqlDataSource source, IReadOnlyCollection<string> queues) =>
        storage.QueueProviders.Add(new PostgresJobQueue(storage, source, storage.QueueProviders.GetProvider("").GetJobQueueMonitoringApi()), queues);

    private PostgresJobQueue(PostgreSqlStorage storage, NpgsqlDataSource source, IPersistentJobQueueMonitoringApi known)
    {
        (_storage, _source, _monitoring) = (storage, source, new Monitoring(known));
        // In the order of the index that the package makes.
        _fetch =
            $"""
            UPDATE {PostgresJobs.Schema}.jobqueue SET fetchedat = NOW() WHERE id = (
                SELECT id FROM {PostgresJobs.Schema}.jobqueue
                WHERE queue = ANY (@queues) AND (fetchedat IS NULL OR fetchedat < NOW() - INTERVAL '{PostgresJobs.Invisibility.TotalSeconds} seconds')
                ORDER BY fetchedat NULLS FIRST, queue, jobid LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, jobid AS JobId, queue, fetchedat AS FetchedAt
            """;
        _add = $"INSERT INTO {PostgresJobs.Schema}.jobqueue (jobid, queue) VALUES (@id, @queue)";
    }

    public IPersistentJobQueue GetJobQueue() => this;

    public IPersistentJobQueueMonitoringApi GetJobQueueMonitoringApi() => _monitoring;

    /// <summary>Waits for a job in any of these queues and takes it; it comes back where nobody says any more that it is being worked on.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public IFetchedJob Dequeue(string[] queues, CancellationToken cancellationToken)
    {
        WaitHandle[] signals = [cancellationToken.WaitHandle, _enqueued];
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Fetch(queues) is { } entry)
            {
                // Commits that came together were one signal: whoever waits looks whether there is more.
                _enqueued.Set();
                return new PostgreSqlFetchedJob(_storage, entry.Id, JobIds.ToText(entry.JobId), entry.Queue, entry.FetchedAt);
            }

            WaitHandle.WaitAny(signals, PollInterval);
        }
    }

    /// <summary>Inside the transaction of this connection: a worker is woken once that is committed.</summary>
    public void Enqueue(IDbConnection connection, string queue, string jobId)
    {
        connection.Execute(_add, new { id = long.Parse(jobId, CultureInfo.InvariantCulture), queue });
        if (Transaction.Current is not { } transaction) throw new InvalidOperationException("A job is enqueued in a transaction.");
        transaction.TransactionCompleted += (_, ended) =>
        {
            if (ended.Transaction?.TransactionInformation.Status == TransactionStatus.Committed) _enqueued.Set();
        };
    }

    private Entry? Fetch(string[] queues)
    {
        using var connection = _source.OpenConnection();
        return connection.QuerySingleOrDefault<Entry>(_fetch, new { queues });
    }

    private sealed record Entry(long Id, long JobId, string Queue, DateTime FetchedAt);

    /// <summary>What the package knows of its queues; which they are it tells itself.</summary>
    private sealed class Monitoring(IPersistentJobQueueMonitoringApi known) : IPersistentJobQueueMonitoringApi
    {
        public IEnumerable<string> GetQueues() => [];

        public IEnumerable<long> GetEnqueuedJobIds(string queue, int from, int perPage) => known.GetEnqueuedJobIds(queue, from, perPage);

        public IEnumerable<long> GetFetchedJobIds(string queue, int from, int perPage) => known.GetFetchedJobIds(queue, from, perPage);

        public EnqueuedAndFetchedCountDto GetEnqueuedAndFetchedCount(string queue) => known.GetEnqueuedAndFetchedCount(queue);
    }
}
