using System.Text.Json.Serialization;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>Whether an endpoint gets events.</summary>
public enum WebhookEndpointStatus
{
    Enabled,

    /// <summary>By the merchant, because the endpoint answered 410 Gone, or because nothing had arrived there for days. Its pending deliveries wait.</summary>
    Disabled,
}

/// <summary>Where a merchant wants its events, as it is stored.</summary>
public sealed record WebhookEndpoint
{
    private readonly IReadOnlyList<string> _enabledEvents = [];
    private EventFilter? _filter;

    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    public required string Url { get; init; }

    /// <summary>Event types, <c>charge.*</c> for all below <c>charge</c>, or <c>*</c> for all.</summary>
    public required IReadOnlyList<string> EnabledEvents
    {
        get => _enabledEvents;
        init => (_enabledEvents, _filter) = (value, null);
    }

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

    /// <summary>The secret before that one, sealed too: until <see cref="PreviousSecretUntil"/> webhooks are signed with both.</summary>
    public string? PreviousSecret { get; init; }

    public DateTimeOffset? PreviousSecretUntil { get; init; }

    /// <summary>Milliseconds that it may take to answer; null: as long as the simulator's settings say.</summary>
    public long? TimeoutMs { get; init; }

    /// <summary>The waits after failed attempts, such as <c>1s,2s,3s</c>; empty: no retries; null: those of the simulator's settings.</summary>
    public string? RetrySchedule { get; init; }

    /// <summary>Deliveries a second at most; null: as many as there are.</summary>
    public long? RateLimit { get; init; }

    /// <summary>Headers that its merchant wants sent along: a JSON map, sealed, for they may hold keys.</summary>
    public string? Headers { get; init; }

    /// <summary>Webhooks about one object arrive in order: each waits until the one before it has ended.</summary>
    public bool Ordered { get; init; }

    /// <summary>The first failed attempt since anything arrived; null: the last one that is known of arrived.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public TimeSpan? Timeout => TimeoutMs is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    public bool Wants(string eventType) => (_filter ??= new EventFilter(EnabledEvents)).Takes(eventType);

    /// <summary>It gets events from now on, whatever was before.</summary>
    public WebhookEndpoint Enabled() => this with { Status = WebhookEndpointStatus.Enabled, DisabledReason = null, FailingSince = null };

    /// <param name="reason">Null: its merchant's wish.</param>
    public WebhookEndpoint Disabled(string? reason) => this with { Status = WebhookEndpointStatus.Disabled, DisabledReason = reason };

    /// <summary>At another address nothing has failed yet.</summary>
    public WebhookEndpoint MovedTo(string url) => url == Url ? this : this with { Url = url, FailingSince = null };
}

/// <summary>An endpoint as the wire shows it.</summary>
public record WebhookEndpointObject : IHoldsSecret
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
