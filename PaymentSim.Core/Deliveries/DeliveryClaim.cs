using System.Text;
using PaymentSim.Core.Events;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>A delivery that this sender alone may send now.</summary>
internal sealed record ClaimedDelivery(Delivery Delivery, WebhookEndpoint Endpoint, long Attempt, SignedWebhook Webhook);

/// <summary>Takes deliveries for sending, and gives them back unsent.</summary>
internal sealed class DeliveryClaim(
    DeliveryStore deliveries, WebhookEndpointStore endpoints, EventStore events, SecretBox secrets, WebhookOptions options, TimeProvider clock)
{
    /// <summary>Beyond the time-out, before a claim counts as abandoned.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    /// <summary>Inside a write unit: claims a due delivery and writes its attempt, or says why it is not to be sent.</summary>
    public async Task<(ClaimedDelivery? Claimed, string Reason)> TakeAsync(string deliveryId)
    {
        if (await deliveries.FindToChangeAsync(deliveryId) is not { } delivery) return (null, $"There is no delivery {deliveryId}");
        if (delivery.Status != DeliveryStatus.Pending) return (null, $"Not sent: the delivery is {delivery.Status.Wire()}");

        var endpoint = await endpoints.FindAsync(delivery.MerchantId, delivery.EndpointId);
        if (endpoint is null)
        {
            await deliveries.SetStateAsync(delivery with
            {
                Status = DeliveryStatus.Canceled, NextAttemptAt = null, ClaimedUntil = null, LastError = "The endpoint was deleted.", CompletedAt = clock.GetUtcNow(),
            });
            return (null, "Cancelled: the endpoint was deleted");
        }

        if (endpoint.Status == WebhookEndpointStatus.Disabled) return (null, "Waiting: the endpoint is disabled");

        var now = clock.GetUtcNow();
        var attempt = await deliveries.ClaimAsync(delivery.Id, now, now + options.Timeout + Margin);
        if (attempt == 0) return (null, delivery.NextAttemptAt > now ? $"Not due before {delivery.NextAttemptAt:O}" : "Not sent: another job is sending it");

        if (delivery.ClaimedUntil is not null) await deliveries.MarkInterruptedAsync(delivery.Id);
        var recorded = await events.FindAsync(delivery.MerchantId, delivery.EventId)
            ?? throw new InvalidOperationException($"Delivery {delivery.Id} has no event {delivery.EventId}.");
        var webhook = SignedWebhook.Sign(
            endpoint.Url, delivery.EventId, Encoding.UTF8.GetBytes(recorded.PayloadFor(endpoint.ApiVersion)), [secrets.Open(endpoint.Secret)], now);
        await deliveries.InsertAttemptAsync(new DeliveryAttempt
        {
            DeliveryId = delivery.Id,
            Number = attempt,
            TriggerKind = delivery.TriggerKind,
            Outcome = AttemptOutcome.Open,
            Url = endpoint.Url,
            RequestHeaders = webhook.Headers,
            StartedAt = now,
        });
        return (new ClaimedDelivery(delivery, endpoint, attempt, webhook), "");
    }

    /// <summary>Inside a write unit: the sending was broken off; the attempt counts as interrupted, not against the retry budget.</summary>
    public async Task GiveBackAsync(ClaimedDelivery claimed)
    {
        await deliveries.MarkInterruptedAsync(claimed.Delivery.Id);
        await deliveries.ReleaseAsync(claimed.Delivery.Id);
    }
}
