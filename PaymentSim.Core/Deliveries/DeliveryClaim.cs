using System.Text;
using PaymentSim.Core.Events;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>A delivery that this sender alone may send now.</summary>
internal sealed record ClaimedDelivery(Delivery Delivery, WebhookEndpoint Endpoint, long Attempt, SignedWebhook Webhook)
{
    /// <summary>What goes wrong with this attempt on purpose; null: nothing.</summary>
    public FaultPlay? Faults { get; init; }

    /// <summary>Its sender's place in the endpoint's lane: to be told what came of the attempt, and to be left.</summary>
    public required LanePass Pass { get; init; }
}

/// <summary>What came of asking for a delivery: it may be sent, or why not.</summary>
internal sealed record ClaimResult(ClaimedDelivery? Claimed, DeliveryOutcome? Refusal)
{
    public static ClaimResult NotSent(string reason) => new(null, new DeliveryOutcome(DeliveryResult.NotSent, reason));
}

/// <summary>Takes deliveries for sending, and gives them back unsent.</summary>
internal sealed class DeliveryClaim(
    Database database, DeliveryStore deliveries, WebhookEndpointStore endpoints, EventStore events, EndpointLanes lanes, FaultPlayer player,
    FaultStore faults, SecretBox secrets,
    WebhookOptions options, TimeProvider clock)
{
    /// <summary>Beyond the time-out, before a claim counts as abandoned.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Claims a due delivery and writes its attempt, or says why it is not to be sent. All is read and signed before the write unit, which
    /// then takes the delivery only as it was read.
    /// </summary>
    public async Task<ClaimResult> TakeAsync(string deliveryId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = clock.GetUtcNow();
            var delivery = await deliveries.FindAsync(deliveryId);
            if (WhyOver(deliveryId, delivery) is { } over) return ClaimResult.NotSent(over);
            if (await endpoints.FindForSendingAsync(delivery!.MerchantId, delivery.EndpointId) is not { } endpoint)
                return ClaimResult.NotSent(await CancelAsync(delivery.Id, cancellationToken));
            if (WhyNotNow(delivery, endpoint, now) is { } reason) return ClaimResult.NotSent(reason);

            var pass = await lanes.EnterAsync(endpoint, 1, now - delivery.NextAttemptAt!.Value, delivery.TriggerKind == DeliveryTrigger.Replay, cancellationToken);
            if (pass.Granted == 0) return new ClaimResult(null, pass.Postpone());
            var isTaken = false;
            try
            {
                now = clock.GetUtcNow();
                var recorded = await events.FindAsync(delivery.MerchantId, delivery.EventId);
                if (recorded is null && WhyOver(deliveryId, await deliveries.FindAsync(deliveryId)) is { } gone) return ClaimResult.NotSent(gone);
                var opened = OpenedEndpoint.Of(endpoint, secrets, now);
                var real = clock.InReality(now);
                var claimed = await player.ApplyAsync(Ready(delivery, endpoint, recorded, opened, real, pass), opened.Secrets, real);
                isTaken = await database.WriteAsync(async () => (await TakeAsync([claimed], now)).Count == 1, cancellationToken);
                if (isTaken) return new ClaimResult(claimed, null);
            }
            finally
            {
                if (!isTaken) pass.Dispose();
            }
        }
    }

    /// <summary>Why a delivery has nothing more to be sent, or null.</summary>
    public static string? WhyOver(string id, Delivery? delivery) => delivery switch
    {
        null => $"There is no delivery {id}",
        { Status: DeliveryStatus.Pending } => null,
        _ => $"Not sent: the delivery is {delivery.Status.Wire()}",
    };

    /// <summary>Why a pending delivery is not to be sent at this time, or null.</summary>
    public static string? WhyNotNow(Delivery delivery, WebhookEndpoint endpoint, DateTimeOffset now) =>
        endpoint.Status == WebhookEndpointStatus.Disabled ? "Waiting: the endpoint is disabled"
        : delivery.IsHeld ? delivery.LastError ?? "Held back"
        : delivery.NextAttemptAt is not { } due || due > now ? $"Not due before {delivery.NextAttemptAt:O}"
        : delivery.ClaimedUntil > now ? "Not sent: another job is sending it"
        : null;

    /// <summary>A delivery as it would be sent now: in real time, for receivers compare the signature's with their own clocks.</summary>
    /// <exception cref="InvalidOperationException">There is no such event.</exception>
    public static ClaimedDelivery Ready(Delivery delivery, WebhookEndpoint endpoint, Event? recorded, OpenedEndpoint opened, DateTimeOffset now, LanePass pass)
    {
        if (recorded is null) throw new InvalidOperationException($"Delivery {delivery.Id} has no event {delivery.EventId}.");
        var body = Encoding.UTF8.GetBytes(recorded.PayloadFor(endpoint.ApiVersion));
        var webhook = SignedWebhook.Sign(endpoint.Url, delivery.EventId, body, opened.Secrets, now).For(endpoint, opened.Headers);
        return new ClaimedDelivery(delivery, endpoint, delivery.Attempts + 1, webhook) { Pass = pass };
    }

    /// <summary>When a claim of this time counts as abandoned: the endpoints have had the time to answer that each may take.</summary>
    public DateTimeOffset Until(DateTimeOffset now, params IEnumerable<WebhookEndpoint> endpoints) => now + endpoints.Max(options.TimeoutOf) + Margin;

    /// <summary>A delivery whose endpoint is gone will not be sent. Answers that.</summary>
    public async Task<string> CancelAsync(string deliveryId, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            async () =>
            {
                if (await deliveries.FindToChangeAsync(deliveryId) is not { Status: DeliveryStatus.Pending } delivery) return;
                await deliveries.SetStateAsync(delivery.Canceled("The endpoint was deleted.", clock.GetUtcNow()) with { ClaimedUntil = null });
            },
            cancellationToken);
        return "Cancelled: the endpoint was deleted";
    }

    /// <summary>Inside a write unit: the sending was broken off; the attempt counts as interrupted, not against the retry budget.</summary>
    public async Task GiveBackAsync(ClaimedDelivery claimed)
    {
        // Where its claim has run out meanwhile, it may be another sender's now.
        if ((await deliveries.FindToChangeAsync(claimed.Delivery.Id))?.Attempts != claimed.Attempt) return;
        await deliveries.MarkInterruptedAsync(claimed.Delivery.Id);
        await deliveries.ReleaseAsync(claimed.Delivery.Id);
    }

    /// <summary>Inside a write unit: takes those to which nothing has happened since they were read. Answers them.</summary>
    public async Task<IReadOnlyList<ClaimedDelivery>> TakeAsync(IReadOnlyList<ClaimedDelivery> ready, DateTimeOffset now)
    {
        var taken = new List<ClaimedDelivery>(ready.Count);
        foreach (var one in ready)
        {
            if (!await deliveries.ClaimAsync(one.Delivery, Until(now, one.Endpoint))) continue;
            if (one.Delivery.ClaimedUntil is not null) await deliveries.MarkInterruptedAsync(one.Delivery.Id);
            taken.Add(one);
        }

        await deliveries.InsertAttemptsAsync(taken.Select(one => new DeliveryAttempt
        {
            DeliveryId = one.Delivery.Id,
            Number = one.Attempt,
            TriggerKind = one.Delivery.TriggerKind,
            Outcome = AttemptOutcome.Open,
            Url = one.Endpoint.Url,
            RequestHeaders = one.Webhook.SentHeaders,
            StartedAt = now,
        }));
        foreach (var one in taken) await faults.PlayAsync(one);
        return taken;
    }
}
