using System.Text.Json;
using System.Text.Json.Serialization;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Refunds;

namespace PaymentSim.Core.Charges;

/// <summary>A charge as the wire shows it, in answers and in events. Amounts are minor units, times unix seconds.</summary>
public sealed record ChargeObject : WireObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "charge";

    public required long Amount { get; init; }

    public required long AmountCaptured { get; init; }

    public required long AmountRefunded { get; init; }

    [Expandable]
    public string? Application { get; init; }

    [Expandable]
    public string? ApplicationFee { get; init; }

    public long? ApplicationFeeAmount { get; init; }

    [Expandable(typeof(BalanceTransactionObject))]
    public string? BalanceTransaction { get; init; }

    public required BillingDetails BillingDetails { get; init; }

    public string? CalculatedStatementDescriptor { get; init; }

    public required bool Captured { get; init; }

    public required long Created { get; init; }

    public required string Currency { get; init; }

    [Expandable(typeof(CustomerObject))]
    public string? Customer { get; init; }

    public string? Description { get; init; }

    public bool Disputed { get; init; }

    [Expandable]
    public string? FailureBalanceTransaction { get; init; }

    public string? FailureCode { get; init; }

    public string? FailureMessage { get; init; }

    public IReadOnlyDictionary<string, string> FraudDetails { get; init; } = new Dictionary<string, string>();

    public bool Livemode { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    [Expandable(typeof(AccountObject))]
    public string? OnBehalfOf { get; init; }

    public required ChargeOutcome Outcome { get; init; }

    public required bool Paid { get; init; }

    [Expandable(typeof(PaymentIntentObject))]
    public string? PaymentIntent { get; init; }

    public required string PaymentMethod { get; init; }

    public required PaymentMethodDetails PaymentMethodDetails { get; init; }

    public string? ReceiptEmail { get; init; }

    public string? ReceiptNumber { get; init; }

    public string? ReceiptUrl { get; init; }

    public required bool Refunded { get; init; }

    [Expandable]
    public required RefundList Refunds { get; init; }

    [Expandable]
    public string? Review { get; init; }

    public Shipping? Shipping { get; init; }

    public SourceObject? Source { get; init; }

    [Expandable]
    public string? SourceTransfer { get; init; }

    public string? StatementDescriptor { get; init; }

    public string? StatementDescriptorSuffix { get; init; }

    public required string Status { get; init; }

    public JsonElement? TransferData { get; init; }

    public string? TransferGroup { get; init; }

    /// <summary>Without the refunds that it may have: <see cref="ChargeObjects"/> reads them, too.</summary>
    public static ChargeObject Of(Charge charge)
    {
        var details = charge.Details;
        return new ChargeObject
        {
            Id = charge.Id,
            Amount = charge.Amount,
            AmountCaptured = charge.AmountCaptured,
            AmountRefunded = charge.AmountRefunded,
            ApplicationFeeAmount = details.ApplicationFeeAmount,
            BalanceTransaction = charge.Transaction,
            BillingDetails = details.Billing ?? new BillingDetails { Name = details.Card?.HolderName, Address = details.Card?.Address ?? new Address() },
            CalculatedStatementDescriptor = charge.Status == ChargeStatus.Succeeded
                ? details.StatementDescriptor ?? ("PAYMENTSIM " + details.StatementDescriptorSuffix).TrimEnd()
                : null,
            Captured = charge.Captured,
            Created = charge.CreatedAt.ToUnixTimeSeconds(),
            Currency = charge.Currency,
            Customer = charge.Customer,
            Description = charge.Description,
            Disputed = details.Disputed,
            FailureCode = details.Failure?.Code,
            FailureMessage = details.Failure?.Message,
            Metadata = charge.Metadata,
            OnBehalfOf = details.OnBehalfOf,
            Outcome = details.Outcome,
            Paid = charge.Status == ChargeStatus.Succeeded,
            PaymentIntent = charge.PaymentIntent,
            PaymentMethod = details.PaymentMethodId,
            PaymentMethodDetails = PaymentMethodDetails.Of(charge),
            ReceiptEmail = details.ReceiptEmail,
            Refunded = charge.AmountRefunded > 0 && charge.AmountRefunded == charge.Amount,
            Refunds = new RefundList { Url = $"/v1/charges/{charge.Id}/refunds" },
            Shipping = details.Shipping,
            StatementDescriptor = details.StatementDescriptor,
            StatementDescriptorSuffix = details.StatementDescriptorSuffix,
            Source = details.Card is { } card && charge.PaymentIntent is null ? SourceObject.Of(card, details.PaymentMethodId) : null,
            Status = charge.Status.Wire(),
            TransferData = details.TransferData,
            TransferGroup = charge.TransferGroup,
        };
    }

    private protected override void Write(Utf8JsonWriter writer) => ChargeJson.Default.ChargeObject.SerializeHandler!(writer, this);
}

