using PaymentSim.Core.Refunds;

namespace PaymentSim.Core.Charges;

/// <summary>Charges as the wire shows them, with their refunds. Of charges without any nothing is read.</summary>
internal sealed class ChargeObjects(RefundStore refunds)
{
    /// <summary>How many of its refunds a charge shows; its list has them all.</summary>
    private const int Shown = 10;

    public async Task<ChargeObject> OfAsync(Charge charge) => charge.Details.HasRefunds ? (await OfAsync([charge]))[0] : ChargeObject.Of(charge);

    public async Task<Page<ChargeObject>> OfAsync(Page<Charge> page) => new(await OfAsync(page.Data), page.HasMore);

    /// <param name="charges">Of one merchant.</param>
    public async Task<IReadOnlyList<ChargeObject>> OfAsync(IReadOnlyList<Charge> charges)
    {
        var refunded = charges.Where(charge => charge.Details.HasRefunds).Select(charge => charge.Id).ToArray();
        if (refunded.Length == 0) return [.. charges.Select(ChargeObject.Of)];

        var found = await refunds.OfChargesAsync(charges[0].MerchantId, refunded);
        return [.. charges.Select(charge => With(ChargeObject.Of(charge), [.. found[charge.Id]]))];
    }

    private static ChargeObject With(ChargeObject charge, IReadOnlyList<Refund> refunds) => charge with
    {
        Refunds = charge.Refunds with { Data = [.. refunds.Take(Shown).Select(RefundObject.Of)], HasMore = refunds.Count > Shown },
    };
}
