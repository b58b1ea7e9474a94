using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.Refunds;

/// <summary>Refunds in the place of their ids.</summary>
internal sealed class RefundExpansion(RefundStore refunds) : IExpansion
{
    public Type Kind => typeof(RefundObject);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids) =>
        (await refunds.ListAsync(merchantId, ids)).ToDictionary(found => found.Id, object (found) => RefundObject.Of(found));
}
