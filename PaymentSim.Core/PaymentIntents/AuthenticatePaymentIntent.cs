using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Passes or fails the check that a payment intent waits for, as the cardholder would. Answers the intent, whatever came of it.</summary>
public sealed record AuthenticatePaymentIntent(string Intent) : ICommand<PaymentIntentObject>, IExpands
{
    /// <summary><c>succeed</c> or <c>fail</c>.</summary>
    public string? Outcome { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class AuthenticatePaymentIntentValidator : AbstractValidator<AuthenticatePaymentIntent>
{
    public AuthenticatePaymentIntentValidator() => RuleFor(c => c.Outcome).Outcome();
}

internal sealed class AuthenticatePaymentIntentHandler(RequestContext context, PaymentIntentStore intents, PaymentIntentAttempts attempts)
    : IRequestHandler<AuthenticatePaymentIntent, PaymentIntentObject>
{
    public async Task<PaymentIntentObject> Handle(AuthenticatePaymentIntent request, CancellationToken cancellationToken) => (await attempts.AuthenticateAsync(
        await intents.GetToChangeAsync(context.MerchantId, request.Intent), request.Outcome == IntentRules.Succeed)).Intent;
}
