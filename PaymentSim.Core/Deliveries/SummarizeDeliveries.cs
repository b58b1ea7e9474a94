using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>How the webhooks of some objects of the merchant are doing, for lists that people read.</summary>
/// <param name="ObjectIds">Ids of charges.</param>
/// <param name="Since">When the oldest of these objects was created.</param>
public sealed record SummarizeDeliveries(IReadOnlyList<string> ObjectIds, DateTimeOffset Since) : IQuery<IReadOnlyList<DeliverySummary>>;

/// <summary>The state of one event's way to one endpoint; the delivery's members are null where no endpoint wanted the event.</summary>
public sealed record DeliverySummary
{
    public required string ObjectId { get; init; }

    public required string EventId { get; init; }

    public required string EventType { get; init; }

    public string? DeliveryId { get; init; }

    public DeliveryStatus? Status { get; init; }

    public long? Attempts { get; init; }

    public string? LastError { get; init; }

    public DateTimeOffset? NextAttemptAt { get; init; }
}

internal sealed class SummarizeDeliveriesHandler(RequestContext context, Database database)
    : IRequestHandler<SummarizeDeliveries, IReadOnlyList<DeliverySummary>>
{
    public Task<IReadOnlyList<DeliverySummary>> Handle(SummarizeDeliveries request, CancellationToken cancellationToken) =>
        database.QueryAsync<DeliverySummary>(
            $"""
            SELECT e.object_id, e.id AS event_id, e.type AS event_type, d.id AS delivery_id, d.status, d.attempts, d.last_error, d.next_attempt_at
            FROM events e LEFT JOIN deliveries d ON d.event_id = e.id
            WHERE e.merchant_id = @MerchantId AND e.id >= @floor AND {database.AnyOf("e.object_id", "@ids")}
            ORDER BY e.id, d.id
            """,
            new { context.MerchantId, floor = Ids.Floor("evt", request.Since), ids = request.ObjectIds.ToArray() });
}
