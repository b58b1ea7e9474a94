using System.Text.Json.Serialization;
using PaymentSim.Core.Charges;

namespace PaymentSim.Core.Tokens;

/// <summary>A card or a bank account that can be used once, as it is stored: neither its number nor a security code is.</summary>
public sealed record Token
{
    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    /// <summary>The id that the card or account has wherever the token is used.</summary>
    public required string SourceId { get; init; }

    /// <summary>Null where it is a bank account.</summary>
    public CardSnapshot? Card { get; init; }

    /// <summary>Null where it is a card.</summary>
    public BankAccountSnapshot? BankAccount { get; init; }

    public required bool Used { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A token as the wire shows it.</summary>
public sealed record TokenObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "token";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BankAccountObject? BankAccount { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SourceObject? Card { get; init; }

    public string? ClientIp { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    public bool Livemode { get; init; }

    /// <summary><c>card</c> or <c>bank_account</c>.</summary>
    public required string Type { get; init; }

    public required bool Used { get; init; }

    internal static TokenObject Of(Token token) => new()
    {
        Id = token.Id,
        BankAccount = token.BankAccount is { } account ? BankAccountObject.Of(account, token.SourceId) : null,
        Card = token.Card is { } card ? SourceObject.Of(card, token.SourceId) : null,
        Created = token.CreatedAt.ToUnixTimeSeconds(),
        Type = token.Card is null ? "bank_account" : "card",
        Used = token.Used,
    };
}
