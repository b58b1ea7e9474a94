using Microsoft.Extensions.Logging;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>Inside a write unit: writes down what an attempt came to, and decides what is next.</summary>
internal sealed partial class DeliveryRecord(
    Database database, DeliveryStore deliveries, EndpointHealth health, DeliveryOrder order, WebhookOptions options, Randomness random, TimeProvider clock,
    ILogger<DeliveryRecord> logger)
{
    public async Task SuccessAsync(IReadOnlyCollection<SentDelivery> arrived, DateTimeOffset now)
    {
        await deliveries.CompleteAttemptsAsync(arrived, AttemptOutcome.Succeeded);
        await deliveries.SucceedAsync(arrived.Select(sent => sent.Claimed.Delivery.Id), now);
        await ArrivedAsync([.. arrived.Select(sent => sent.Claimed)], now);
    }

    /// <summary>What follows from successes, once they are written down: most often nothing.</summary>
    public async Task ArrivedAsync(IReadOnlyCollection<ClaimedDelivery> arrived, DateTimeOffset now)
    {
        // In one order everywhere, so that two units that write of the same wait for one another instead of each for the other.
        var failing = arrived.Select(one => one.Endpoint).Where(endpoint => endpoint.FailingSince is not null).DistinctBy(endpoint => endpoint.Id);
        foreach (var endpoint in failing.OrderBy(endpoint => endpoint.Id, StringComparer.Ordinal)) await health.SucceededAsync(endpoint);
        var inLine = arrived.Select(one => one.Delivery).Where(delivery => delivery.OrderKey is not null);
        foreach (var delivery in inLine.OrderBy(delivery => delivery.Id, StringComparer.Ordinal)) await order.EndedAsync(delivery, now);
    }

    public async Task<DeliveryOutcome> FailureAsync(ClaimedDelivery claimed, SendResult result)
    {
        var now = clock.GetUtcNow();
        // Read again: a person may have deleted its job, or asked for a replay, while it was being sent.
        var delivery = await deliveries.FindToChangeAsync(claimed.Delivery.Id) ?? claimed.Delivery;
        if (delivery.Attempts != claimed.Attempt)
        {
            await CompleteAsync(next: null);
            return new DeliveryOutcome(DeliveryResult.NotSent, $"{result.Error}; another job has it since");
        }

        await health.FailedAsync(claimed.Endpoint, result, now);
        if (delivery.Status != DeliveryStatus.Pending)
        {
            await CompleteAsync(next: null);
            await deliveries.ReleaseAsync(delivery.Id);
            return new DeliveryOutcome(DeliveryResult.NotSent, $"{result.Error}; the delivery is {delivery.Status.Wire()}");
        }

        // A replay takes nothing from a budget that others have begun: if it fails, the retry is made when it was planned.
        var counts = claimed.Delivery.TriggerKind == DeliveryTrigger.Automatic || delivery.Failures == 0;
        var failures = counts ? delivery.Failures + 1 : delivery.Failures;
        var schedule = options.ScheduleOf(claimed.Endpoint);
        var automatic = result.Status == EndpointHealth.Gone ? null
            : counts ? schedule.Next(failures, now, result.RetryAfter, random.NextDouble())
            : delivery.AutomaticAt;
        var replay = (delivery.TriggerKind, delivery.NextAttemptAt) != (claimed.Delivery.TriggerKind, claimed.Delivery.NextAttemptAt);
        var next = replay ? now : automatic;
        await CompleteAsync(next);
        await deliveries.SetStateAsync(delivery with
        {
            Status = next is null ? DeliveryStatus.Failed : DeliveryStatus.Pending,
            TriggerKind = replay ? DeliveryTrigger.Replay : DeliveryTrigger.Automatic,
            Failures = failures,
            NextAttemptAt = next,
            AutomaticAt = replay ? automatic : null,
            ClaimedUntil = null,
            LastError = result.Error,
            CompletedAt = next is null ? now : null,
        });
        if (next is null) await order.EndedAsync(delivery, now);
        // Once, however often the unit must be tried.
        database.AfterCommit(() => LogFailed(delivery.EventType, delivery.EventId, claimed.Attempt, result.Error!, next?.ToString("u") ?? "none"));
        return new DeliveryOutcome(next is null ? DeliveryResult.GaveUp : DeliveryResult.WillRetry, result.Error!)
        {
            NextAttemptAt = next,
            Failures = failures,
            Retries = schedule.Waits.Count,
        };

        Task CompleteAsync(DateTimeOffset? next) =>
            deliveries.CompleteAttemptsAsync([new SentDelivery(claimed, result)], AttemptOutcome.Failed, next);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{EventType} {EventId}: attempt {Attempt} failed, {Error}; next {Next}")]
    private partial void LogFailed(string eventType, string eventId, long attempt, string error, string next);
}
