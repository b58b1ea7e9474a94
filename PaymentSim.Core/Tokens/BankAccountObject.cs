using PaymentSim.Core.Charges;

namespace PaymentSim.Core.Tokens;

/// <summary>A bank account as the wire shows it.</summary>
public sealed record BankAccountObject
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

    public required string RoutingNumber { get; init; }

    public string Status { get; init; } = "new";

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
