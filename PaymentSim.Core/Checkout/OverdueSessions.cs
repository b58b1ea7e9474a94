using PaymentSim.Core.Scheduling;

namespace PaymentSim.Core.Checkout;

/// <summary>Leaves the end of a session's time as a job.</summary>
internal sealed class OverdueSessions(CheckoutStore sessions, IJobScheduler jobs) : IDueWork
{
    public void Schedule(CheckoutSession open) => jobs.Enqueue(JobOf(open), open.ExpiresAt);

    public async Task<IEnumerable<IJob>> ListDueAsync(DateTimeOffset now, string afterKey, int limit) =>
        (await sessions.ListOverdueAsync(now, afterKey, limit)).Select(JobOf);

    public Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after) => sessions.NextDueAsync(after);

    private static IJob JobOf(CheckoutSession session) => new ExpireOverdueSession(session.MerchantId, session.Id);
}
