using System.Text.Json.Serialization;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Customers;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Core.Tokens;

/// <summary>A bank account as the wire shows it.</summary>
public sealed record BankAccountObject : CustomerSource
{
    public required string Id { get; init; }

    public string Object { get; init; } = "bank_account";

    public string? AccountHolderName { get; init; }

    public required string AccountHolderType { get; init; }

    public required string AccountType { get; init; }

    public required string BankName { get; init; }

    public string Country { get; init; } = "US";

    public string Currency { get; init; } = "usd";

    public required string Fingerprint { get; init; }

    public required string Last4 { get; init; }

    /// <summary>Left out of a token.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public required string RoutingNumber { get; init; }

    /// <summary><c>new</c>, <c>verified</c> or <c>verification_failed</c>.</summary>
    public string Status { get; init; } = AccountStatus.New.Wire();

    internal static BankAccountObject Of(BankAccountSnapshot account, string id) => new()
    {
        Id = id,
        AccountHolderName = account.HolderName,
        AccountHolderType = account.HolderType,
        AccountType = account.AccountType,
        BankName = account.BankName,
        Fingerprint = account.Fingerprint,
        Last4 = account.Last4,
        RoutingNumber = account.RoutingNumber,
    };
}
