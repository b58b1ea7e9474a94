namespace PaymentSim.Core.Deliveries;

/// <summary>The deliveries that are to be sent, as work for jobs.</summary>
internal sealed class DueDeliveries(DeliveryStore deliveries)
{
    private const int PageSize = 500;

    /// <summary>Those that are due at this time and that nobody is sending, whether they have a job or not.</summary>
    public async Task<List<DeliverWebhook>> ListAsync(DateTimeOffset now)
    {
        var (all, after) = (new List<DeliverWebhook>(), "");
        while (true)
        {
            var due = await deliveries.ListDueAsync(now, after, PageSize);
            all.AddRange(due.Select(delivery => delivery.TriggerKind == DeliveryTrigger.Replay
                ? new DeliverWebhook(delivery.Id) { IsReplay = true }
                : new DeliverWebhook(delivery.Id) { IsFirst = delivery.Failures == 0 }));
            if (due.Count < PageSize) return all;
            after = due[^1].Id;
        }
    }

    /// <summary>The earliest time after this one at which one is due; null: never.</summary>
    public Task<DateTimeOffset?> NextAsync(DateTimeOffset after) => deliveries.NextDueAsync(after);
}
