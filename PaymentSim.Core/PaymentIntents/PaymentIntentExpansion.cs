using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Payment intents in the place of their ids.</summary>
internal sealed class PaymentIntentExpansion(PaymentIntentStore intents) : IExpansion
{
    public Type Kind => typeof(PaymentIntentObject);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids) =>
        (await intents.ListAsync(merchantId, ids)).ToDictionary(intent => intent.Id, object (intent) => PaymentIntentObject.Of(intent));
}
