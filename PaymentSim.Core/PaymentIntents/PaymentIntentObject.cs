using System.Text.Json;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>A payment intent as the wire shows it, in answers and in events. Amounts are minor units, times unix seconds.</summary>
public sealed record PaymentIntentObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "payment_intent";

    public IReadOnlyList<string>? AllowedPaymentMethodTypes { get; init; }

    public required long Amount { get; init; }

    public required long AmountCapturable { get; init; }

    public AmountParts AmountDetails { get; init; } = new();

    public required long AmountReceived { get; init; }

    [Expandable]
    public string? Application { get; init; }

    public long? ApplicationFeeAmount { get; init; }

    public AutomaticPaymentMethods? AutomaticPaymentMethods { get; init; }

    public long? CanceledAt { get; init; }

    public string? CancellationReason { get; init; }

    public required string CaptureMethod { get; init; }

    public required string ClientSecret { get; init; }

    public required string ConfirmationMethod { get; init; }

    public required long Created { get; init; }

    public required string Currency { get; init; }

    [Expandable(typeof(CustomerObject))]
    public string? Customer { get; init; }

    public string? CustomerAccount { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<string>? ExcludedPaymentMethodTypes { get; init; }

    public IntentError? LastPaymentError { get; init; }

    [Expandable(typeof(ChargeObject))]
    public string? LatestCharge { get; init; }

    public bool Livemode { get; init; }

    public JsonElement? ManagedPayments { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public NextAction? NextAction { get; init; }

    [Expandable(typeof(AccountObject))]
    public string? OnBehalfOf { get; init; }

    [Expandable(typeof(PaymentMethodObject))]
    public string? PaymentMethod { get; init; }

    public JsonElement? PaymentMethodConfigurationDetails { get; init; }

    public JsonElement? PaymentMethodOptions { get; init; }

    public required IReadOnlyList<string> PaymentMethodTypes { get; init; }

    public JsonElement? Processing { get; init; }

    public string? ReceiptEmail { get; init; }

    [Expandable]
    public string? Review { get; init; }

    public string? SetupFutureUsage { get; init; }

    public Shipping? Shipping { get; init; }

    [Expandable]
    public string? Source { get; init; }

    public string? StatementDescriptor { get; init; }

    public string? StatementDescriptorSuffix { get; init; }

    public required string Status { get; init; }

    public JsonElement? TransferData { get; init; }

    public string? TransferGroup { get; init; }

    public static PaymentIntentObject Of(PaymentIntent intent)
    {
        var details = intent.Details;
        return new PaymentIntentObject
        {
            Id = intent.Id,
            AllowedPaymentMethodTypes = details.AllowedPaymentMethodTypes,
            Amount = intent.Amount,
            AmountCapturable = details.AmountCapturable,
            AmountReceived = details.AmountReceived,
            ApplicationFeeAmount = details.ApplicationFeeAmount,
            AutomaticPaymentMethods = details.AutomaticPaymentMethods,
            CanceledAt = details.CanceledAt?.ToUnixTimeSeconds(),
            CancellationReason = details.CancellationReason,
            CaptureMethod = details.CaptureMethod,
            ClientSecret = details.ClientSecret,
            ConfirmationMethod = details.ConfirmationMethod,
            Created = intent.CreatedAt.ToUnixTimeSeconds(),
            Currency = intent.Currency,
            Customer = intent.Customer,
            Description = details.Description,
            ExcludedPaymentMethodTypes = details.ExcludedPaymentMethodTypes,
            LastPaymentError = details.LastPaymentError,
            LatestCharge = intent.LatestCharge,
            Metadata = intent.Metadata,
            NextAction = details.NextAction,
            OnBehalfOf = details.OnBehalfOf,
            PaymentMethod = intent.PaymentMethod,
            PaymentMethodOptions = details.PaymentMethodOptions,
            PaymentMethodTypes = details.PaymentMethodTypes,
            ReceiptEmail = details.ReceiptEmail,
            SetupFutureUsage = details.SetupFutureUsage,
            Shipping = details.Shipping,
            StatementDescriptor = details.StatementDescriptor,
            StatementDescriptorSuffix = details.StatementDescriptorSuffix,
            Status = intent.Status.Wire(),
            TransferData = details.TransferData,
            TransferGroup = details.TransferGroup,
        };
    }

    internal static JsonElement Json(PaymentIntent intent) => JsonSerializer.SerializeToElement(Of(intent), CoreJson.Options);

    /// <summary>As who came with a publishable key may see it: without what is between the merchant and the processor.</summary>
    internal PaymentIntentObject ForBrowser() => this with
    {
        ApplicationFeeAmount = null,
        Customer = null,
        LatestCharge = null,
        Metadata = new Dictionary<string, string>(),
        OnBehalfOf = null,
        TransferData = null,
        TransferGroup = null,
        LastPaymentError = LastPaymentError is { } error ? error with { Charge = null, PaymentMethod = null } : null,
    };

    /// <summary>What the amount is made of; PaymentSim does not keep it.</summary>
    public sealed record AmountParts
    {
        public IReadOnlyDictionary<string, string> Tip { get; init; } = new Dictionary<string, string>();
    }
}

/// <summary>How an attempt on a payment intent ended.</summary>
/// <param name="Intent">As it is now.</param>
/// <param name="Declined">Why the money was not taken.</param>
public sealed record PaymentIntentAttempt(PaymentIntentObject Intent, Problem? Declined = null) : IHoldsObject<PaymentIntentObject>
{
    object? IHoldsObject.Held => Declined is null ? Intent : null;

    internal PaymentIntentAttempt For(RequestContext context) => !context.IsPublishable ? this : new(
        Intent.ForBrowser(),
        Declined is null ? null : Declined with
        {
            Charge = null, PaymentMethod = null, PaymentIntent = JsonSerializer.SerializeToElement(Intent.ForBrowser(), CoreJson.Options),
        });
}
