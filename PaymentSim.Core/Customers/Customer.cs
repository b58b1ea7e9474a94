using System.Text.Json;
using PaymentSim.Core.Charges;

namespace PaymentSim.Core.Customers;

/// <summary>Somebody who pays more than once, as it is stored.</summary>
public sealed record Customer
{
    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    public string? Email { get; init; }

    public required CustomerDetails Details { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required bool Deleted { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What a customer carries beside the columns that queries need; stored as JSON.</summary>
public sealed record CustomerDetails
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public string? Phone { get; init; }

    public string? BusinessName { get; init; }

    public string? IndividualName { get; init; }

    public Address? Address { get; init; }

    public Shipping? Shipping { get; init; }

    /// <summary>Minor units; what the next invoice would be changed by.</summary>
    public long Balance { get; init; }

    public required string InvoicePrefix { get; init; }

    public long NextInvoiceSequence { get; init; } = 1;

    public IReadOnlyList<string> PreferredLocales { get; init; } = [];

    /// <summary><c>none</c>, <c>exempt</c> or <c>reverse</c>.</summary>
    public string TaxExempt { get; init; } = "none";

    /// <summary>The card (<c>card_…</c>) or bank account (<c>ba_…</c>) that is charged where a charge names none.</summary>
    public string? DefaultSource { get; init; }

    public string? DefaultPaymentMethod { get; init; }

    public string? InvoiceFooter { get; init; }

    public JsonElement? InvoiceFields { get; init; }

    public JsonElement? InvoiceRendering { get; init; }

    public string? TestClock { get; init; }
}
