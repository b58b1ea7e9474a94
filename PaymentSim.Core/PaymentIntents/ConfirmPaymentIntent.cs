using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Makes an attempt to take a payment intent's money.</summary>
public sealed record ConfirmPaymentIntent(string Intent) : ConfirmationParameters, ICommand<PaymentIntentAttempt>
{
    /// <summary>Minor units: what the cardholder was shown. It must be the intent's amount.</summary>
    public long? AmountToConfirm { get; init; }

    /// <summary>Needed with a publishable key.</summary>
    public string? ClientSecret { get; init; }
}

internal sealed class ConfirmPaymentIntentValidator : ConfirmationParametersValidator<ConfirmPaymentIntent>;

internal sealed class ConfirmPaymentIntentHandler(
    RequestContext context, PaymentIntentStore intents, PaymentMethodChoice choice, PaymentIntentAttempts attempts)
    : IRequestHandler<ConfirmPaymentIntent, PaymentIntentAttempt>
{
    public async Task<PaymentIntentAttempt> Handle(ConfirmPaymentIntent request, CancellationToken cancellationToken)
    {
        var intent = await intents.GetToChangeAsync(context.MerchantId, request.Intent);
        ClientSecret.Check(context, intent.Details.ClientSecret, request.ClientSecret);
        if (context.IsPublishable && request.OffSession is not null)
            throw new ProblemException(Problem.Invalid("off_session cannot be given with a publishable key.", "off_session"));
        intent.Require(PaymentIntentAction.Confirm);
        if (request.AmountToConfirm is { } shown && shown != intent.Amount)
            throw new ProblemException(Problem.Invalid($"The amount to confirm is not the amount of this PaymentIntent, {intent.Amount}.", "amount_to_confirm"));
        return (await attempts.ConfirmAsync(await choice.ApplyAsync(intent, request), request.Terms)).For(context);
    }
}
