using PaymentSim.Core.Events;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Stores what changed of payment intents, and tells of it.</summary>
internal sealed class PaymentIntentChanges(PaymentIntentStore intents, EventLog events)
{
    public async Task SaveAsync(PaymentIntent intent, string eventType)
    {
        await intents.SaveAsync(intent);
        await events.AppendAsync(intent.MerchantId, eventType, intent.Id, PaymentIntentObject.Of(intent));
    }
}
