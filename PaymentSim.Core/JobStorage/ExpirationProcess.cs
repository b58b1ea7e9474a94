using Hangfire.Server;
using Hangfire.States;
using Microsoft.Extensions.Logging;
using PaymentSim.Core.Storage.Sqlite;

namespace PaymentSim.Core.JobStorage;

/// <summary>
/// Removes what has expired, a batch at a time: other writers get their turn in between. Hangfire runs it, again and again, as long as a
/// job server runs.
/// </summary>
internal sealed partial class ExpirationProcess(JobStore store, ILogger logger) : IBackgroundProcess
{
    private const string SelectExpired = "SELECT id, state FROM jobs WHERE expire_at IS NOT NULL AND expire_at <= ?1 ORDER BY expire_at LIMIT ?2";

    /// <summary>The inner query bounds what is looked at, however many failed jobs there are that may stay.</summary>
    private const string SelectFailed =
        """
        SELECT id, state FROM
            (SELECT id, state, state_at FROM jobs WHERE state = ?3 AND list_order IS NOT NULL ORDER BY list_order LIMIT ?2)
        WHERE state_at <= ?1
        """;

    public void Execute(BackgroundProcessContext context)
    {
        var jobs = 0;
        while (!context.IsStopping && RemoveBatch() is > 0 and var removed) jobs += removed;
        if (jobs > 0) LogRemoved(jobs);
        context.Wait(store.Options.ExpirationInterval);
    }

    public override string ToString() => "Expiration of SQLite jobs";

    /// <summary>Removes one batch of each kind, and answers how many jobs went.</summary>
    public int RemoveBatch()
    {
        var now = store.Clock.Now();
        var retention = store.Options.FailedJobRetention.TotalMilliseconds;
        var failedBefore = retention >= now ? long.MinValue : now - (long)retention;
        // Most of the time nothing has expired: to find that out, nobody need be held up.
        if (!store.Read(connection => HasExpired(connection, now, failedBefore))) return 0;
        return store.Write(connection =>
        {
            RemoveCollections(connection, now);
            var expired = Select(connection, SelectExpired, now);
            var removed = RemoveJobs(connection, expired);
            return removed + RemoveJobs(connection, SelectOldFailures(connection, failedBefore));
        });
    }

    private bool HasExpired(PreparedConnection connection, long now, long failedBefore) =>
        Select(connection, SelectExpired, now).Count > 0
        || SelectOldFailures(connection, failedBefore).Count > 0
        || connection
            .Prepare("SELECT EXISTS (SELECT 1 FROM job_counters WHERE expire_at <= ?1) OR EXISTS (SELECT 1 FROM job_expirations WHERE expire_at <= ?1)")
            .Bind(now).First(row => row.Int64(0)) == 1;

    private List<Gone> Select(PreparedConnection connection, string sql, long before) =>
        connection.Prepare(sql).Bind(before).Bind(store.Options.ExpirationBatch).Query(row => new Gone(row.Int64(0), row.TextOrNull(1)));

    private List<Gone> SelectOldFailures(PreparedConnection connection, long before) =>
        connection.Prepare(SelectFailed).Bind(before).Bind(store.Options.ExpirationBatch).Bind(FailedState.StateName)
            .Query(row => new Gone(row.Int64(0), row.TextOrNull(1)));

    private int RemoveJobs(PreparedConnection connection, List<Gone> jobs)
    {
        foreach (var job in jobs)
        {
            connection.Prepare("DELETE FROM job_states WHERE job_id = ?1").Bind(job.Id).Execute();
            connection.Prepare("DELETE FROM jobs WHERE id = ?1").Bind(job.Id).Execute();
        }

        var counts = jobs.Where(job => StateCounts.IsListed(job.State)).GroupBy(job => job.State!)
            .Select(state => KeyValuePair.Create(state.Key, -(long)state.Count())).ToList();
        store.Database.AfterCommit(() => store.Counts.Add(counts));
        return jobs.Count;
    }

    private static void RemoveCollections(PreparedConnection connection, long now)
    {
        connection.Prepare("DELETE FROM job_counters WHERE expire_at <= ?1").Bind(now).Execute();
        var expired = connection.Prepare("SELECT kind, key FROM job_expirations WHERE expire_at <= ?1").Bind(now)
            .Query(row => (Kind: row.Text(0), Key: row.Text(1)));
        foreach (var (kind, key) in expired) connection.Prepare(JobCollections.Delete(kind)).Bind(key).Execute();
        connection.Prepare("DELETE FROM job_expirations WHERE expire_at <= ?1").Bind(now).Execute();
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Removed {Count} expired jobs")]
    private partial void LogRemoved(int count);

    private sealed record Gone(long Id, string? State);
}
