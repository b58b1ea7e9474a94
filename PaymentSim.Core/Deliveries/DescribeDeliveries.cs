using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>Some deliveries as people want to see them, oldest first; those that there are not are left out.</summary>
public sealed record DescribeDeliveries(IReadOnlyList<string> DeliveryIds) : IQuery<IReadOnlyList<DescribedDelivery>>;

/// <summary>A delivery's name and where it stands.</summary>
public sealed record DescribedDelivery
{
    public required string Id { get; init; }

    public required string EventType { get; init; }

    public required string EventId { get; init; }

    /// <summary>Null where the endpoint was deleted.</summary>
    public string? Url { get; init; }

    public required DeliveryStatus Status { get; init; }

    public required long Attempts { get; init; }

    public string? LastError { get; init; }

    /// <summary>"charge.succeeded evt_… → http://…".</summary>
    public string Name => $"{EventType} {EventId} → {Url ?? "(endpoint deleted)"}";
}

internal sealed class DescribeDeliveriesHandler(Database database) : IRequestHandler<DescribeDeliveries, IReadOnlyList<DescribedDelivery>>
{
    public Task<IReadOnlyList<DescribedDelivery>> Handle(DescribeDeliveries request, CancellationToken cancellationToken) =>
        database.QueryAsync<DescribedDelivery>(
            $"""
            SELECT d.id, d.event_type, d.event_id, w.url, d.status, d.attempts, d.last_error FROM deliveries d
            LEFT JOIN webhook_endpoints w ON w.merchant_id = d.merchant_id AND w.id = d.endpoint_id
            WHERE {database.AnyOf("d.id", "@ids")} ORDER BY d.id
            """,
            new { ids = request.DeliveryIds.ToArray() });
}
