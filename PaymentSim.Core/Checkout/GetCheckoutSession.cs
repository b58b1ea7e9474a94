using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Checkout;

/// <summary>One checkout session of the merchant.</summary>
public sealed record GetCheckoutSession(string Session) : IQuery<CheckoutSessionObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetCheckoutSessionHandler(RequestContext context, CheckoutStore sessions) : IRequestHandler<GetCheckoutSession, CheckoutSessionObject>
{
    public async Task<CheckoutSessionObject> Handle(GetCheckoutSession request, CancellationToken cancellationToken) =>
        CheckoutSessionObject.Of(await sessions.GetAsync(context.MerchantId, request.Session));
}
