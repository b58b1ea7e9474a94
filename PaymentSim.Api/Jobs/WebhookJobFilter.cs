using Hangfire.States;
using Hangfire.Storage;
using MediatR;
using PaymentSim.Api.Hosting;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Jobs;

/// <summary>
/// Keeps a delivery's job and its row in step: a failed attempt is scheduled again at the time that the retry schedule gave, or fails for
/// good; a person who requeues the job gets a full new retry budget; a person who deletes it cancels the delivery. A batch's job is only for those of
/// its deliveries that have none of their own.
/// </summary>
internal sealed class WebhookJobFilter(IServiceScopeFactory scopes, LiveJobs live, JobOptions options, TimeProvider clock) : IElectStateFilter, IApplyStateFilter
{
    /// <summary>Hangfire's Retries page lists the jobs of this set, and counts with this parameter.</summary>
    private const string RetriesSet = "retries";

    private const string RetryCount = "RetryCount";

    /// <summary>The page recognises a retry by this beginning of the reason.</summary>
    private const string RetryReason = "Retry attempt";

    /// <summary>The reason that Hangfire itself gives when a planned time has come.</summary>
    private const string PlannedTimeReason = "Triggered by DelayedJobScheduler";

    private static readonly TimeSpan FirstWaitAfterInternalFailure = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWaitAfterInternalFailure = TimeSpan.FromMinutes(10);

    public void OnStateElection(ElectStateContext context)
    {
        switch (context.CandidateState)
        {
            case FailedState { Exception: WebhookDeliveryFailedException failure } failed:
                PlanNextAttempt(context, failed, failure.Outcome);
                break;
            case FailedState failed when HangfireJobs.KeysOf(context.BackgroundJob.Job).Length > 0:
                RetryInternalFailure(context, failed);
                break;
            case EnqueuedState enqueued when IsByPerson(context.CurrentState, enqueued) && HangfireJobs.DeliveryOf(context.BackgroundJob.Job) is { } delivery:
                context.SetJobParameter(RetryCount, 0);
                Send(new RearmDelivery(delivery));
                break;
            case EnqueuedState enqueued when IsByPerson(context.CurrentState, enqueued) && HangfireJobs.BatchOf(context.BackgroundJob.Job) is { } batch:
                Send(new RearmBatch(batch, Arrived: context.CurrentState == SucceededState.StateName));
                break;
            case DeletedState when HangfireJobs.DeliveryOf(context.BackgroundJob.Job) is { } delivery:
                Send(new CancelDelivery(delivery));
                break;
            case DeletedState when context.CurrentState != SucceededState.StateName && HangfireJobs.BatchOf(context.BackgroundJob.Job) is { } batch:
                Send(new CancelBatch(batch));
                break;
        }
    }

    public void OnStateApplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
        live.Track(context.BackgroundJob.Id, context.BackgroundJob.Job, context.NewState);
        // Only where an attempt failed: most deliveries arrive at once, and cost nothing here.
        if (context.NewState is FailedState or ScheduledState && HangfireJobs.DeliveryOf(context.BackgroundJob.Job) is { } delivery)
            ReplayedJobs.Remember((JobStorageTransaction)transaction, delivery, context.BackgroundJob.Id, options.FailedRetention);
        if (IsRetry(context.NewState)) transaction.AddToSet(RetriesSet, context.BackgroundJob.Id);
    }

    public void OnStateUnapplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
        if (context.OldStateName == ScheduledState.StateName) transaction.RemoveFromSet(RetriesSet, context.BackgroundJob.Id);
    }

    private static void PlanNextAttempt(ElectStateContext context, FailedState failed, DeliveryOutcome outcome)
    {
        failed.Reason = outcome.Summary;
        if (outcome.NextAttemptAt is not { } next) return;
        if (outcome.Result == DeliveryResult.Postponed)
        {
            context.CandidateState = new ScheduledState(next.UtcDateTime) { Reason = outcome.Summary };
            return;
        }

        context.SetJobParameter(RetryCount, outcome.Failures);
        context.CandidateState = new ScheduledState(next.UtcDateTime)
        {
            Reason = $"{RetryReason} {outcome.Failures} of {outcome.Retries}: {outcome.Summary}",
        };
    }

    /// <summary>The simulator itself failed (a full disk, a bug), not the endpoint: that must not use the endpoint's retries up.</summary>
    private void RetryInternalFailure(ElectStateContext context, FailedState failed)
    {
        const string Count = "InternalFailures";
        var count = context.GetJobParameter<int>(Count) + 1;
        context.SetJobParameter(Count, count);
        var wait = FirstWaitAfterInternalFailure * Math.Pow(2, Math.Min(count - 1, 10));
        context.CandidateState = new ScheduledState((clock.GetUtcNow() + (wait < LongestWaitAfterInternalFailure ? wait : LongestWaitAfterInternalFailure)).UtcDateTime)
        {
            Reason = $"{RetryReason} after PaymentSim failed: {failed.Exception.Message}",
        };
    }

    private static bool IsByPerson(string? from, EnqueuedState to) => to.Reason != ReplayedJobs.Reason && (
        from == FailedState.StateName || from == SucceededState.StateName || from == DeletedState.StateName
        || (from == ScheduledState.StateName && to.Reason != PlannedTimeReason));

    private static bool IsRetry(IState state) =>
        state is ScheduledState && state.Reason?.StartsWith(RetryReason, StringComparison.Ordinal) == true;

    /// <summary>Filters are synchronous; they run on Hangfire's own threads and in the dashboard's requests, never inside a write unit.</summary>
    private void Send<T>(IRequest<T> request)
    {
        using var scope = scopes.CreateScope();
        scope.ServiceProvider.GetRequiredService<IMediator>().Send(request).GetAwaiter().GetResult();
    }
}
