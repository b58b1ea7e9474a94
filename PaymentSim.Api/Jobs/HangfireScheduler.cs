using System.Reflection;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.JobStorage;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Api.Jobs;

/// <summary>
/// Leaves Core's work as Hangfire jobs: in the write unit that asks for it where jobs are kept in the same file, so that both are on the disk
/// or neither; elsewhere right after the commit.
/// </summary>
internal sealed partial class HangfireScheduler(
    IBackgroundJobClientV2 client, JobStorage storage, LiveJobs live, Database database, ILogger<HangfireScheduler> logger) : IJobScheduler
{
    // Each charge makes a job: looked up once, and not read from an expression each time.
    private static readonly MethodInfo Deliver = typeof(WebhookJob).GetMethod(nameof(WebhookJob.Deliver))!;
    private static readonly MethodInfo Settle = typeof(SettlementJob).GetMethod(nameof(SettlementJob.Settle))!;

    public void Enqueue(IJob job, DateTimeOffset? notBefore = null)
    {
        if (storage is not SqliteJobStorage)
        {
            database.AfterCommit(() => TryCreate(job, notBefore));
            return;
        }

        database.AtEnd(committed =>
        {
            if (!committed) live.Forget(job.Key);
        });
        Create(job, notBefore);
    }

    private void Create(IJob job, DateTimeOffset? notBefore) =>
        client.Create(ToHangfire(job), notBefore is { } time ? new ScheduledState(time.UtcDateTime) : new EnqueuedState(WebhookJob.Queue));

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
        var keys = live.Keys;
        return [.. jobs.Where(job => !keys.ContainsKey(job.Key))];
    }

    /// <summary>The one place that knows which job does what.</summary>
    private static Job ToHangfire(IJob job) => job switch
    {
        DeliverWebhook delivery => new Job(typeof(WebhookJob), Deliver, [delivery.DeliveryId, CancellationToken.None], WebhookJob.Queue),
        SettleCharge charge => new Job(typeof(SettlementJob), Settle, [charge.MerchantId, charge.ChargeId, CancellationToken.None], WebhookJob.Queue),
        _ => throw new InvalidOperationException($"No Hangfire job does {job.GetType().Name}."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "The job for {Key} could not be made; the sweeper will make it")]
    private partial void LogNotEnqueued(Exception failure, string key);
}
