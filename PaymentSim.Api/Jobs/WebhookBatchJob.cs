using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Hangfire;
using Hangfire.Server;
using Hangfire.States;
using MediatR;
using PaymentSim.Core;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Jobs;

/// <summary>One job for the first attempts of several deliveries. Each that fails goes on with a <see cref="WebhookJob"/> of its own, as if it had always had it.</summary>
public sealed class WebhookBatchJob(IMediator mediator, IBackgroundJobClientV2 client)
{
    private const int PageSize = 100;

    /// <exception cref="Exception">The simulator failed at one of them, or at giving a failed one its job: this job is run again.</exception>
    public string Deliver(string[] deliveryIds, PerformContext context, CancellationToken cancellationToken)
    {
        var goOn = Channel.CreateUnbounded<(IReadOnlyList<string> DeliveryIds, DeliveryOutcome Outcome)>();
        var sending = SendAsync();
        var failures = new List<Exception>();
        // While others are still being sent: one that hangs must not keep the jobs of those that failed at once from the dashboard, nor their retries.
        while (Blocking.Result(goOn.Reader.WaitToReadAsync(CancellationToken.None).AsTask()))
        {
            while (goOn.Reader.TryRead(out var one)) TryGoOn(one.DeliveryIds, one.Outcome);
        }

        var outcome = Blocking.Result(sending);
        foreach (var (id, before) in WithoutJob(outcome.GivenUpBefore, context)) TryGoOn([id], before);
        failures.AddRange(outcome.Failures);
        if (failures.Count > 0) ExceptionDispatchInfo.Throw(failures[0]);
        return $"{outcome.Delivered} delivered, {outcome.Failed} failed, {outcome.Postponed} postponed, {outcome.NotSent} not sent";

        async Task<BatchOutcome> SendAsync()
        {
            try
            {
                return await mediator.Send(new DeliverBatch(deliveryIds, (ids, reason) => goOn.Writer.TryWrite((ids, reason))), cancellationToken);
            }
            finally
            {
                goOn.Writer.Complete();
            }
        }

        void TryGoOn(IReadOnlyList<string> ids, DeliveryOutcome reason)
        {
            try
            {
                // What waits for its endpoint waits together; of one alone WebhookJobFilter sees that it was not delivered, and plans the next attempt.
                if (ids.Count > 1) client.Create(HangfireJobs.For([.. ids]), new ScheduledState(reason.NextAttemptAt!.Value.UtcDateTime) { Reason = reason.Summary });
                else client.Create(HangfireJobs.For(ids[0]), new FailedState(new WebhookDeliveryFailedException(reason)));
            }
            catch (BackgroundJobClientException failure)
            {
                // The others have a job to get, too. The sweeper finds one that is to be retried; one that was given up gets its job when this is run again.
                failures.Add(failure);
            }
        }
    }

    /// <summary>
    /// Where this job had begun before and did not come to its end, it may have recorded that a delivery was given up, and not made the failed job that
    /// shows it to people.
    /// </summary>
    private static List<(string DeliveryId, DeliveryOutcome Outcome)> WithoutJob(IReadOnlyList<(string DeliveryId, DeliveryOutcome Outcome)> givenUp, PerformContext context)
    {
        if (givenUp.Count == 0) return [];
        var (monitor, self) = (context.Storage.GetMonitoringApi(), context.BackgroundJob.Id);
        if (monitor.JobDetails(self)?.History.Count(state => state.StateName == ProcessingState.StateName) is not > 1) return [];

        var left = givenUp.ToDictionary(one => one.DeliveryId);
        for (var from = 0; left.Count > 0; from += PageSize)
        {
            // Newest first: those that this job made are younger than it is.
            var page = monitor.FailedJobs(from, PageSize);
            foreach (var (_, job) in page)
            {
                if (HangfireJobs.DeliveryOf(job?.Job) is { } delivery) left.Remove(delivery);
            }

            if (page.Count < PageSize || Number(page[^1].Key) < Number(self)) break;
        }

        return [.. left.Values];
    }

    private static long Number(string jobId) => long.Parse(jobId, NumberStyles.None, CultureInfo.InvariantCulture);
}
