using PaymentSim.Core.Scheduling;

namespace PaymentSim.Core.Charges;

/// <summary>How long the simulated bank takes.</summary>
/// <param name="Delay">From a bank debit's creation to the bank's answer.</param>
public sealed record SettlementOptions(TimeSpan Delay);

/// <summary>Leaves the bank's answer to a pending charge as a job.</summary>
internal sealed class ChargeSettlement(SettlementOptions options, IJobScheduler jobs)
{
    public TimeSpan Delay => options.Delay;

    public void Schedule(Charge charge) => jobs.Enqueue(new SettleCharge(charge.MerchantId, charge.Id), charge.SettlesAt);
}
