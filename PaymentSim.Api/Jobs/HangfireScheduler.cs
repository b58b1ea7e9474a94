using Hangfire;
using Hangfire.States;
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
    IBackgroundJobClientV2 client, JobStorage storage, LiveJobs live, DeliveryBatches batches, Database database, ILogger<HangfireScheduler> logger) : IJobScheduler
{
    public void Enqueue(IJob job, DateTimeOffset? notBefore = null)
    {
        if (storage is SqliteJobStorage)
        {
            database.AtEnd(committed =>
            {
                if (!committed) live.Forget(job.Key);
            });
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
        return [.. jobs.Where(job => !waiting.Contains(job.Key) && !keys.ContainsKey(job.Key))];
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The job for {Key} could not be made; the sweeper will make it")]
    private partial void LogNotEnqueued(Exception failure, string key);
}
