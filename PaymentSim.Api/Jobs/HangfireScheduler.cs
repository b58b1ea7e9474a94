using Hangfire;
using Hangfire.Common;
using Hangfire.Server;
using Hangfire.States;
using Hangfire.Storage;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.JobStorage;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Api.Jobs;

/// <summary>
/// Leaves Core's work as Hangfire jobs: in the write unit that asks for it where jobs are kept in the same file, so that both are on the disk
/// or neither; elsewhere right after the commit, where first attempts may share a job.
/// </summary>
internal sealed partial class HangfireScheduler(
    IBackgroundJobClientV2 client, JobStorage storage, LiveJobs live, DeliveryBatches batches, ReplayedJobs replayed, IJobFilterProvider filters, Database database,
    ILogger<HangfireScheduler> logger) : IJobScheduler
{
    public void Enqueue(IJob job, DateTimeOffset? notBefore = null)
    {
        if (job is DeliverWebhook { IsReplay: true } replay)
        {
            Replay(replay);
        }
        else if (storage is SqliteJobStorage)
        {
            live.GoesWith(database, job.Key);
            Create(job, notBefore);
        }
        else if (batches.Collects && job is DeliverWebhook { IsFirst: true } first && notBefore is null)
        {
            database.AfterCommit(() => batches.Add(first.DeliveryId));
        }
        else
        {
            database.AfterCommit(() => TryCreate(job, notBefore));
        }
    }

    /// <summary>A delivery has one job, as far as one is known: its replays are that one's.</summary>
    private void Replay(DeliverWebhook job)
    {
        if (storage is not SqliteJobStorage)
        {
            database.AfterCommit(() => replayed.RunSoon(job.DeliveryId));
            return;
        }

        live.GoesWith(database, job.DeliveryId);
        try
        {
            if (!replayed.TryRun(job.DeliveryId)) Create(job, notBefore: null);
        }
        catch (BackgroundJobClientException failure) when (failure.InnerException is DistributedLockTimeoutException)
        {
            // Somebody else is changing it, and may be waiting for the writer that this unit has.
            database.AfterCommit(() => replayed.RunSoon(job.DeliveryId));
        }
    }

    private void Create(IJob job, DateTimeOffset? notBefore) =>
        client.Create(HangfireJobs.For(job), notBefore is { } time ? new ScheduledState(time.UtcDateTime) : new EnqueuedState(WebhookJob.Queue));

    private void TryCreate(IJob job, DateTimeOffset? notBefore)
    {
        try
        {
            Create(job, notBefore);
        }
        catch (BackgroundJobClientException failure)
        {
            // What the job is about is on the disk, so the sweeper will find it; the request that made it has succeeded.
            LogNotEnqueued(failure, job.Key);
        }
    }

    public IReadOnlyList<TJob> WithoutLiveJob<TJob>(IReadOnlyList<TJob> jobs)
        where TJob : IJob
    {
        if (jobs.Count == 0) return jobs;
        // First those that are on their way to a job, so that one that gets it meanwhile is not missed.
        var waiting = batches.Waiting.ToHashSet();
        var keys = live.Keys;
        return [.. jobs.Where(job => !waiting.Contains(job.Key) && !IsLive(job))];

        // A replay does not wait for the time that its job was planned for before.
        bool IsLive(IJob job) => keys.TryGetValue(job.Key, out var liveness) && (liveness == Liveness.Ready || job is not DeliverWebhook { IsReplay: true });
    }

    public bool GoesByClock => storage is SqliteJobStorage;

    public bool IsIdle => !live.Keys.Values.Contains(Liveness.Ready);

    public void RunPlanned() => new DelayedJobScheduler(TimeSpan.Zero, new BackgroundJobStateChanger(filters)).Execute(new BackgroundProcessContext(
        "clock", storage, new Dictionary<string, object>(), Guid.Empty, CancellationToken.None, CancellationToken.None, CancellationToken.None));

    [LoggerMessage(Level = LogLevel.Error, Message = "The job for {Key} could not be made; the sweeper will make it")]
    private partial void LogNotEnqueued(Exception failure, string key);
}
