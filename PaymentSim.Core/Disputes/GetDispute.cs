using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Disputes;

/// <summary>One dispute of the merchant.</summary>
public sealed record GetDispute(string Id) : IQuery<DisputeObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetDisputeHandler(RequestContext context, DisputeStore disputes, TimeProvider clock) : IRequestHandler<GetDispute, DisputeObject>
{
    public async Task<DisputeObject> Handle(GetDispute request, CancellationToken cancellationToken) =>
        DisputeObject.Of(await disputes.GetAsync(context.MerchantId, request.Id), clock.GetUtcNow());
}
