using System.Text.Json;

namespace PaymentSim.Core.Merchants;

/// <summary>A connected account, as it is stored: an isolated merchant that another one acts for.</summary>
public sealed record Account
{
    public required string Id { get; init; }

    /// <summary>The merchant that made it, and may act for it.</summary>
    public required string MerchantId { get; init; }

    public required AccountDetails Details { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What an account carries beside the columns that queries need; stored as JSON.</summary>
public sealed record AccountDetails
{
    /// <summary><c>standard</c>, <c>express</c>, <c>custom</c> or <c>none</c>.</summary>
    public string Type { get; init; } = "none";

    public string Country { get; init; } = "US";

    public string DefaultCurrency { get; init; } = "usd";

    public string? Email { get; init; }

    public string? BusinessType { get; init; }

    public JsonElement? BusinessProfile { get; init; }

    public JsonElement? Controller { get; init; }

    public JsonElement? Settings { get; init; }

    public JsonElement? TosAcceptance { get; init; }

    /// <summary>What it may do, such as <c>card_payments</c>: all that was asked for.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];
}

/// <summary>An account as the wire shows it.</summary>
public sealed record AccountObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "account";

    public JsonElement? BusinessProfile { get; init; }

    public string? BusinessType { get; init; }

    public required IReadOnlyDictionary<string, string> Capabilities { get; init; }

    public bool ChargesEnabled { get; init; } = true;

    public JsonElement? Controller { get; init; }

    public required string Country { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    public required string DefaultCurrency { get; init; }

    public bool DetailsSubmitted { get; init; } = true;

    public string? Email { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public bool PayoutsEnabled { get; init; } = true;

    public JsonElement? Settings { get; init; }

    public JsonElement? TosAcceptance { get; init; }

    public required string Type { get; init; }

    internal static AccountObject Of(Account account) => new()
    {
        Id = account.Id,
        BusinessProfile = account.Details.BusinessProfile,
        BusinessType = account.Details.BusinessType,
        Capabilities = account.Details.Capabilities.ToDictionary(name => name, _ => "active"),
        Controller = account.Details.Controller,
        Country = account.Details.Country,
        Created = account.CreatedAt.ToUnixTimeSeconds(),
        DefaultCurrency = account.Details.DefaultCurrency,
        Email = account.Details.Email,
        Metadata = account.Metadata,
        Settings = account.Details.Settings,
        TosAcceptance = account.Details.TosAcceptance,
        Type = account.Details.Type,
    };
}
