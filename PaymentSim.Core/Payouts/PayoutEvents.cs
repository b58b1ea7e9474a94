using PaymentSim.Core.Events;

namespace PaymentSim.Core.Payouts;

/// <summary>Records what happened to a payout.</summary>
internal sealed class PayoutEvents(EventLog events)
{
    /// <param name="before">The payout as it was, where the event is a change.</param>
    public Task AppendAsync(Payout payout, string type, Payout? before = null) => events.AppendAsync(
        payout.MerchantId,
        type,
        payout.Id,
        PayoutObject.Of(payout),
        before is null ? null : PreviousAttributes.Between(PayoutObject.Of(before), PayoutObject.Of(payout)));
}
