using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.Checkout;

/// <summary>Checkout sessions by their ids.</summary>
internal sealed class CheckoutExpansion(CheckoutStore sessions) : IExpansion
{
    public Type Kind => typeof(CheckoutSessionObject);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids) =>
        (await sessions.ListAsync(merchantId, ids)).ToDictionary(session => session.Id, object (session) => CheckoutSessionObject.Of(session));
}
