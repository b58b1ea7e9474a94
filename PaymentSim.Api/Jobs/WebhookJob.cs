using MediatR;
using PaymentSim.Core;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Jobs;

/// <summary>
/// One job per delivery, for its whole life, or from its first failure on where first attempts share jobs (<see cref="WebhookBatchJob"/>): its failures,
/// retries and replays are this job's states in the dashboard.
/// </summary>
public sealed class WebhookJob(IMediator mediator)
{
    public const string Queue = "webhooks";

    /// <exception cref="WebhookDeliveryFailedException">The attempt failed or must wait; <see cref="WebhookJobFilter"/> plans the next one.</exception>
    public string Deliver(string deliveryId, CancellationToken cancellationToken)
    {
        var outcome = Blocking.Result(mediator.Send(new DeliverWebhook(deliveryId), cancellationToken));
        return outcome.Result is DeliveryResult.WillRetry or DeliveryResult.GaveUp or DeliveryResult.Postponed
            ? throw new WebhookDeliveryFailedException(outcome)
            : outcome.Summary;
    }
}

/// <summary>A webhook did not arrive: the message says why ("HTTP 503 from https://…").</summary>
public sealed class WebhookDeliveryFailedException(DeliveryOutcome outcome) : Exception(outcome.Summary)
{
    public DeliveryOutcome Outcome { get; } = outcome;

    /// <summary>Where in the program it was thrown tells QA nothing.</summary>
    public override string? StackTrace => null;
}
