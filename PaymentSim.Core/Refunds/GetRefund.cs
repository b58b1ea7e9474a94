using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Refunds;

/// <summary>One refund of the merchant.</summary>
public sealed record GetRefund(string Id) : IQuery<RefundObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetRefundHandler(RequestContext context, RefundStore refunds) : IRequestHandler<GetRefund, RefundObject>
{
    public async Task<RefundObject> Handle(GetRefund request, CancellationToken cancellationToken) =>
        RefundObject.Of(await refunds.GetAsync(context.MerchantId, request.Id));
}
