using System.Text.Json.Serialization;
using PaymentSim.Core.Charges;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>A card or bank account that is kept, as a payment method (<c>pm_…</c>) or, a card, as a customer's source (<c>card_…</c>).</summary>
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

    /// <summary>As the wire calls it: <c>card</c> or <c>us_bank_account</c>.</summary>
    [JsonIgnore]
    public string Type => Card is null ? "us_bank_account" : "card";

    public BillingDetails Billing { get; init; } = new() { Address = new Address() };

    /// <summary><c>always</c>, <c>limited</c> or <c>unspecified</c>.</summary>
    public string AllowRedisplay { get; init; } = "unspecified";

    /// <summary>It belonged to a customer and was taken away: it cannot be used any more.</summary>
    public bool Detached { get; init; }
}
