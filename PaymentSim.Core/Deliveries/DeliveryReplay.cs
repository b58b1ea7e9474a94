using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>What came of the wish to send a delivery once more.</summary>
public enum ReplayResult
{
    /// <summary>It is on its way: its job sends it as soon as a worker is free.</summary>
    Due,

    /// <summary>It was on its way already, and will be sent once.</summary>
    DueBefore,

    /// <summary>It is being sent at this moment. Should that fail, it is sent again at once.</summary>
    Follows,

    /// <summary>Nothing is sent to its endpoint, which is disabled: enable it first.</summary>
    EndpointDisabled,

    /// <summary>Its endpoint was deleted.</summary>
    EndpointGone,

    /// <summary>There is no such delivery.</summary>
    Missing,
}

/// <summary>Inside a write unit: has deliveries sent once more, each by its own job and never twice at the same time.</summary>
internal sealed class DeliveryReplay(DeliveryStore deliveries, IJobScheduler jobs, TimeProvider clock)
{
    /// <param name="delivery">As it was read to be changed.</param>
    /// <param name="endpoint">Its endpoint; null: there is none any more.</param>
    public async Task<ReplayResult> SendAsync(Delivery delivery, WebhookEndpoint? endpoint)
    {
        if (endpoint is null) return ReplayResult.EndpointGone;
        if (endpoint.Status == WebhookEndpointStatus.Disabled) return ReplayResult.EndpointDisabled;

        var now = clock.GetUtcNow();
        var rearmed = delivery.Rearmed(now);
        if (rearmed == delivery) return ReplayResult.DueBefore;

        await deliveries.SetStateAsync(rearmed);
        // Its sender sees the wish when he writes down what his attempt came to.
        if (delivery.IsClaimed(now)) return ReplayResult.Follows;
        jobs.Enqueue(new DeliverWebhook(delivery.Id) { IsReplay = true });
        return ReplayResult.Due;
    }

    /// <exception cref="ProblemException">Nothing can be sent there.</exception>
    public static ReplayResult Checked(ReplayResult result, string endpointId, string? param = null) => result switch
    {
        ReplayResult.EndpointDisabled => throw new ProblemException(Problem.Invalid(
            $"The webhook endpoint {endpointId} is disabled: nothing is sent to it. Enable it first, with disabled=false.", param)),
        ReplayResult.EndpointGone => throw new ProblemException(Problem.Invalid($"The webhook endpoint {endpointId} was deleted.", param)),
        _ => result,
    };
}
