using PaymentSim.Core.Scheduling;

namespace PaymentSim.Core.Disputes;

/// <summary>
/// Leaves the bank's decision as a job: at once where the evidence asks for one. That the time for evidence is over is found by the sweep, so that a
/// dispute has never two jobs.
/// </summary>
internal sealed class DisputeDecisions(DisputeStore disputes, IJobScheduler jobs) : IDueWork
{
    public void Schedule(Dispute submitted)
    {
        if (submitted.SettlesAt is { } time) jobs.Enqueue(JobOf(submitted), time);
    }

    public async Task<IEnumerable<IJob>> ListDueAsync(DateTimeOffset now, string afterKey, int limit) =>
        (await disputes.ListDueAsync(now, afterKey, limit)).Select(JobOf);

    public Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after) => disputes.NextDueAsync(after);

    private static IJob JobOf(Dispute dispute) => new DecideDispute(dispute.MerchantId, dispute.Id);
}
