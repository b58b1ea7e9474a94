using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Charges;

/// <summary>One charge of the merchant.</summary>
public sealed record GetCharge(string Id) : IQuery<ChargeObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetChargeHandler(RequestContext context, ChargeStore charges, ChargeObjects objects) : IRequestHandler<GetCharge, ChargeObject>
{
    public async Task<ChargeObject> Handle(GetCharge request, CancellationToken cancellationToken) =>
        await objects.OfAsync(await charges.GetAsync(context.MerchantId, request.Id));
}
