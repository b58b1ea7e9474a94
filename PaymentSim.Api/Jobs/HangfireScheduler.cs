using System.Collections.Concurrent;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Api.Jobs;

/// <summary>Leaves Core's work as Hangfire jobs. The job store knows no part of our transactions, so jobs are made right after the commit.</summary>
internal sealed partial class HangfireScheduler(
    IBackgroundJobClientV2 client, LiveJobs live, Database database, ILogger<HangfireScheduler> logger) : IJobScheduler
{
    public void Enqueue(IJob job, DateTimeOffset? notBefore = null) => database.AfterCommit(() =>
    {
        try
        {
            client.Create(ToHangfire(job), notBefore is { } time ? new ScheduledState(time.UtcDateTime) : new EnqueuedState(WebhookJob.Queue));
        }
        catch (BackgroundJobClientException failure)
        {
            // What the job is about is on the disk, so the sweeper will find it; the request that made it has succeeded.
            LogNotEnqueued(failure, job.Key);
        }
    });

    public bool IsLive(IJob job) => live.Contains(job.Key);

    /// <summary>The one place that knows which job does what.</summary>
    private static Job ToHangfire(IJob job) => job switch
    {
        DeliverWebhook delivery => Job.FromExpression<WebhookJob>(j => j.Deliver(delivery.DeliveryId, CancellationToken.None), WebhookJob.Queue),
        SettleCharge charge => Job.FromExpression<SettlementJob>(j => j.Settle(charge.MerchantId, charge.ChargeId, CancellationToken.None), WebhookJob.Queue),
        _ => throw new InvalidOperationException($"No Hangfire job does {job.GetType().Name}."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "The job for {Key} could not be made; the sweeper will make it")]
    private partial void LogNotEnqueued(Exception failure, string key);
}

/// <summary>Which pieces of work have a job that waits or runs: kept up to date by the jobs' state changes in this process.</summary>
internal sealed class LiveJobs
{
    private readonly ConcurrentDictionary<string, byte> _keys = new();

    public bool Contains(string key) => _keys.ContainsKey(key);

    /// <summary>A job has entered a state: it is live until that state is final.</summary>
    public void Track(Job job, IState state)
    {
        if (KeyOf(job) is not { } key) return;
        if (state is SucceededState or FailedState or DeletedState) _keys.TryRemove(key, out _);
        else _keys[key] = 0;
    }

    private static string? KeyOf(Job job) =>
        job.Type == typeof(WebhookJob) ? (string)job.Args[0] : job.Type == typeof(SettlementJob) ? (string)job.Args[1] : null;
}
