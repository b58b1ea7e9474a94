using System.Text.Json;
using System.Text.Json.Serialization;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.Tokens;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>A payment method as the wire shows it.</summary>
public sealed record PaymentMethodObject
{
    private const string SepaDebitType = "sepa_debit";

    public required string Id { get; init; }

    public string Object { get; init; } = "payment_method";

    public required string AllowRedisplay { get; init; }

    public required BillingDetails BillingDetails { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PaymentMethodCard? Card { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    [Expandable(typeof(CustomerObject))]
    public string? Customer { get; init; }

    public string? CustomerAccount { get; init; }

    public bool Livemode { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PaymentMethodSepaDebit? SepaDebit { get; init; }

    public required string Type { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PaymentMethodBankAccount? UsBankAccount { get; init; }

    internal static PaymentMethodObject Of(PaymentMethod method) => new()
    {
        Id = method.Id,
        AllowRedisplay = method.Details.AllowRedisplay,
        BillingDetails = method.Details.Billing,
        Card = method.Details.Card is { } card ? PaymentMethodCard.Of(card) : null,
        Created = method.CreatedAt.ToUnixTimeSeconds(),
        Customer = method.Customer,
        Metadata = method.Metadata,
        Type = method.Details.Type,
        SepaDebit = method.Details is { Type: SepaDebitType, BankAccount: { } sepa } ? PaymentMethodSepaDebit.Of(sepa) : null,
        UsBankAccount = method.Details is { Type: not SepaDebitType, BankAccount: { } account } ? PaymentMethodBankAccount.Of(account) : null,
    };

    internal static JsonElement Json(PaymentMethod method) => JsonSerializer.SerializeToElement(Of(method), CoreJson.Options);

    /// <summary>What was saved as a source, as the wire's card or bank account.</summary>
    internal static CustomerSource SourceOf(PaymentMethod method) => method.Details.Card is { } card
        ? SourceObject.Of(card, method.Id) with { Customer = method.Customer, Metadata = method.Metadata }
        : BankAccountObject.Of(method.Details.BankAccount!, method.Id) with
        {
            Customer = method.Customer, Metadata = method.Metadata, Status = method.Details.Verification!.Status.Wire(),
        };
}

/// <summary>The card of a payment method.</summary>
public sealed record PaymentMethodCard
{
    public required string Brand { get; init; }

    public required CardChecks Checks { get; init; }

    public required string Country { get; init; }

    public required string DisplayBrand { get; init; }

    public required int ExpMonth { get; init; }

    public required int ExpYear { get; init; }

    public required string Fingerprint { get; init; }

    public required string Funding { get; init; }

    public string? GeneratedFrom { get; init; }

    public required string Last4 { get; init; }

    public required AvailableNetworks Networks { get; init; }

    public string RegulatedStatus { get; init; } = "unregulated";

    public ThreeDSecureSupport ThreeDSecureUsage { get; init; } = new(Supported: true);

    public string? Wallet { get; init; }

    internal static PaymentMethodCard Of(CardSnapshot card) => new()
    {
        Brand = card.Brand,
        Checks = new CardChecks { CvcCheck = card.CvcCheck },
        Country = card.Country,
        DisplayBrand = card.Brand,
        ExpMonth = card.ExpMonth,
        ExpYear = card.ExpYear,
        Fingerprint = card.Fingerprint,
        Funding = card.Funding,
        Last4 = card.Last4,
        Networks = new AvailableNetworks([card.Brand], Preferred: null),
    };

    /// <summary>The networks that the card can go over.</summary>
    public sealed record AvailableNetworks(IReadOnlyList<string> Available, string? Preferred);

    /// <summary>Whether the cardholder can be asked.</summary>
    public sealed record ThreeDSecureSupport(bool Supported);
}

/// <summary>The bank account of a payment method.</summary>
public sealed record PaymentMethodBankAccount
{
    public required string AccountHolderType { get; init; }

    public required string AccountType { get; init; }

    public required string BankName { get; init; }

    public string? FinancialConnectionsAccount { get; init; }

    public required string Fingerprint { get; init; }

    public required string Last4 { get; init; }

    public BankNetworks Networks { get; init; } = new("ach", ["ach"]);

    public required string RoutingNumber { get; init; }

    public string? StatusDetails { get; init; }

    internal static PaymentMethodBankAccount Of(BankAccountSnapshot account) => new()
    {
        AccountHolderType = account.HolderType,
        AccountType = account.AccountType,
        BankName = account.BankName,
        Fingerprint = account.Fingerprint,
        Last4 = account.Last4,
        RoutingNumber = account.RoutingNumber,
    };

    /// <summary>The networks that the account can be debited over.</summary>
    public sealed record BankNetworks(string Preferred, IReadOnlyList<string> Supported);
}

/// <summary>The bank account of a payment method by its IBAN.</summary>
public sealed record PaymentMethodSepaDebit
{
    public required string BankCode { get; init; }

    public string? BranchCode { get; init; }

    public required string Country { get; init; }

    public required string Fingerprint { get; init; }

    public string? GeneratedFrom { get; init; }

    public required string Last4 { get; init; }

    internal static PaymentMethodSepaDebit Of(BankAccountSnapshot account) => new()
    {
        BankCode = account.RoutingNumber,
        BranchCode = account.BranchCode,
        Country = account.Country,
        Fingerprint = account.Fingerprint,
        Last4 = account.Last4,
    };
}
