using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>A delivery's name for people, "charge.succeeded evt_… → http://…", or null where there is no such delivery.</summary>
public sealed record DescribeDelivery(string DeliveryId) : IQuery<string?>;

internal sealed class DescribeDeliveryHandler(Database database) : IRequestHandler<DescribeDelivery, string?>
{
    public async Task<string?> Handle(DescribeDelivery request, CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<Named>(
            """
            SELECT d.event_type, d.event_id, w.url FROM deliveries d
            LEFT JOIN webhook_endpoints w ON w.merchant_id = d.merchant_id AND w.id = d.endpoint_id
            WHERE d.id = @DeliveryId
            """,
            new { request.DeliveryId }) is { } named
            ? $"{named.EventType} {named.EventId} → {named.Url ?? "(endpoint deleted)"}"
            : null;

    private sealed record Named
    {
        public required string EventType { get; init; }

        public required string EventId { get; init; }

        public string? Url { get; init; }
    }
}
