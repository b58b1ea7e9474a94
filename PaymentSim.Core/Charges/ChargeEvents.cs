using PaymentSim.Core.Events;

namespace PaymentSim.Core.Charges;

/// <summary>Records what happened to a charge.</summary>
internal sealed class ChargeEvents(EventLog events, ChargeObjects objects)
{
    /// <summary>Answers the charge as the event shows it.</summary>
    public async Task<ChargeObject> AppendAsync(Charge charge, string type, object? previousAttributes = null)
    {
        var shown = await objects.OfAsync(charge);
        await events.AppendAsync(charge.MerchantId, type, charge.Id, shown, previousAttributes);
        return shown;
    }
}
