using FluentValidation;
using MediatR;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.SetupIntents;

/// <summary>Passes or fails the check that a setup intent waits for, as the cardholder would. Answers the intent, whatever came of it.</summary>
public sealed record AuthenticateSetupIntent(string Intent) : ICommand<SetupIntentObject>, IExpands
{
    /// <summary><c>succeed</c> or <c>fail</c>.</summary>
    public string? Outcome { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class AuthenticateSetupIntentValidator : AbstractValidator<AuthenticateSetupIntent>
{
    public AuthenticateSetupIntentValidator() => RuleFor(c => c.Outcome).Outcome();
}

internal sealed class AuthenticateSetupIntentHandler(RequestContext context, SetupIntentStore intents, SetupIntentAttempts attempts)
    : IRequestHandler<AuthenticateSetupIntent, SetupIntentObject>
{
    public async Task<SetupIntentObject> Handle(AuthenticateSetupIntent request, CancellationToken cancellationToken) => (await attempts.AuthenticateAsync(
        await intents.GetToChangeAsync(context.MerchantId, request.Intent), request.Outcome == IntentRules.Succeed)).Intent;
}
