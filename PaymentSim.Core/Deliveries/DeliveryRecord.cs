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
        // Read again: a person may have deleted its job, or asked for a replay, while it was being sent.
        var delivery = await deliveries.FindToChangeAsync(claimed.Delivery.Id) ?? claimed.Delivery;
        if (delivery.Attempts != claimed.Attempt)
        {
            await CompleteAsync(next: null);
            return new DeliveryOutcome(DeliveryResult.NotSent, $"{result.Error}; another job has it since");
        }

        if (result.Status == Gone) await DisableAsync(claimed.Endpoint);
        if (delivery.Status != DeliveryStatus.Pending)
        {
            await CompleteAsync(next: null);
            await deliveries.ReleaseAsync(delivery.Id);
            return new DeliveryOutcome(DeliveryResult.NotSent, $"{result.Error}; the delivery is {delivery.Status.Wire()}");
        }

        var replay = (delivery.TriggerKind, delivery.NextAttemptAt) != (claimed.Delivery.TriggerKind, claimed.Delivery.NextAttemptAt);
        var failures = delivery.Failures + 1;
        var next = replay ? delivery.NextAttemptAt
            : result.Status == Gone ? null
            : options.Schedule.Next(failures, now, result.RetryAfter, random.NextDouble());
        await CompleteAsync(next);
        await deliveries.SetStateAsync(delivery with
        {
            Status = next is null ? DeliveryStatus.Failed : DeliveryStatus.Pending,
            TriggerKind = replay ? DeliveryTrigger.Replay : DeliveryTrigger.Automatic,
            Failures = failures,
            NextAttemptAt = next,
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

        Task CompleteAsync(DateTimeOffset? next) =>
            deliveries.CompleteAttemptAsync(claimed.Delivery.Id, claimed.Attempt, AttemptOutcome.Failed, result, next);
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
