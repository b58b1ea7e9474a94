using System.Text.Json.Serialization;
using PaymentSim.Core.Charges;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>A card or bank account that is kept, as a payment method (<c>pm_…</c>) or as a customer's source (<c>card_…</c>, <c>ba_…</c>).</summary>
public sealed record PaymentMethod
{
    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    public string? Customer { get; init; }

    public required SavedMethod Details { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What a payment method carries beside the columns that queries need; stored as JSON.</summary>
public sealed record SavedMethod
{
    /// <summary>Null where it is a bank account.</summary>
    public CardSnapshot? Card { get; init; }

    /// <summary>Null where it is a card.</summary>
    public BankAccountSnapshot? BankAccount { get; init; }

    /// <summary>As the wire calls it: <c>card</c>, <c>us_bank_account</c> or <c>sepa_debit</c>.</summary>
    [JsonIgnore]
    public string Type => BankAccount?.Type ?? "card";

    /// <summary>Of a bank account that is a customer's source; null of everything else, which needs none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AccountVerification? Verification { get; init; }

    public BillingDetails Billing { get; init; } = new() { Address = new Address() };

    /// <summary><c>always</c>, <c>limited</c> or <c>unspecified</c>.</summary>
    public string AllowRedisplay { get; init; } = "unspecified";

    /// <summary>It belonged to a customer and was taken away: it cannot be used any more.</summary>
    public bool Detached { get; init; }
}

/// <summary>Whether a bank account was proved to be its customer's.</summary>
public enum AccountStatus
{
    /// <summary>Not yet; it cannot be charged.</summary>
    New,

    /// <summary>It can be charged. Final.</summary>
    Verified,

    /// <summary>Too many attempts have failed. Final.</summary>
    VerificationFailed,
}

/// <summary>How far a bank account's verification has come.</summary>
public sealed record AccountVerification(AccountStatus Status, int FailedAttempts = 0);
