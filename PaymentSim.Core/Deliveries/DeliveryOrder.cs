using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// The lines in which deliveries to ordered endpoints stand, one for each object: while one of a line is pending, those that come after it are held back.
/// One is let go in the write unit in which the one before it ends.
/// </summary>
internal sealed class DeliveryOrder(Database database, DeliveryStore deliveries, IJobScheduler jobs)
{
    private const int PageSize = 500;

    /// <summary>Inside a write unit that is going to add a delivery to a line: the last one that it has to wait for, or null.</summary>
    public async Task<string?> LastInLineAsync(string endpointId, string orderKey)
    {
        await database.LockAsync(endpointId, orderKey);
        return await deliveries.FindLastInLineAsync(endpointId, orderKey);
    }

    /// <summary>Inside the write unit in which a delivery ends, well or badly: the next one of its line goes on.</summary>
    public Task EndedAsync(Delivery delivery, DateTimeOffset now) =>
        delivery.OrderKey is { } key ? LetNextGoAsync(delivery.EndpointId, key, now) : Task.CompletedTask;

    /// <summary>Lets those go that are held back by nothing any more: their endpoint wants no order since, or is gone, or what they waited for is.</summary>
    public async Task LetStrandedGoAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        for (var more = true; more;)
        {
            var free = await deliveries.ListHeldWithoutOrderAsync(PageSize);
            if (free.Count > 0) await database.WriteAsync(() => LetGoAsync(free, now), cancellationToken);
            more = free.Count == PageSize;
        }

        var lines = await deliveries.ListStrandedLinesAsync(PageSize);
        if (lines.Count == 0) return;
        await database.WriteAsync(
            async () =>
            {
                foreach (var line in lines) await LetNextGoAsync(line.EndpointId, line.OrderKey, now);
            },
            cancellationToken);
    }

    private async Task LetNextGoAsync(string endpointId, string orderKey, DateTimeOffset now)
    {
        await database.LockAsync(endpointId, orderKey);
        Enqueue(await deliveries.LetNextGoAsync(endpointId, orderKey, now));
    }

    private async Task LetGoAsync(IReadOnlyList<string> ids, DateTimeOffset now) => Enqueue(await deliveries.LetGoAsync(ids, now));

    private void Enqueue(IReadOnlyList<string> ids)
    {
        foreach (var id in ids) jobs.Enqueue(new DeliverWebhook(id) { IsFirst = true });
    }
}
