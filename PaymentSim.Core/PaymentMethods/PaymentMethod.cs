using PaymentSim.Core.Charges;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>A card that is kept, as a payment method (<c>pm_…</c>) or as a customer's source (<c>card_…</c>).</summary>
public sealed record PaymentMethod
{
    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    public string? Customer { get; init; }

    public required SavedCard Details { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What a payment method carries beside the columns that queries need; stored as JSON.</summary>
public sealed record SavedCard
{
    public required CardSnapshot Card { get; init; }

    public BillingDetails Billing { get; init; } = new() { Address = new Address() };

    /// <summary><c>always</c>, <c>limited</c> or <c>unspecified</c>.</summary>
    public string AllowRedisplay { get; init; } = "unspecified";

    /// <summary>It belonged to a customer and was taken away: it cannot be used any more.</summary>
    public bool Detached { get; init; }
}
