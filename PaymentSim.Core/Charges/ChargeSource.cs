namespace PaymentSim.Core.Charges;

/// <summary>
/// What to charge: a name (<c>tok_visa</c>, <c>pm_card_visa</c>, <c>btok_us_verified</c>, a test card's number, several names joined by
/// <c>|</c>), or card data typed in. It lives as long as the request; nothing of it is stored as it is.
/// </summary>
public sealed record ChargeSource
{
    /// <summary>The name, where the source was given as a string.</summary>
    public string? Token { get; private init; }

    /// <summary><c>card</c>, as SDKs send it with card data.</summary>
    public string? Object { get; init; }

    public string? Number { get; init; }

    public long? ExpMonth { get; init; }

    public long? ExpYear { get; init; }

    public string? Cvc { get; init; }

    /// <summary>The cardholder's name.</summary>
    public string? Name { get; init; }

    public string? Currency { get; init; }

    public string? AddressCity { get; init; }

    public string? AddressCountry { get; init; }

    public string? AddressLine1 { get; init; }

    public string? AddressLine2 { get; init; }

    public string? AddressState { get; init; }

    public string? AddressZip { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>It has a name, and so no data of its own that could be wrong.</summary>
    internal bool IsNamed => !string.IsNullOrWhiteSpace(Token);

    public static ChargeSource FromString(string token) => new() { Token = token };

    internal Address Address => new()
    {
        City = AddressCity,
        Country = AddressCountry,
        Line1 = AddressLine1,
        Line2 = AddressLine2,
        PostalCode = AddressZip,
        State = AddressState,
    };

    /// <summary>Never the content: it may be a card number.</summary>
    public override string ToString() => Token is null ? "card data" : "token";
}
