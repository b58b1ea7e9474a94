using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Refunds;

/// <summary>One refund of a charge.</summary>
public sealed record GetChargeRefund(string Charge, string Id) : IQuery<RefundObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetChargeRefundHandler(RequestContext context, RefundStore refunds) : IRequestHandler<GetChargeRefund, RefundObject>
{
    public async Task<RefundObject> Handle(GetChargeRefund request, CancellationToken cancellationToken) =>
        await refunds.FindAsync(context.MerchantId, request.Id) is { } refund && refund.Charge == request.Charge
            ? RefundObject.Of(refund)
            : throw new ProblemException(Problem.Missing("refund", request.Id));
}
