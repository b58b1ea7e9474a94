using PaymentSim.Core.Charges;
using PaymentSim.Core.Scheduling;

namespace PaymentSim.Core.Refunds;

/// <summary>Leaves the bank's answer to a refund as a job.</summary>
internal sealed class RefundSettlement(SettlementOptions options, RefundStore refunds, IJobScheduler jobs) : IDueWork
{
    public TimeSpan Delay => options.Delay;

    public void Schedule(Refund refund)
    {
        if (refund.SettlesAt is { } time) jobs.Enqueue(JobOf(refund), time);
    }

    public async Task<IEnumerable<IJob>> ListDueAsync(DateTimeOffset now, string afterKey, int limit) =>
        (await refunds.ListDueAsync(now, afterKey, limit)).Select(JobOf);

    public Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after) => refunds.NextDueAsync(after);

    private static IJob JobOf(Refund refund) => new SettleRefund(refund.MerchantId, refund.Id);
}
