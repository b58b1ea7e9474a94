using System.Text.Json.Serialization;

namespace PaymentSim.Core.Charges;

/// <summary>The <c>payment_method_details</c> of a charge: what was known of the card or account at that moment.</summary>
public sealed record PaymentMethodDetails
{
    private const string SepaDebitType = "sepa_debit";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CardPayment? Card { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SepaPayment? SepaDebit { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BankPayment? UsBankAccount { get; init; }

    public required string Type { get; init; }

    internal static PaymentMethodDetails Of(Charge charge) => charge.Details switch
    {
        { Card: { } card } => new() { Type = "card", Card = CardPayment.Of(card, charge) },
        { BankAccount: { Type: SepaDebitType } account } => new() { Type = account.Type, SepaDebit = SepaPayment.Of(account) },
        { BankAccount: { } account } => new() { Type = account.Type, UsBankAccount = BankPayment.Of(account) },
        _ => throw new InvalidOperationException($"Charge {charge.Id} has neither a card nor a bank account."),
    };
}

/// <summary>A payment by card.</summary>
public sealed record CardPayment
{
    /// <summary>Minor units; null where nothing was authorised.</summary>
    public long? AmountAuthorized { get; init; }

    public string? AuthorizationCode { get; init; }

    public required string Brand { get; init; }

    /// <summary>Unix seconds; only of an authorisation that can still be captured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? CaptureBefore { get; init; }

    public required CardChecks Checks { get; init; }

    public required string Country { get; init; }

    public required int ExpMonth { get; init; }

    public required int ExpYear { get; init; }

    public Capability ExtendedAuthorization { get; init; } = new("disabled");

    public required string Fingerprint { get; init; }

    public required string Funding { get; init; }

    public Capability IncrementalAuthorization { get; init; } = new("unavailable");

    public string? Installments { get; init; }

    public required string Last4 { get; init; }

    public string? Mandate { get; init; }

    public Capability Multicapture { get; init; } = new("unavailable");

    public required string Network { get; init; }

    public NetworkTokenUse NetworkToken { get; init; } = new(Used: false);

    public string? NetworkTransactionId { get; init; }

    public required OvercaptureLimit Overcapture { get; init; }

    public string RegulatedStatus { get; init; } = "unregulated";

    public ThreeDSecureResult? ThreeDSecure { get; init; }

    public string? TransactionLinkId { get; init; }

    public string? Wallet { get; init; }

    internal static CardPayment Of(CardSnapshot card, Charge charge) => new()
    {
        AmountAuthorized = charge.Status == ChargeStatus.Failed ? null : charge.Amount,
        Brand = card.Brand,
        CaptureBefore = charge.IsAuthorization ? charge.SettlesAt?.ToUnixTimeSeconds() : null,
        Checks = new CardChecks { CvcCheck = card.CvcCheck },
        Country = card.Country,
        ExpMonth = card.ExpMonth,
        ExpYear = card.ExpYear,
        Fingerprint = card.Fingerprint,
        Funding = card.Funding,
        Last4 = card.Last4,
        Network = card.Brand,
        Overcapture = new OvercaptureLimit(charge.Amount, "unavailable"),
        ThreeDSecure = charge.Details.Authenticated ? new ThreeDSecureResult() : null,
    };

    /// <summary>Whether a feature was on for this payment.</summary>
    public sealed record Capability(string Status);

    /// <summary>Whether a network token stood in for the card number.</summary>
    public sealed record NetworkTokenUse(bool Used);

    /// <summary>The cardholder was asked, and passed.</summary>
    public sealed record ThreeDSecureResult
    {
        public string AuthenticationFlow { get; init; } = "challenge";

        public string ElectronicCommerceIndicator { get; init; } = "05";

        public string? ExemptionIndicator { get; init; }

        public string Result { get; init; } = "authenticated";

        public string? ResultReason { get; init; }

        public string? TransactionId { get; init; }

        public string Version { get; init; } = "2.2.0";
    }

    /// <summary>How much could be captured at most, in minor units.</summary>
    public sealed record OvercaptureLimit(long MaximumAmountCapturable, string Status);
}

/// <summary>What the issuer compared.</summary>
public sealed record CardChecks
{
    [JsonPropertyName("address_line1_check")]
    public string? AddressLine1Check { get; init; }

    public string? AddressPostalCodeCheck { get; init; }

    public string? CvcCheck { get; init; }
}

/// <summary>A payment by bank debit.</summary>
public sealed record BankPayment
{
    public required string AccountHolderType { get; init; }

    public required string AccountType { get; init; }

    public required string BankName { get; init; }

    public required string Fingerprint { get; init; }

    public required string Last4 { get; init; }

    public string? Mandate { get; init; }

    public string? PaymentReference { get; init; }

    public required string RoutingNumber { get; init; }

    internal static BankPayment Of(BankAccountSnapshot account) => new()
    {
        AccountHolderType = account.HolderType,
        AccountType = account.AccountType,
        BankName = account.BankName,
        Fingerprint = account.Fingerprint,
        Last4 = account.Last4,
        RoutingNumber = account.RoutingNumber,
    };
}

/// <summary>A payment by SEPA debit.</summary>
public sealed record SepaPayment
{
    public required string BankCode { get; init; }

    public string? BranchCode { get; init; }

    public required string Country { get; init; }

    public string? ExpectedDebitDate { get; init; }

    public required string Fingerprint { get; init; }

    public required string Last4 { get; init; }

    public string? Mandate { get; init; }

    internal static SepaPayment Of(BankAccountSnapshot account) => new()
    {
        BankCode = account.RoutingNumber,
        BranchCode = account.BranchCode,
        Country = account.Country,
        Fingerprint = account.Fingerprint,
        Last4 = account.Last4,
    };
}
