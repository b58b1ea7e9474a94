using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Checkout;

/// <summary>Ends an open checkout session: it can no longer be paid.</summary>
public sealed record ExpireCheckoutSession(string Session) : ICommand<CheckoutSessionObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class ExpireCheckoutSessionValidator : AbstractValidator<ExpireCheckoutSession>
{
    public ExpireCheckoutSessionValidator() => RuleFor(c => c.Session).NotEmpty();
}

internal sealed class ExpireCheckoutSessionHandler(RequestContext context, CheckoutExpiry expiry) : IRequestHandler<ExpireCheckoutSession, CheckoutSessionObject>
{
    public async Task<CheckoutSessionObject> Handle(ExpireCheckoutSession request, CancellationToken cancellationToken) => CheckoutSessionObject.Of(
        await expiry.ExpireAsync(context.MerchantId, request.Session, onlyOverdue: false)
        ?? throw new ProblemException(Problem.Missing("checkout.session", request.Session, "session")));
}
