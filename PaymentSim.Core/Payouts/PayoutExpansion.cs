using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.Payouts;

/// <summary>Payouts in the place of their ids.</summary>
internal sealed class PayoutExpansion(PayoutStore payouts) : IExpansion
{
    public Type Kind => typeof(PayoutObject);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids) =>
        (await payouts.ListAsync(merchantId, ids)).ToDictionary(found => found.Id, object (found) => PayoutObject.Of(found));
}
