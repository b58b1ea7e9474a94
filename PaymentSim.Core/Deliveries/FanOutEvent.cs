using PaymentSim.Core.Events;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>Makes a delivery, with its job, for every endpoint that wants an event: in the write unit that records the event.</summary>
internal sealed class FanOutEvent(
    WebhookEndpointStore endpoints, DeliveryStore deliveries, DeliveryOrder order, FaultPlayer player, IJobScheduler jobs, Ids ids) : IEventSubscriber
{
    public async Task<int> OnEventAsync(EventHead head)
    {
        var count = 0;
        foreach (var endpoint in await endpoints.ListEnabledAsync(head.MerchantId))
        {
            if (!endpoint.Wants(head.Type)) continue;

            var delivery = Delivery.Due(ids.New("whd"), head.Id, head.Type, endpoint, DeliveryTrigger.Automatic, head.CreatedAt);
            if (endpoint.Ordered) delivery = await InLineAsync(delivery, head);
            if (endpoint.Faults is not null) delivery = await player.PlanAsync(delivery, endpoint);
            await deliveries.InsertAsync(delivery);
            if (!delivery.IsHeld) jobs.Enqueue(new DeliverWebhook(delivery.Id) { IsFirst = true }, delivery.NextAttemptAt > head.CreatedAt ? delivery.NextAttemptAt : null);
            count++;
        }

        return count;
    }

    /// <summary>Behind those about the same object that have not ended: one that is held back has no job.</summary>
    private async Task<Delivery> InLineAsync(Delivery delivery, EventHead head)
    {
        if (head.Subject is not { } key) return delivery;
        return await order.LastInLineAsync(delivery.EndpointId, key) is { } before
            ? delivery with { OrderKey = key, NextAttemptAt = null, LastError = $"Held back: {before} of the same object comes first" }
            : delivery with { OrderKey = key };
    }
}
