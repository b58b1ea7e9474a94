using Microsoft.Extensions.Logging;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>Inside a write unit: writes down what an attempt came to, and decides what is next.</summary>
internal sealed partial class DeliveryRecord(
    Database database, DeliveryStore deliveries, WebhookEndpointStore endpoints, WebhookOptions options, Randomness random, TimeProvider clock,
    ILogger<DeliveryRecord> logger)
{
    private const int Gone = 410;

    public async Task SuccessAsync(ClaimedDelivery claimed, SendResult result)
    {
        await deliveries.CompleteAttemptAsync(claimed.Delivery.Id, claimed.Attempt, AttemptOutcome.Succeeded, result);
        await deliveries.SucceedAsync(claimed.Delivery.Id, clock.GetUtcNow());
    }

    public async Task<DeliveryOutcome> FailureAsync(ClaimedDelivery claimed, SendResult result)
    {
        var now = clock.GetUtcNow();
        await deliveries.CompleteAttemptAsync(claimed.Delivery.Id, claimed.Attempt, AttemptOutcome.Failed, result);

        // Read again: a person may have deleted its job, or asked for a replay, while it was being sent.
        var delivery = await deliveries.FindToChangeAsync(claimed.Delivery.Id) ?? claimed.Delivery;
        if (delivery.Attempts != claimed.Attempt) return new DeliveryOutcome(DeliveryResult.NotSent, $"{result.Error}; another job has it since");
        if (result.Status == Gone) await DisableAsync(claimed.Endpoint);
        if (delivery.Status != DeliveryStatus.Pending)
        {
            await deliveries.ReleaseAsync(delivery.Id);
            return new DeliveryOutcome(DeliveryResult.NotSent, $"{result.Error}; the delivery is {delivery.Status.Wire()}");
        }

        // A replay takes nothing from a budget that others have begun: if it fails, the retry is made when it was planned.
        var counts = claimed.Delivery.TriggerKind == DeliveryTrigger.Automatic || delivery.Failures == 0;
        var failures = counts ? delivery.Failures + 1 : delivery.Failures;
        var automatic = result.Status == Gone ? null
            : counts ? options.Schedule.Next(failures, now, result.RetryAfter, random.NextDouble())
            : delivery.AutomaticAt;
        var replay = (delivery.TriggerKind, delivery.NextAttemptAt) != (claimed.Delivery.TriggerKind, claimed.Delivery.NextAttemptAt);
        var next = replay ? now : automatic;
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
        // Once, however often the unit must be tried.
        database.AfterCommit(() => LogFailed(delivery.EventType, delivery.EventId, claimed.Attempt, result.Error!, next?.ToString("u") ?? "none"));
        return new DeliveryOutcome(next is null ? DeliveryResult.GaveUp : DeliveryResult.WillRetry, result.Error!)
        {
            NextAttemptAt = next,
            Failures = failures,
            Retries = options.Schedule.Waits.Count,
        };
    }

    /// <summary>410 Gone is the endpoint's way to say that it wants nothing any more.</summary>
    private async Task DisableAsync(WebhookEndpoint asked)
    {
        // Read again: what its merchant changed meanwhile stays, and another URL did not answer 410.
        if (await endpoints.FindToChangeAsync(asked.MerchantId, asked.Id) is { Status: WebhookEndpointStatus.Enabled } endpoint && endpoint.Url == asked.Url)
            await endpoints.UpdateAsync(endpoint with { Status = WebhookEndpointStatus.Disabled, DisabledReason = "The endpoint answered 410 Gone." });
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{EventType} {EventId}: attempt {Attempt} failed, {Error}; next {Next}")]
    private partial void LogFailed(string eventType, string eventId, long attempt, string error, string next);
}
