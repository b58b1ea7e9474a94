using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>A delivery of any merchant with all that is known of it, for the dashboard; null where there is none.</summary>
public sealed record ShowDelivery(string DeliveryId) : IQuery<ShownDelivery?>;

/// <summary>A delivery and everything around it.</summary>
public sealed record ShownDelivery
{
    public required Delivery Delivery { get; init; }

    /// <summary>Null where the merchant is gone.</summary>
    public string? MerchantName { get; init; }

    /// <summary>Null where it was deleted.</summary>
    public WebhookEndpointObject? Endpoint { get; init; }

    /// <summary>Why the endpoint is disabled, where it was not the merchant's wish.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>What the event is about: <c>ch_…</c>; null where the event is gone.</summary>
    public string? ObjectId { get; init; }

    /// <summary>What is sent, to the byte; null where the event is gone.</summary>
    public string? Payload { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<DeliveryAttempt> Attempts { get; init; }
}

internal sealed class ShowDeliveryHandler(Database database, DeliveryStore deliveries, EventStore events, WebhookEndpointStore endpoints)
    : IRequestHandler<ShowDelivery, ShownDelivery?>
{
    public async Task<ShownDelivery?> Handle(ShowDelivery request, CancellationToken cancellationToken)
    {
        if (await deliveries.FindAsync(request.DeliveryId) is not { } delivery) return null;

        var endpoint = await endpoints.FindAsync(delivery.MerchantId, delivery.EndpointId);
        var recorded = await events.FindAsync(delivery.MerchantId, delivery.EventId);
        return new ShownDelivery
        {
            Delivery = delivery,
            MerchantName = await database.FirstOrDefaultAsync<string>("SELECT name FROM merchants WHERE id = @MerchantId", new { delivery.MerchantId }),
            Endpoint = endpoint is null ? null : WebhookEndpointObject.Of(endpoint),
            DisabledReason = endpoint?.DisabledReason,
            ObjectId = recorded?.ObjectId,
            Payload = endpoint is null ? recorded?.Payload : recorded?.PayloadFor(endpoint.ApiVersion),
            Attempts = await deliveries.ListAttemptsAsync(delivery.Id),
        };
    }
}
