using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.Disputes;

/// <summary>Disputes in the place of their ids.</summary>
internal sealed class DisputeExpansion(DisputeStore disputes, TimeProvider clock) : IExpansion
{
    public Type Kind => typeof(DisputeObject);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids) =>
        (await disputes.ListAsync(merchantId, ids)).ToDictionary(found => found.Id, object (found) => DisputeObject.Of(found, clock.GetUtcNow()));
}
