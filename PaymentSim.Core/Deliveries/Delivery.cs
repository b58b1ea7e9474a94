namespace PaymentSim.Core.Deliveries;

/// <summary>Where a delivery stands.</summary>
public enum DeliveryStatus
{
    /// <summary>To be sent at <see cref="Delivery.NextAttemptAt"/>, or being sent.</summary>
    Pending,

    /// <summary>The endpoint answered with a 2xx status.</summary>
    Succeeded,

    /// <summary>The retry schedule is used up; a replay makes it pending again.</summary>
    Failed,

    /// <summary>It will not be sent: its endpoint is gone, or a person deleted its job.</summary>
    Canceled,
}

/// <summary>What an attempt is made for.</summary>
public enum DeliveryTrigger
{
    /// <summary>The event itself, or the retry schedule.</summary>
    Automatic,

    /// <summary>A person asked for it.</summary>
    Replay,
}

/// <summary>One event on its way to one endpoint, as it is stored: the outbox, and the truth about every webhook.</summary>
public sealed record Delivery
{
    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    public required string EventId { get; init; }

    public required string EventType { get; init; }

    public required string EndpointId { get; init; }

    public required DeliveryStatus Status { get; init; }

    /// <summary>Why the next attempt is made.</summary>
    public required DeliveryTrigger TriggerKind { get; init; }

    /// <summary>All attempts so far.</summary>
    public required long Attempts { get; init; }

    /// <summary>Failed attempts of the current retry budget; a replay begins a new one.</summary>
    public required long Failures { get; init; }

    /// <summary>The earliest time of the next attempt; null when none is planned.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>Until then the job that claimed the delivery is sending it, and no other may.</summary>
    public DateTimeOffset? ClaimedUntil { get; init; }

    public string? LastError { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>It will not be sent. Whoever is sending it goes on.</summary>
    public Delivery Canceled(string reason, DateTimeOffset now) =>
        this with { Status = DeliveryStatus.Canceled, NextAttemptAt = null, LastError = reason, CompletedAt = now };

    /// <summary>It is to be sent now: with a full new retry budget if it had ended, with the rest of its budget if it waits for a retry.</summary>
    public Delivery Rearmed(DateTimeOffset now) => this with
    {
        Status = DeliveryStatus.Pending,
        TriggerKind = DeliveryTrigger.Replay,
        Failures = Status == DeliveryStatus.Pending ? Failures : 0,
        NextAttemptAt = now,
        CompletedAt = null,
    };
}

/// <summary>How an attempt ended.</summary>
public enum AttemptOutcome
{
    /// <summary>Being sent.</summary>
    Open,

    Succeeded,

    Failed,

    /// <summary>The simulator stopped before the answer: nobody knows whether it arrived.</summary>
    Interrupted,
}

/// <summary>One attempt to deliver, written before it is sent and completed by its outcome. The request's body is the event's payload.</summary>
public sealed record DeliveryAttempt
{
    public required string DeliveryId { get; init; }

    /// <summary>1, 2, 3 …</summary>
    public required long Number { get; init; }

    public required DeliveryTrigger TriggerKind { get; init; }

    public required AttemptOutcome Outcome { get; init; }

    public required string Url { get; init; }

    public IReadOnlyDictionary<string, string>? RequestHeaders { get; init; }

    /// <summary>HTTP status; null where there was no answer.</summary>
    public long? ResponseStatus { get; init; }

    public IReadOnlyDictionary<string, string>? ResponseHeaders { get; init; }

    /// <summary>The first 16 KB of it.</summary>
    public string? ResponseBody { get; init; }

    public SendErrorClass? ErrorClass { get; init; }

    /// <summary>What went wrong with it on purpose (<see cref="FaultPlay.Text"/>).</summary>
    public string? Fault { get; init; }

    public string? Error { get; init; }

    /// <summary>Milliseconds.</summary>
    public long? DurationMs { get; init; }

    public required DateTimeOffset StartedAt { get; init; }
}
