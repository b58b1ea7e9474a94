using PaymentSim.Core.Events;

namespace PaymentSim.Core.Charges;

/// <summary>Records what happened to a charge.</summary>
internal sealed class ChargeEvents(EventLog events, ChargeObjects objects)
{
    public async Task AppendAsync(Charge charge, string type, object? previousAttributes = null) =>
        await events.AppendAsync(charge.MerchantId, type, charge.Id, await objects.OfAsync(charge), previousAttributes);
}
