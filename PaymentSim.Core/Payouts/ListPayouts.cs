using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Payouts;

/// <summary>The merchant's payouts, newest first.</summary>
public sealed record ListPayouts : PageRequest, IQuery<Page<PayoutObject>>
{
    public TimeRange? ArrivalDate { get; init; }

    public TimeRange? Created { get; init; }

    public string? Destination { get; init; }

    /// <summary>One of <see cref="PayoutStatus"/>.</summary>
    public string? Status { get; init; }
}

internal sealed class ListPayoutsValidator : PageRequestValidator<ListPayouts>;

internal sealed class ListPayoutsHandler(RequestContext context, PayoutStore payouts) : IRequestHandler<ListPayouts, Page<PayoutObject>>
{
    public async Task<Page<PayoutObject>> Handle(ListPayouts request, CancellationToken cancellationToken) =>
        (await payouts.ListAsync(context.MerchantId, request)).Select(PayoutObject.Of);
}
