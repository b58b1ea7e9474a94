using MediatR;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Checkout;

/// <summary>The merchant's checkout sessions, newest first.</summary>
public sealed record ListCheckoutSessions : PageRequest, IQuery<Page<CheckoutSessionObject>>
{
    /// <summary>Only this customer's.</summary>
    public string? Customer { get; init; }

    /// <summary>Only the one that made this payment intent.</summary>
    public string? PaymentIntent { get; init; }

    /// <summary><c>open</c>, <c>complete</c> or <c>expired</c>.</summary>
    public string? Status { get; init; }

    public TimeRange? Created { get; init; }
}

internal sealed class ListCheckoutSessionsValidator : PageRequestValidator<ListCheckoutSessions>
{
    public ListCheckoutSessionsValidator() => RuleFor(page => page.Status).OneOf("status", "open", "complete", "expired");
}

internal sealed class ListCheckoutSessionsHandler(RequestContext context, CheckoutStore sessions)
    : IRequestHandler<ListCheckoutSessions, Page<CheckoutSessionObject>>
{
    public async Task<Page<CheckoutSessionObject>> Handle(ListCheckoutSessions request, CancellationToken cancellationToken) =>
        (await sessions.ListAsync(context.MerchantId, request)).Select(CheckoutSessionObject.Of);
}
