using System.Text.Json.Serialization;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>Whether an endpoint gets events.</summary>
public enum WebhookEndpointStatus
{
    Enabled,

    /// <summary>By the merchant, or because the endpoint answered 410 Gone. Its pending deliveries wait.</summary>
    Disabled,
}

/// <summary>Where a merchant wants its events, as it is stored.</summary>
public sealed record WebhookEndpoint
{
    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    public required string Url { get; init; }

    /// <summary>Event types, or <c>*</c> for all.</summary>
    public required IReadOnlyList<string> EnabledEvents { get; init; }

    public required WebhookEndpointStatus Status { get; init; }

    /// <summary>Why it is disabled, where it was not the merchant's wish.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>The version of the events that it gets.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>True where the endpoint asked for that version itself.</summary>
    public required bool PinnedVersion { get; init; }

    public string? Description { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>What is to go wrong with its webhooks on purpose; null: nothing.</summary>
    public FaultPlan? Faults { get; init; }

    /// <summary>The signing secret, sealed by <see cref="SecretBox"/>.</summary>
    public required string Secret { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public bool Wants(string eventType) => EnabledEvents.Any(wanted => wanted == EventTypes.All || wanted == eventType);
}

/// <summary>An endpoint as the wire shows it.</summary>
public sealed record WebhookEndpointObject : IHoldsSecret
{
    public required string Id { get; init; }

    public string Object { get; init; } = "webhook_endpoint";

    public string? ApiVersion { get; init; }

    public string? Application { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    public string? Description { get; init; }

    public required IReadOnlyList<string> EnabledEvents { get; init; }

    public bool Livemode { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary><c>whsec_…</c>; only in the answer to the creation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    public required string Status { get; init; }

    public required string Url { get; init; }

    public static WebhookEndpointObject Of(WebhookEndpoint endpoint, string? secret = null) => new()
    {
        Id = endpoint.Id,
        ApiVersion = endpoint.PinnedVersion ? endpoint.ApiVersion : null,
        Created = endpoint.CreatedAt.ToUnixTimeSeconds(),
        Description = endpoint.Description,
        EnabledEvents = endpoint.EnabledEvents,
        Metadata = endpoint.Metadata,
        Secret = secret,
        Status = endpoint.Status.Wire(),
        Url = endpoint.Url,
    };
}
