using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Refunds;

/// <summary>The merchant's refunds, newest first.</summary>
public sealed record ListRefunds : PageRequest, IQuery<Page<RefundObject>>
{
    public string? Charge { get; init; }

    public string? PaymentIntent { get; init; }

    public TimeRange? Created { get; init; }
}

internal sealed class ListRefundsValidator : PageRequestValidator<ListRefunds>;

internal sealed class ListRefundsHandler(RequestContext context, RefundStore refunds) : IRequestHandler<ListRefunds, Page<RefundObject>>
{
    public async Task<Page<RefundObject>> Handle(ListRefunds request, CancellationToken cancellationToken) =>
        (await refunds.ListAsync(context.MerchantId, request, request.Charge, request.PaymentIntent, request.Created)).Select(RefundObject.Of);
}
