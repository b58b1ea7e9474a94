using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Disputes;

/// <summary>The merchant's disputes, newest first.</summary>
public sealed record ListDisputes : PageRequest, IQuery<Page<DisputeObject>>
{
    public string? Charge { get; init; }

    public string? PaymentIntent { get; init; }

    public TimeRange? Created { get; init; }
}

internal sealed class ListDisputesValidator : PageRequestValidator<ListDisputes>;

internal sealed class ListDisputesHandler(RequestContext context, DisputeStore disputes, TimeProvider clock)
    : IRequestHandler<ListDisputes, Page<DisputeObject>>
{
    public async Task<Page<DisputeObject>> Handle(ListDisputes request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return (await disputes.ListAsync(context.MerchantId, request)).Select(dispute => DisputeObject.Of(dispute, now));
    }
}
