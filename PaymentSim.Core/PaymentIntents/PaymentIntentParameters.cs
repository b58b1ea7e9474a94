using System.Text.Json;
using FluentValidation;
using PaymentSim.Core.Charges;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>What can be said of a payment intent when it is created, updated or confirmed. What is not given stays, empty texts unset.</summary>
public abstract record PaymentIntentParameters : IExpands
{
    /// <summary><c>automatic</c>, <c>automatic_async</c>, or <c>manual</c>: the amount is authorised only, to be captured later.</summary>
    public string? CaptureMethod { get; init; }

    /// <summary>A payment method's id, or a name such as <c>pm_card_visa</c>.</summary>
    public string? PaymentMethod { get; init; }

    /// <summary>In place of a payment method: makes a new one.</summary>
    public PaymentMethodParameters? PaymentMethodData { get; init; }

    /// <summary>Kept, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? PaymentMethodOptions { get; init; }

    /// <summary>The types of payment methods that it takes; else the processor chooses them.</summary>
    public IReadOnlyList<string>? AllowedPaymentMethodTypes { get; init; }

    /// <summary>The former name of <see cref="AllowedPaymentMethodTypes"/>.</summary>
    public IReadOnlyList<string>? PaymentMethodTypes { get; init; }

    /// <summary>Kept, and without effect.</summary>
    [WithoutEffect]
    public IReadOnlyList<string>? ExcludedPaymentMethodTypes { get; init; }

    [WithoutEffect]
    public string? ReceiptEmail { get; init; }

    /// <summary><c>on_session</c> or <c>off_session</c>: the payment method is given to the customer once it has paid.</summary>
    public string? SetupFutureUsage { get; init; }

    public Shipping? Shipping { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? AmountDetails { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? Hooks { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? PaymentDetails { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }

    internal PaymentIntentDetails Over(PaymentIntentDetails current) => current with
    {
        CaptureMethod = Text.NullIfEmpty(CaptureMethod) ?? current.CaptureMethod,
        PaymentMethodOptions = PaymentMethodOptions ?? current.PaymentMethodOptions,
        PaymentMethodTypes = Types ?? current.PaymentMethodTypes,
        AllowedPaymentMethodTypes = AllowedPaymentMethodTypes ?? current.AllowedPaymentMethodTypes,
        AutomaticPaymentMethods = PaymentMethodTypes is null ? current.AutomaticPaymentMethods : null,
        ExcludedPaymentMethodTypes = ExcludedPaymentMethodTypes ?? current.ExcludedPaymentMethodTypes,
        ReceiptEmail = Text.Given(ReceiptEmail, current.ReceiptEmail),
        SetupFutureUsage = Text.Given(SetupFutureUsage, current.SetupFutureUsage),
        Shipping = Shipping ?? current.Shipping,
    };

    /// <summary>True where something is given that an intent cannot change any more once it is paid.</summary>
    internal bool ChangesPayment => (CaptureMethod ?? PaymentMethod ?? SetupFutureUsage) is not null
        || PaymentMethodData is not null || PaymentMethodOptions is not null || Types is not null || ExcludedPaymentMethodTypes is not null;

    private IReadOnlyList<string>? Types => AllowedPaymentMethodTypes ?? PaymentMethodTypes;
}

internal abstract class PaymentIntentParametersValidator<T> : AbstractValidator<T>
    where T : PaymentIntentParameters
{
    protected PaymentIntentParametersValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.CaptureMethod).OneOf("capture_method", "automatic", "automatic_async", "manual");
        RuleFor(c => c.SetupFutureUsage).OneOf("setup_future_usage", "on_session", "off_session");
        RuleFor(c => c.PaymentMethodTypes).MethodTypes();
        RuleFor(c => c.AllowedPaymentMethodTypes).MethodTypes();
        RuleFor(c => c.PaymentMethodData).Null().When(c => !string.IsNullOrEmpty(c.PaymentMethod))
            .WithMessage("You may only specify one of these parameters: payment_method, payment_method_data.");
        RuleFor(c => c.PaymentMethodData!).SetValidator(new PaymentMethodParametersValidator("payment_method_data"))
            .When(c => c.PaymentMethodData is not null);
        RuleFor(c => c.PaymentMethodOptions).MethodOptions();
        RuleFor(c => c.ReceiptEmail).ReceiptEmail();
    }
}

/// <summary>How a payment intent is confirmed, now or with its creation.</summary>
public abstract record ConfirmationParameters : PaymentIntentParameters
{
    /// <summary>Where the cardholder goes after a check; without one, the next action is for the merchant's own code.</summary>
    public string? ReturnUrl { get; init; }

    /// <summary>True: the cardholder is not there; a card that wants to ask is declined.</summary>
    public bool? OffSession { get; init; }

    /// <summary>True: fail instead of asking the cardholder.</summary>
    public bool? ErrorOnRequiresAction { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public bool? UseStripeSdk { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public string? Mandate { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? MandateData { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? RadarOptions { get; init; }

    internal AttemptTerms Terms => new(CanAsk: OffSession != true && ErrorOnRequiresAction != true, Text.NullIfEmpty(ReturnUrl));
}

internal abstract class ConfirmationParametersValidator<T> : PaymentIntentParametersValidator<T>
    where T : ConfirmationParameters
{
    protected ConfirmationParametersValidator() => RuleFor(c => c.ReturnUrl).ReturnUrl();
}

/// <summary>Takes what is said of a payment method into a payment intent.</summary>
internal sealed class PaymentMethodChoice(PaymentMethodIntake intake)
{
    /// <summary>The id of what is chosen, stored if it is new; null where nothing is given, empty where it is unset.</summary>
    public async Task<string?> OfAsync(string merchantId, string? customer, string? method, PaymentMethodParameters? data) =>
        data is not null ? (await intake.NewMethodAsync(merchantId, data, "payment_method_data")).Id
        : string.IsNullOrEmpty(method) ? method
        : (await intake.UsableAsync(merchantId, method, customer)).Id;

    /// <summary>The intent with what is given: with another payment method it waits to be confirmed.</summary>
    public async Task<PaymentIntent> ApplyAsync(PaymentIntent intent, PaymentIntentParameters given)
    {
        if (given.ChangesPayment) intent.Require(PaymentIntentAction.Update);
        var changed = intent with { Details = given.Over(intent.Details) };
        return await OfAsync(intent.MerchantId, intent.Customer, given.PaymentMethod, given.PaymentMethodData) is { } chosen ? With(changed, chosen) : changed;
    }

    private static PaymentIntent With(PaymentIntent intent, string method) =>
        intent.Become(method.Length > 0 ? PaymentIntentStatus.RequiresConfirmation : PaymentIntentStatus.RequiresPaymentMethod, PaymentIntentAction.Update) with
        {
            PaymentMethod = Text.NullIfEmpty(method),
            Details = intent.Details with { NextAction = null },
        };
}