/// <summary>
/// Code that the compiler makes for writing a charge, the object that is written most, for the wire and for the database: it takes three fifths of the time that
/// <see cref="CoreJson"/>'s own rules take, and comes to the same text.
/// </summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Serialization, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ChargeObject))]
[JsonSerializable(typeof(ChargeDetails))]
internal sealed partial class ChargeJson : JsonSerializerContext;

/// <summary>A card, as the wire's card object: one that was charged, or that a customer has saved.</summary>
public sealed record SourceObject : CustomerSource
{
    public required string Id { get; init; }

    public string Object { get; init; } = "card";

    public string? AddressCity { get; init; }

    public string? AddressCountry { get; init; }

    [JsonPropertyName("address_line1")]
    public string? AddressLine1 { get; init; }

    [JsonPropertyName("address_line1_check")]
    public string? AddressLine1Check { get; init; }

    [JsonPropertyName("address_line2")]
    public string? AddressLine2 { get; init; }

    public string? AddressState { get; init; }

    public string? AddressZip { get; init; }

    public string? AddressZipCheck { get; init; }

    public required string Brand { get; init; }

    public required string Country { get; init; }

    public string? CvcCheck { get; init; }

    public string? DynamicLast4 { get; init; }

    public required int ExpMonth { get; init; }

    public required int ExpYear { get; init; }

    public required string Fingerprint { get; init; }

    public required string Funding { get; init; }

    public required string Last4 { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public string? Name { get; init; }

    public CardNetworks Networks { get; init; } = new(Preferred: null);

    public string RegulatedStatus { get; init; } = "unregulated";

    public string? TokenizationMethod { get; init; }

    internal static SourceObject Of(CardSnapshot card, string id) => new()
    {
        Id = id,
        AddressCity = card.Address?.City,
        AddressCountry = card.Address?.Country,
        AddressLine1 = card.Address?.Line1,
        AddressLine2 = card.Address?.Line2,
        AddressState = card.Address?.State,
        AddressZip = card.Address?.PostalCode,
        Brand = BrandName(card.Brand),
        Country = card.Country,
        CvcCheck = card.CvcCheck,
        ExpMonth = card.ExpMonth,
        ExpYear = card.ExpYear,
        Fingerprint = card.Fingerprint,
        Funding = card.Funding,
        Last4 = card.Last4,
        Name = card.HolderName,
    };

    /// <summary>Card objects write brands as people do, payment method details in lower case.</summary>
    private static string BrandName(string brand) => brand switch
    {
        "amex" => "American Express",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        "mastercard" => "MasterCard",
        _ => char.ToUpperInvariant(brand[0]) + brand[1..],
    };

    /// <summary>Which network a card of several should go over.</summary>
    public sealed record CardNetworks(string? Preferred);
}

/// <summary>Who pays, as given with the card.</summary>
public sealed record BillingDetails
{
    public required Address Address { get; init; }

    public string? Email { get; init; }

    public string? Name { get; init; }

    public string? Phone { get; init; }

    public string? TaxId { get; init; }
}
