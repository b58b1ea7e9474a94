using PaymentSim.Core.Charges;

namespace PaymentSim.Core.Tokens;

/// <summary>A card that can be used once, as it is stored: neither its number nor its security code is.</summary>
public sealed record Token
{
    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    /// <summary>The id that the card has wherever the token is used.</summary>
    public required string CardId { get; init; }

    public required CardSnapshot Card { get; init; }

    public required bool Used { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A token as the wire shows it.</summary>
public sealed record TokenObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "token";

    public required SourceObject Card { get; init; }

    public string? ClientIp { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    public bool Livemode { get; init; }

    public string Type { get; init; } = "card";

    public required bool Used { get; init; }

    internal static TokenObject Of(Token token) => new()
    {
        Id = token.Id,
        Card = SourceObject.Of(token.Card, token.CardId),
        Created = token.CreatedAt.ToUnixTimeSeconds(),
        Used = token.Used,
    };
}
