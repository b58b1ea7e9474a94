using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Charges;

/// <summary>The merchant's charges, newest first.</summary>
public sealed record ListCharges : PageRequest, IQuery<Page<ChargeObject>>
{
    public string? Customer { get; init; }

    public string? PaymentIntent { get; init; }

    public string? TransferGroup { get; init; }

    public TimeRange? Created { get; init; }
}

internal sealed class ListChargesValidator : PageRequestValidator<ListCharges>;

internal sealed class ListChargesHandler(RequestContext context, ChargeStore charges, ChargeObjects objects)
    : IRequestHandler<ListCharges, Page<ChargeObject>>
{
    public async Task<Page<ChargeObject>> Handle(ListCharges request, CancellationToken cancellationToken) =>
        await objects.OfAsync(await charges.ListAsync(context.MerchantId, request));
}
