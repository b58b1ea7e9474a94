using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.SetupIntents;

/// <summary>Setup intents in the place of their ids.</summary>
internal sealed class SetupIntentExpansion(SetupIntentStore intents) : IExpansion
{
    public Type Kind => typeof(SetupIntentObject);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids) =>
        (await intents.ListAsync(merchantId, ids)).ToDictionary(intent => intent.Id, object (intent) => SetupIntentObject.Of(intent));
}
