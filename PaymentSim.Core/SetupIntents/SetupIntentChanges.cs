using PaymentSim.Core.Events;

namespace PaymentSim.Core.SetupIntents;

/// <summary>Stores what changed of setup intents, and tells of it.</summary>
internal sealed class SetupIntentChanges(SetupIntentStore intents, EventLog events)
{
    public async Task SaveAsync(SetupIntent intent, string eventType)
    {
        await intents.SaveAsync(intent);
        await events.AppendAsync(intent.MerchantId, eventType, intent.Id, SetupIntentObject.Of(intent));
    }
}
