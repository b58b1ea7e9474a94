using Hangfire.States;
using Hangfire.Storage;

namespace PaymentSim.Api.Jobs;

/// <summary>Lets failed jobs go after a time, in storages that would keep them for ever. A job that is requeued meanwhile stays.</summary>
internal sealed class FailedJobRetention(TimeSpan time) : IApplyStateFilter
{
    public void OnStateApplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
        if (context.NewState is FailedState) transaction.ExpireJob(context.BackgroundJob.Id, time);
    }

    public void OnStateUnapplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
        // Every other state that is not final makes a job stay, and final ones set a time of their own.
    }
}
