using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;

namespace PaymentSim.Core.Refunds;

/// <summary>Records what happened to a refund.</summary>
internal sealed class RefundEvents(EventLog events, ChargeEvents charges)
{
    public Task AppendAsync(Refund refund, string type, object? previousAttributes = null) =>
        events.AppendAsync(refund.MerchantId, type, refund.Id, RefundObject.Of(refund), previousAttributes);

    /// <summary>A refund changed: its charge's listeners are told, too.</summary>
    public async Task AppendChangeAsync(Refund before, Refund after)
    {
        var previous = PreviousAttributes.Between(RefundObject.Of(before), RefundObject.Of(after));
        if (after.Status == RefundStatus.Failed && before.Status != RefundStatus.Failed) await AppendAsync(after, EventTypes.RefundFailed, previous);
        await AppendAsync(after, EventTypes.RefundUpdated, previous);
        await AppendAsync(after, EventTypes.ChargeRefundUpdated, previous);
    }

    public Task AppendChargeRefundedAsync(Charge before, Charge after) => charges.AppendAsync(
        after, EventTypes.ChargeRefunded, PreviousAttributes.Between(ChargeObject.Of(before), ChargeObject.Of(after)));
}
