using PaymentSim.Core.Events;

namespace PaymentSim.Core.Disputes;

/// <summary>Records what happened to a dispute.</summary>
internal sealed class DisputeEvents(EventLog events, TimeProvider clock)
{
    /// <param name="before">The dispute as it was, where the event is a change.</param>
    public Task AppendAsync(Dispute dispute, string type, Dispute? before = null)
    {
        var (now, shown) = (clock.GetUtcNow(), DisputeObject.Of(dispute, clock.GetUtcNow()));
        return events.AppendAsync(
            dispute.MerchantId, type, dispute.Id, shown, before is null ? null : PreviousAttributes.Between(DisputeObject.Of(before, now), shown));
    }
}
