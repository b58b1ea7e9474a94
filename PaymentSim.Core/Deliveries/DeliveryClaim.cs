using System.Text;
using PaymentSim.Core.Events;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>A delivery that this sender alone may send now.</summary>
internal sealed record ClaimedDelivery(Delivery Delivery, WebhookEndpoint Endpoint, long Attempt, SignedWebhook Webhook);

/// <summary>Takes deliveries for sending, and gives them back unsent.</summary>
internal sealed class DeliveryClaim(
    Database database, DeliveryStore deliveries, WebhookEndpointStore endpoints, EventStore events, SecretBox secrets, WebhookOptions options, TimeProvider clock)
{
    /// <summary>Beyond the time-out, before a claim counts as abandoned.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Claims a due delivery and writes its attempt, or says why it is not to be sent. All is read and signed before the write unit, which
    /// then takes the delivery only as it was read.
    /// </summary>
    public async Task<(ClaimedDelivery? Claimed, string Reason)> TakeAsync(string deliveryId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = clock.GetUtcNow();
            if (await deliveries.FindAsync(deliveryId) is not { } delivery) return (null, $"There is no delivery {deliveryId}");
            if (delivery.Status != DeliveryStatus.Pending) return (null, $"Not sent: the delivery is {delivery.Status.Wire()}");
            if (await endpoints.FindForSendingAsync(delivery.MerchantId, delivery.EndpointId) is not { } endpoint)
            {
                await CancelAsync(delivery.Id, cancellationToken);
                return (null, "Cancelled: the endpoint was deleted");
            }

            if (endpoint.Status == WebhookEndpointStatus.Disabled) return (null, "Waiting: the endpoint is disabled");
            if (delivery.NextAttemptAt is not { } due || due > now) return (null, $"Not due before {delivery.NextAttemptAt:O}");
            if (delivery.ClaimedUntil > now) return (null, "Not sent: another job is sending it");

            var webhook = await SignAsync(delivery, endpoint, now);
            var claimed = new ClaimedDelivery(delivery, endpoint, delivery.Attempts + 1, webhook);
            if (await database.WriteAsync(() => TakeAsync(claimed, now), cancellationToken)) return (claimed, "");
        }
    }

    /// <summary>Inside a write unit: the sending was broken off; the attempt counts as interrupted, not against the retry budget.</summary>
    public async Task GiveBackAsync(ClaimedDelivery claimed)
    {
        // Where its claim has run out meanwhile, it may be another sender's now.
        if ((await deliveries.FindToChangeAsync(claimed.Delivery.Id))?.Attempts != claimed.Attempt) return;
        await deliveries.MarkInterruptedAsync(claimed.Delivery.Id);
        await deliveries.ReleaseAsync(claimed.Delivery.Id);
    }

    private async Task<bool> TakeAsync(ClaimedDelivery claimed, DateTimeOffset now)
    {
        var delivery = claimed.Delivery;
        if (!await deliveries.ClaimAsync(delivery, now + options.Timeout + Margin)) return false;

        if (delivery.ClaimedUntil is not null) await deliveries.MarkInterruptedAsync(delivery.Id);
        await deliveries.InsertAttemptAsync(new DeliveryAttempt
        {
            DeliveryId = delivery.Id,
            Number = claimed.Attempt,
            TriggerKind = delivery.TriggerKind,
            Outcome = AttemptOutcome.Open,
            Url = claimed.Endpoint.Url,
            RequestHeaders = claimed.Webhook.Headers,
            StartedAt = now,
        });
        return true;
    }

    private async Task<SignedWebhook> SignAsync(Delivery delivery, WebhookEndpoint endpoint, DateTimeOffset now)
    {
        var recorded = await events.FindAsync(delivery.MerchantId, delivery.EventId)
            ?? throw new InvalidOperationException($"Delivery {delivery.Id} has no event {delivery.EventId}.");
        return SignedWebhook.Sign(
            endpoint.Url, delivery.EventId, Encoding.UTF8.GetBytes(recorded.PayloadFor(endpoint.ApiVersion)), [secrets.Open(endpoint.Secret)], now);
    }

    private Task CancelAsync(string deliveryId, CancellationToken cancellationToken) => database.WriteAsync(
        async () =>
        {
            if (await deliveries.FindToChangeAsync(deliveryId) is not { Status: DeliveryStatus.Pending } delivery) return;
            await deliveries.SetStateAsync(delivery with
            {
                Status = DeliveryStatus.Canceled, NextAttemptAt = null, ClaimedUntil = null, LastError = "The endpoint was deleted.", CompletedAt = clock.GetUtcNow(),
            });
        },
        cancellationToken);
}
