using PaymentSim.Core.Charges;
using PaymentSim.Core.Scheduling;

namespace PaymentSim.Core.Payouts;

/// <summary>Leaves a payout's arrival at the merchant's bank as a job.</summary>
internal sealed class PayoutArrival(SettlementOptions options, PayoutStore payouts, IJobScheduler jobs) : IDueWork
{
    public TimeSpan Delay => options.Delay;

    public void Schedule(Payout payout)
    {
        if (payout.SettlesAt is { } time) jobs.Enqueue(JobOf(payout), time);
    }

    public async Task<IEnumerable<IJob>> ListDueAsync(DateTimeOffset now, string afterKey, int limit) =>
        (await payouts.ListDueAsync(now, afterKey, limit)).Select(JobOf);

    public Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after) => payouts.NextDueAsync(after);

    private static IJob JobOf(Payout payout) => new PayPayout(payout.MerchantId, payout.Id);
}
