using MediatR;
using Microsoft.Extensions.Logging;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// Makes one attempt of a delivery, if it is due: claim (a write unit), send (outside any), record (a write unit). However often and
/// wherever it runs, the claim lets one of them send.
/// </summary>
public sealed record DeliverWebhook(string DeliveryId) : IRequest<DeliveryOutcome>, IJob
{
    string IJob.Key => DeliveryId;
}

/// <summary>What an attempt came to.</summary>
public enum DeliveryResult
{
    Delivered,

    /// <summary>It failed and is to be made again at <see cref="DeliveryOutcome.NextAttemptAt"/>.</summary>
    WillRetry,

    /// <summary>It failed, and the retry schedule is used up.</summary>
    GaveUp,

    /// <summary>Nothing was sent: it had arrived already, is not due, is being sent, or its endpoint is disabled or gone.</summary>
    NotSent,
}

/// <param name="Result">What it came to.</param>
/// <param name="Summary">One line for people: "HTTP 500 from http://…".</param>
public sealed record DeliveryOutcome(DeliveryResult Result, string Summary)
{
    /// <summary>With <see cref="DeliveryResult.WillRetry"/>: when.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>Failed attempts of this retry budget.</summary>
    public long Failures { get; init; }

    /// <summary>How many retries the budget holds.</summary>
    public int Retries { get; init; }
}

internal sealed partial class DeliverWebhookHandler(
    Database database, DeliveryStore deliveries, DeliveryClaim claim, WebhookEndpointStore endpoints, WebhookSender sender,
    WebhookOptions options, Randomness random, TimeProvider clock, ILogger<DeliverWebhookHandler> logger)
    : IRequestHandler<DeliverWebhook, DeliveryOutcome>
{
    private const int Gone = 410;

    public async Task<DeliveryOutcome> Handle(DeliverWebhook request, CancellationToken cancellationToken)
    {
        var taken = await WhenWritable.DoAsync(() => claim.TakeAsync(request.DeliveryId, cancellationToken), cancellationToken);
        if (taken.Claimed is not { } claimed) return new DeliveryOutcome(DeliveryResult.NotSent, taken.Reason);

        SendResult result;
        try
        {
            result = await sender.SendAsync(claimed.Webhook, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await database.WriteAsync(() => claim.GiveBackAsync(claimed), CancellationToken.None);
            throw;
        }

        if (result.Error is { } error)
        {
            var outcome = await WhenWritable.DoAsync(() => database.WriteAsync(() => RecordFailureAsync(claimed, result), CancellationToken.None), cancellationToken);
            LogFailed(claimed.Delivery.EventType, claimed.Delivery.EventId, claimed.Attempt, error, outcome.NextAttemptAt?.ToString("u") ?? "none");
            return outcome;
        }

        // Whoever ran this has its own end to write now, which takes this along to the disk.
        await WhenWritable.DoAsync(
            async () =>
            {
                await database.PostAsync(() => RecordSuccessAsync(claimed, result));
                return true;
            },
            cancellationToken);
        return new DeliveryOutcome(DeliveryResult.Delivered, $"HTTP {result.Status} in {result.Duration.TotalMilliseconds:0} ms");
    }

    private async Task RecordSuccessAsync(ClaimedDelivery claimed, SendResult result)
    {
        await deliveries.CompleteAttemptAsync(claimed.Delivery.Id, claimed.Attempt, AttemptOutcome.Succeeded, result);
        await deliveries.SucceedAsync(claimed.Delivery.Id, clock.GetUtcNow());
    }

    private async Task<DeliveryOutcome> RecordFailureAsync(ClaimedDelivery claimed, SendResult result)
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
            return new DeliveryOutcome(DeliveryResult.GaveUp, result.Error!);
        }

        var replay = (delivery.TriggerKind, delivery.NextAttemptAt) != (claimed.Delivery.TriggerKind, claimed.Delivery.NextAttemptAt);
        var failures = delivery.Failures + 1;
        var next = replay ? delivery.NextAttemptAt
            : result.Status == Gone ? null
            : options.Schedule.Next(failures, now, result.RetryAfter, random.NextDouble());
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
