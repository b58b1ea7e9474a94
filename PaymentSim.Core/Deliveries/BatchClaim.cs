using PaymentSim.Core.Events;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>What became of a batch's deliveries when they were to be claimed.</summary>
/// <param name="Claimed">Those that this sender alone may send now.</param>
/// <param name="Refused">Those that are not to be sent now.</param>
/// <param name="Failures">Of those that the simulator could not make ready: they stay as they were.</param>
internal sealed record ClaimedBatch(List<ClaimedDelivery> Claimed, List<Delivery> Refused, List<Exception> Failures);

/// <summary><see cref="DeliveryClaim"/> for many deliveries at once: by the same rules, in one write unit.</summary>
internal sealed class BatchClaim(
    Database database, DeliveryStore deliveries, BatchStore batches, DeliveryClaim claim, WebhookEndpointStore endpoints, EventStore events, FaultPlayer player,
    SecretBox secrets, TimeProvider clock)
{
    /// <summary>Claims those that are due, each as it was read, and writes their attempts.</summary>
    public async Task<ClaimedBatch> TakeAsync(IReadOnlyList<string> deliveryIds, CancellationToken cancellationToken)
    {
        var batch = new ClaimedBatch([], [], []);
        for (var left = deliveryIds; left.Count > 0;)
        {
            var now = clock.GetUtcNow();
            var ready = await ReadyAsync(left, now, batch, cancellationToken);
            if (ready.Count == 0) break;

            var taken = await database.WriteAsync(() => batches.ClaimAsync(ready, claim.Until(now), now), cancellationToken);
            batch.Claimed.AddRange(ready.Where(delivery => taken.Contains(delivery.Delivery.Id)));
            // Something has happened to the others since they were read.
            left = [.. ready.Select(delivery => delivery.Delivery.Id).Where(id => !taken.Contains(id))];
        }

        return batch;
    }

    private async Task<List<ClaimedDelivery>> ReadyAsync(IReadOnlyList<string> ids, DateTimeOffset now, ClaimedBatch batch, CancellationToken cancellationToken)
    {
        var found = await deliveries.ListAsync(ids);
        var pending = found.Where(delivery => DeliveryClaim.WhyOver(delivery.Id, delivery) is null).ToList();
        batch.Refused.AddRange(found.Except(pending));
        if (pending.Count == 0) return [];

        string[] merchants = [.. pending.Select(delivery => delivery.MerchantId).Distinct()];
        var receivers = (await endpoints.ListAsync(merchants, pending.Select(delivery => delivery.EndpointId))).ToDictionary(endpoint => endpoint.Id);
        var news = (await events.ListAsync(merchants, pending.Select(delivery => delivery.EventId))).ToDictionary(recorded => recorded.Id);
        var (opened, ready) = (new Dictionary<string, string>(), new List<ClaimedDelivery>(pending.Count));
        foreach (var delivery in pending)
        {
            if (!receivers.TryGetValue(delivery.EndpointId, out var endpoint)) await claim.CancelAsync(delivery.Id, cancellationToken);
            if (endpoint is null || DeliveryClaim.WhyNotNow(delivery, endpoint, now) is not null) batch.Refused.Add(delivery);
            else if (Ready(delivery, endpoint) is { } signed) ready.Add(await player.ApplyAsync(signed, [opened[endpoint.Id]], now));
        }

        return ready;

        ClaimedDelivery? Ready(Delivery delivery, WebhookEndpoint endpoint)
        {
            try
            {
                if (!opened.TryGetValue(endpoint.Id, out var secret)) opened[endpoint.Id] = secret = secrets.Open(endpoint.Secret);
                return DeliveryClaim.Ready(delivery, endpoint, news.GetValueOrDefault(delivery.EventId), secret, now);
            }
            catch (Exception failure)
            {
                // One that cannot be sent must not keep back the others.
                batch.Failures.Add(failure);
                return null;
            }
        }
    }
}
