using PaymentSim.Core.Events;

namespace PaymentSim.Core.Charges;

/// <summary>Records what happened to a charge.</summary>
internal sealed class ChargeEvents(EventLog events)
{
    public Task AppendAsync(Charge charge, string type, object? previousAttributes = null) =>
        events.AppendAsync(charge.MerchantId, type, charge.Id, ChargeObject.Of(charge), previousAttributes);
}
