using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Payouts;

/// <summary>One payout of the merchant.</summary>
public sealed record GetPayout(string Id) : IQuery<PayoutObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetPayoutHandler(RequestContext context, PayoutStore payouts) : IRequestHandler<GetPayout, PayoutObject>
{
    public async Task<PayoutObject> Handle(GetPayout request, CancellationToken cancellationToken) =>
        PayoutObject.Of(await payouts.GetAsync(context.MerchantId, request.Id));
}
