using System.Text.Json.Serialization;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Deliveries;

/// <summary>The deliveries of one event of the merchant, with every attempt.</summary>
public sealed record ListEventDeliveries(string EventId) : IQuery<Page<DeliveryObject>>;

/// <summary>A delivery as PaymentSim's own part of the wire shows it. Times are unix seconds.</summary>
public sealed record DeliveryObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "test_helpers.webhook_delivery";

    public required string Event { get; init; }

    public required string EventType { get; init; }

    public required string WebhookEndpoint { get; init; }

    /// <summary><c>pending</c>, <c>succeeded</c>, <c>failed</c> or <c>canceled</c>.</summary>
    public required string Status { get; init; }

    /// <summary>It is pending and waits until the webhook before it, of the same object, has ended; <c>last_error</c> says which one that is.</summary>
    public required bool Held { get; init; }

    /// <summary>Null while it is held back.</summary>
    public long? NextAttemptAt { get; init; }

    public string? LastError { get; init; }

    public required long Created { get; init; }

    public long? CompletedAt { get; init; }

    public required IReadOnlyList<AttemptObject> Attempts { get; init; }

    internal static DeliveryObject Of(Delivery delivery, IEnumerable<DeliveryAttempt> attempts) => new()
    {
        Id = delivery.Id,
        Event = delivery.EventId,
        EventType = delivery.EventType,
        WebhookEndpoint = delivery.EndpointId,
        Status = delivery.Status.Wire(),
        Held = delivery.IsHeld,
        NextAttemptAt = delivery.NextAttemptAt?.ToUnixTimeSeconds(),
        LastError = delivery.LastError,
        Created = delivery.CreatedAt.ToUnixTimeSeconds(),
        CompletedAt = delivery.CompletedAt?.ToUnixTimeSeconds(),
        Attempts = [.. attempts.Select(AttemptObject.Of)],
    };
}

/// <summary>One attempt of a delivery.</summary>
public sealed record AttemptObject
{
    public required long Number { get; init; }

    /// <summary><c>automatic</c> or <c>replay</c>.</summary>
    public required string Trigger { get; init; }

    /// <summary><c>open</c>, <c>succeeded</c>, <c>failed</c> or <c>interrupted</c>.</summary>
    public required string Outcome { get; init; }

    public required string Url { get; init; }

    public required long Created { get; init; }

    public long? DurationMs { get; init; }

    /// <summary>Where the time went, in milliseconds with decimals.</summary>
    public AttemptTimings? Timings { get; init; }

    /// <summary>As they stood on the wire.</summary>
    public IReadOnlyDictionary<string, string>? RequestHeaders { get; init; }

    /// <summary>What was sent; in lists only where it was not the event.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RequestBody { get; init; }

    /// <summary>The same request as a command line; only where one delivery is asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Curl { get; init; }

    public long? ResponseStatus { get; init; }

    public IReadOnlyDictionary<string, string>? ResponseHeaders { get; init; }

    /// <summary>The first 64 KB of it, as UTF-8.</summary>
    public string? ResponseBody { get; init; }

    /// <summary>The body went on, or broke off.</summary>
    public required bool ResponseTruncated { get; init; }

    /// <summary><c>status</c>, <c>timeout</c>, <c>refused</c>, <c>reset</c>, <c>dns</c>, <c>tls</c>, <c>protocol</c> or <c>blocked</c>.</summary>
    public string? ErrorClass { get; init; }

    public string? Error { get; init; }

    /// <summary>When the next attempt was planned for when this one had failed.</summary>
    public long? NextAttemptAt { get; init; }

    /// <summary>The faults of the endpoint's plan that were played, each by its kind: <c>stale_timestamp 600 s, duplicate: HTTP 200</c>.</summary>
    public string? Fault { get; init; }

    internal static AttemptObject Of(DeliveryAttempt attempt) => new()
    {
        Number = attempt.Number,
        Trigger = attempt.TriggerKind.Wire(),
        Outcome = attempt.Outcome.Wire(),
        Url = attempt.Url,
        Created = attempt.StartedAt.ToUnixTimeSeconds(),
        DurationMs = attempt.DurationMs,
        Timings = attempt.Timings,
        RequestHeaders = attempt.RequestHeaders,
        RequestBody = attempt.RequestBody,
        ResponseStatus = attempt.ResponseStatus,
        ResponseHeaders = attempt.ResponseHeaders,
        ResponseBody = attempt.ResponseBody,
        ResponseTruncated = attempt.ResponseTruncated,
        ErrorClass = attempt.ErrorClass?.Wire(),
        Error = attempt.Error,
        NextAttemptAt = attempt.NextAttemptAt?.ToUnixTimeSeconds(),
        Fault = attempt.Fault,
    };
}

internal sealed class ListEventDeliveriesHandler(RequestContext context, EventStore events, DeliveryStore deliveries)
    : IRequestHandler<ListEventDeliveries, Page<DeliveryObject>>
{
    public async Task<Page<DeliveryObject>> Handle(ListEventDeliveries request, CancellationToken cancellationToken)
    {
        if (await events.FindAsync(context.MerchantId, request.EventId) is null) throw new ProblemException(Problem.Missing("event", request.EventId));

        var list = new List<DeliveryObject>();
        foreach (var delivery in await deliveries.ListOfEventAsync(context.MerchantId, request.EventId))
            list.Add(DeliveryObject.Of(delivery, await deliveries.ListAttemptsAsync(delivery.Id)));
        return new Page<DeliveryObject>(list, HasMore: false);
    }
}
