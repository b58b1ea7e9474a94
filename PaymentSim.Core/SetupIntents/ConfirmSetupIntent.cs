using System.Text.Json;
using MediatR;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.SetupIntents;

/// <summary>Tries to make a setup intent's payment method ready.</summary>
public sealed record ConfirmSetupIntent(string Intent) : SetupIntentParameters, ICommand<SetupIntentAttempt>
{
    /// <summary>Needed with a publishable key.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Where the cardholder goes after a check; without one, the next action is for the merchant's own code.</summary>
    public string? ReturnUrl { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? MandateData { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public bool? UseStripeSdk { get; init; }
}

internal sealed class ConfirmSetupIntentValidator : SetupIntentParametersValidator<ConfirmSetupIntent>
{
    public ConfirmSetupIntentValidator() => RuleFor(c => c.ReturnUrl).ReturnUrl();
}

internal sealed class ConfirmSetupIntentHandler(RequestContext context, SetupIntentStore intents, PaymentMethodChoice choice, SetupIntentAttempts attempts)
    : IRequestHandler<ConfirmSetupIntent, SetupIntentAttempt>
{
    public async Task<SetupIntentAttempt> Handle(ConfirmSetupIntent request, CancellationToken cancellationToken)
    {
        var intent = await intents.GetToChangeAsync(context.MerchantId, request.Intent);
        ClientSecret.Check(context, intent.Details.ClientSecret, request.ClientSecret);
        intent.Require(SetupIntentAction.Confirm);
        return (await attempts.ConfirmAsync(await request.ApplyToAsync(intent, choice), Text.NullIfEmpty(request.ReturnUrl))).For(context);
    }
}
