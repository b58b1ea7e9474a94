using PaymentSim.Core.Webhooks;

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

    /// <summary>Failed attempts of the current retry budget. Replays are not counted, but for one of a delivery that had ended, which begins a new budget.</summary>
    public required long Failures { get; init; }

    /// <summary>The earliest time of the next attempt; null when none is planned.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>
    /// While a replay is to be made or is under way: when the automatic schedule goes on, with what is left of its budget, if the replay fails. Null:
    /// with the replay a new retry budget begins or, once an attempt of this budget has failed, the schedule is used up.
    /// </summary>
    public DateTimeOffset? AutomaticAt { get; init; }

    /// <summary>Until then the job that claimed the delivery is sending it, and no other may.</summary>
    public DateTimeOffset? ClaimedUntil { get; init; }

    public string? LastError { get; init; }

    /// <summary>The object by which it stands in line, where its endpoint wants order; null: it waits for none, and none for it.</summary>
    public string? OrderKey { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Another one of its line must end before its time comes (<see cref="DeliveryOrder"/>).</summary>
    public bool IsHeld => Status == DeliveryStatus.Pending && NextAttemptAt is null;

    /// <summary>A new one that is due at once.</summary>
    /// <param name="endpoint">Where to: one of the event's merchant.</param>
    internal static Delivery Due(string id, string eventId, string eventType, WebhookEndpoint endpoint, DeliveryTrigger trigger, DateTimeOffset now) => new()
    {
        Id = id,
        MerchantId = endpoint.MerchantId,
        EventId = eventId,
        EventType = eventType,
        EndpointId = endpoint.Id,
        Status = DeliveryStatus.Pending,
        TriggerKind = trigger,
        Attempts = 0,
        Failures = 0,
        NextAttemptAt = now,
        CreatedAt = now,
    };

    /// <summary>It will not be sent. Whoever is sending it goes on.</summary>
    public Delivery Canceled(string reason, DateTimeOffset now) =>
        this with { Status = DeliveryStatus.Canceled, NextAttemptAt = null, AutomaticAt = null, LastError = reason, CompletedAt = now };

    /// <summary>Somebody is sending it.</summary>
    public bool IsClaimed(DateTimeOffset now) => ClaimedUntil > now;

    /// <summary>
    /// It is to be sent once more, by a person's wish. One that has ended is due now, with a full new retry budget and outside of any order. One that waits for
    /// its retry is due now, and the retry stays planned for the case that this fails. One that is being sent is due again if that fails. One that is about to
    /// be sent stays as it is: sent twice, it would be no better. One that is held back still waits for its turn.
    /// </summary>
    public Delivery Rearmed(DateTimeOffset now)
    {
        if (IsHeld) return this;
        if (Status != DeliveryStatus.Pending)
        {
            return this with
            {
                Status = DeliveryStatus.Pending,
                TriggerKind = DeliveryTrigger.Replay,
                Failures = 0,
                OrderKey = null,
                NextAttemptAt = now,
                AutomaticAt = null,
                CompletedAt = null,
            };
        }

        if (!IsClaimed(now) && NextAttemptAt <= now) return this;
        return this with
        {
            TriggerKind = DeliveryTrigger.Replay,
            // One that is being sent gets another time than the one that its sender knows: by that he sees that he was asked to send it again.
            NextAttemptAt = IsClaimed(now) ? NextAttemptAt?.AddMilliseconds(-1) : now,
            AutomaticAt = TriggerKind == DeliveryTrigger.Automatic ? NextAttemptAt : AutomaticAt,
        };
    }
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

/// <summary>One attempt to deliver, written before it is sent and completed by its outcome.</summary>
public sealed record DeliveryAttempt
{
    public required string DeliveryId { get; init; }

    /// <summary>1, 2, 3 …</summary>
    public required long Number { get; init; }

    public required DeliveryTrigger TriggerKind { get; init; }

    public required AttemptOutcome Outcome { get; init; }

    public required string Url { get; init; }

    /// <summary>As they stood on the wire.</summary>
    public IReadOnlyDictionary<string, string>? RequestHeaders { get; init; }

    /// <summary>What was sent instead of the event's payload; null: that was.</summary>
    public string? RequestBody { get; init; }

    /// <summary>HTTP status; null where there was no answer.</summary>
    public long? ResponseStatus { get; init; }

    public IReadOnlyDictionary<string, string>? ResponseHeaders { get; init; }

    /// <summary>The first 64 KB of it.</summary>
    public string? ResponseBody { get; init; }

    /// <summary>The body went on, or broke off.</summary>
    public bool ResponseTruncated { get; init; }

    public SendErrorClass? ErrorClass { get; init; }

    /// <summary>What went wrong with it on purpose (<see cref="FaultPlay.Text"/>).</summary>
    public string? Fault { get; init; }

    public string? Error { get; init; }

    /// <summary>Milliseconds.</summary>
    public long? DurationMs { get; init; }

    public AttemptTimings? Timings { get; init; }

    /// <summary>The next attempt, as it was planned when this one was recorded; null: none.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    public required DateTimeOffset StartedAt { get; init; }
}
