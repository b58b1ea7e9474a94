using PaymentSim.Core.Events;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>What became of a batch's deliveries when they were to be claimed.</summary>
/// <param name="Claimed">Those that this sender alone may send now.</param>
/// <param name="Refused">Those that are not to be sent now.</param>
/// <param name="Postponed">Those for which their endpoint's lane has no room now, together, and when to ask again.</param>
/// <param name="Failures">Of those that the simulator could not make ready: they stay as they were.</param>
internal sealed record ClaimedBatch(
    List<ClaimedDelivery> Claimed, List<Delivery> Refused, List<(IReadOnlyList<string> DeliveryIds, DeliveryOutcome Outcome)> Postponed, List<Exception> Failures);

/// <summary><see cref="DeliveryClaim"/> for many deliveries at once: by the same rules, in one write unit.</summary>
internal sealed class BatchClaim(
    Database database, DeliveryStore deliveries, BatchStore batches, DeliveryClaim claim, WebhookEndpointStore endpoints, EventStore events, EndpointLanes lanes, FaultPlayer player,
    SecretBox secrets, TimeProvider clock)
{
    /// <summary>Claims those that are due, each as it was read, and writes their attempts. It fails only where nothing is claimed: what is would be nobody's.</summary>
    public async Task<ClaimedBatch> TakeAsync(IReadOnlyList<string> deliveryIds, CancellationToken cancellationToken)
    {
        var batch = new ClaimedBatch([], [], [], []);
        for (var left = deliveryIds; left.Count > 0;)
        {
            var now = clock.GetUtcNow();
            var passes = new List<LanePass>();
            try
            {
                var ready = await ReadyAsync(left, now, passes, batch, cancellationToken);
                if (ready.Count == 0) break;

                var taken = await WhenWritable.DoAsync(() => database.WriteAsync(() => batches.ClaimAsync(ready, now), cancellationToken), cancellationToken);
                foreach (var claimed in ready.Where(delivery => taken.Contains(delivery.Delivery.Id)))
                {
                    claimed.Pass.Share();
                    batch.Claimed.Add(claimed);
                }

                // Something has happened to the others since they were read.
                left = [.. ready.Select(delivery => delivery.Delivery.Id).Where(id => !taken.Contains(id))];
            }
            catch (Exception failure) when (batch.Claimed.Count > 0)
            {
                batch.Failures.Add(failure);
                break;
            }
            finally
            {
                foreach (var pass in passes) pass.Dispose();
            }
        }

        return batch;
    }

    private async Task<List<ClaimedDelivery>> ReadyAsync(
        IReadOnlyList<string> ids, DateTimeOffset now, List<LanePass> passes, ClaimedBatch batch, CancellationToken cancellationToken)
    {
        var found = await deliveries.ListAsync(ids);
        var pending = found.Where(delivery => DeliveryClaim.WhyOver(delivery.Id, delivery) is null).ToList();
        batch.Refused.AddRange(found.Except(pending));
        if (pending.Count == 0) return [];

        string[] merchants = [.. pending.Select(delivery => delivery.MerchantId).Distinct()];
        var receivers = (await endpoints.ListAsync(merchants, pending.Select(delivery => delivery.EndpointId))).ToDictionary(endpoint => endpoint.Id);
        var news = (await events.ListAsync(merchants, pending.Select(delivery => delivery.EventId))).ToDictionary(recorded => recorded.Id);
        var (opened, ready) = (new Dictionary<string, OpenedEndpoint>(), new List<ClaimedDelivery>(pending.Count));
        foreach (var ofEndpoint in pending.GroupBy(delivery => delivery.EndpointId))
        {
            if (!receivers.TryGetValue(ofEndpoint.Key, out var endpoint))
            {
                foreach (var delivery in ofEndpoint) await claim.CancelAsync(delivery.Id, cancellationToken);
                batch.Refused.AddRange(ofEndpoint);
                continue;
            }

            var due = ofEndpoint.Where(delivery => DeliveryClaim.WhyNotNow(delivery, endpoint, now) is null).ToList();
            batch.Refused.AddRange(ofEndpoint.Except(due));
            if (due.Count == 0) continue;
            var waited = now - due.Min(delivery => delivery.NextAttemptAt!.Value);
            var byPerson = due.Exists(delivery => delivery.TriggerKind == DeliveryTrigger.Replay);
            var pass = await lanes.EnterAsync(endpoint, due.Count, waited, byPerson, cancellationToken);
            if (pass.Granted > 0) passes.Add(pass);
            foreach (var delivery in due.Take(pass.Granted))
            {
                if (Ready(delivery, endpoint, pass) is { } signed) ready.Add(await player.ApplyAsync(signed, opened[endpoint.Id].Secrets, clock.InReality(now)));
            }

            if (due.Count > pass.Granted) batch.Postponed.Add(([.. due.Skip(pass.Granted).Select(delivery => delivery.Id)], pass.Postpone(due.Count - pass.Granted)));
        }

        return ready;

        ClaimedDelivery? Ready(Delivery delivery, WebhookEndpoint endpoint, LanePass pass)
        {
            try
            {
                if (!opened.TryGetValue(endpoint.Id, out var known)) opened[endpoint.Id] = known = OpenedEndpoint.Of(endpoint, secrets, now);
                return DeliveryClaim.Ready(delivery, endpoint, news.GetValueOrDefault(delivery.EventId), known, clock.InReality(now), pass);
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
