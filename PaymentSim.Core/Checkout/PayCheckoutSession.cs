using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Checkout;

/// <summary>A customer's attempt to pay on the page. Answers the payment, whatever came of it; the session completes once it is paid.</summary>
public sealed record PayCheckoutSession(string Session) : ICommand<PaymentIntentAttempt>
{
    public CardParameters? Card { get; init; }

    /// <summary>The cardholder's.</summary>
    public string? Name { get; init; }

    public string? Email { get; init; }
}

internal sealed class PayCheckoutSessionValidator : AbstractValidator<PayCheckoutSession>
{
    public PayCheckoutSessionValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Email).ReceiptEmail();
        RuleFor(c => c.Name).MaximumLength(500).WithMessage("Invalid string: name can be at most 500 characters.");
        RuleFor(c => c.Card).NotNull().WithMessage("Choose a card.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Card!.Source).SetValidator(new ChargeSourceValidator("card")).OverridePropertyName("card");
    }
}

internal sealed class PayCheckoutSessionHandler(
    RequestContext context,
    CheckoutStore sessions,
    PaymentIntentStore intents,
    PaymentIntentMaker maker,
    PaymentIntentAttempts attempts,
    PaymentMethodChoice choice,
    TimeProvider clock)
    : IRequestHandler<PayCheckoutSession, PaymentIntentAttempt>
{
    public async Task<PaymentIntentAttempt> Handle(PayCheckoutSession request, CancellationToken cancellationToken)
    {
        await sessions.LockAsync(request.Session);
        var found = await sessions.GetAsync(context.MerchantId, request.Session);
        var intent = found.PaymentIntent is { } paying ? await intents.GetToChangeAsync(context.MerchantId, paying) : null;
        var session = await sessions.GetToChangeAsync(context.MerchantId, request.Session);
        if (session.Status != CheckoutStatus.Open || session.ExpiresAt <= clock.GetUtcNow())
            throw new ProblemException(Problem.Invalid($"This Checkout Session cannot be paid any more: it is {session.Status.Wire()}."));

        intent ??= await BeginAsync(session);
        var with = await choice.ApplyAsync(intent, new ConfirmPaymentIntent(intent.Id)
        {
            PaymentMethodData = new PaymentMethodParameters
            {
                Type = IntentRules.Card,
                Card = request.Card,
                BillingDetails = new BillingParameters { Name = request.Name, Email = Text.NullIfEmpty(request.Email) ?? session.Details.CustomerEmail },
            },
        });
        return await attempts.ConfirmAsync(with, new AttemptTerms(CanAsk: true, session.Details.Url));
    }

    private async Task<PaymentIntent> BeginAsync(CheckoutSession session)
    {
        var payment = session.Details.Payment;
        var intent = await maker.MakeAsync(
            session.MerchantId,
            new CreatePaymentIntent
            {
                Amount = session.Amount,
                Currency = session.Currency,
                Customer = session.Customer,
                PaymentMethodTypes = [IntentRules.Card],
                CaptureMethod = payment.CaptureMethod,
                Description = payment.Description,
                Metadata = payment.Metadata,
                ReceiptEmail = payment.ReceiptEmail,
                SetupFutureUsage = payment.SetupFutureUsage,
                Shipping = payment.Shipping,
                StatementDescriptor = payment.StatementDescriptor,
                StatementDescriptorSuffix = payment.StatementDescriptorSuffix,
                TransferGroup = payment.TransferGroup,
            },
            session.Id);
        await sessions.SaveAsync(session with { PaymentIntent = intent.Id });
        return intent;
    }
}
