namespace PaymentSim.Core.Deliveries;

/// <summary>Which deliveries a person looks for, of all merchants: what is null or empty leaves nothing out.</summary>
public sealed record DeliveryFilter
{
    /// <summary>The id of an event, of a delivery, or of the object that the event is about (<c>ch_…</c>).</summary>
    public string? About { get; init; }

    /// <summary>A merchant's id, or a part of its name.</summary>
    public string? Merchant { get; init; }

    /// <summary>An endpoint's id, or a part of its URL.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The event's type; <c>*</c> stands for any characters: <c>charge.*</c>.</summary>
    public string? EventType { get; init; }

    public DeliveryStatus? Status { get; init; }

    /// <summary>Only what was made since then.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only what was made before then.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>
    /// An object's webhooks are found from the oldest on, right after the object itself was made: that is also the order in which they tell its
    /// story. All else is found from the newest on.
    /// </summary>
    public bool OldestFirst => IsAboutObject;

    internal bool IsAboutEvent => About?.StartsWith("evt_", StringComparison.Ordinal) == true;

    internal bool IsAboutDelivery => About?.StartsWith("whd_", StringComparison.Ordinal) == true;

    internal bool IsAboutObject => About is { Length: > 0 } && !IsAboutEvent && !IsAboutDelivery;
}
