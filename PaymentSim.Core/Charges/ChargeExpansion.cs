using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.Charges;

/// <summary>Charges in the place of their ids.</summary>
internal sealed class ChargeExpansion(ChargeStore charges, ChargeObjects objects) : IExpansion
{
    public Type Kind => typeof(ChargeObject);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids) =>
        (await objects.OfAsync(await charges.ListAsync(merchantId, ids))).ToDictionary(charge => charge.Id, object (charge) => charge);
}
