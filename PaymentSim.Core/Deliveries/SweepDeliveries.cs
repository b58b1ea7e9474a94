using MediatR;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// Finds deliveries that are due and that no job will send (a crash took it, or the job engine lost it) and gives them one: the
/// guarantee that nothing is forgotten, whatever stands behind the jobs. Also lets those go that are held back by nothing any more. Answers how many
/// had no job.
/// </summary>
/// <param name="AtStart">True once, before the first job runs: claims of the process that is gone are released, where there can be no other.</param>
public sealed record SweepDeliveries(bool AtStart = false) : IRequest<int>;

internal sealed class SweepDeliveriesHandler(Database database, DeliveryStore deliveries, DeliveryOrder order, IJobScheduler jobs, TimeProvider clock)
    : IRequestHandler<SweepDeliveries, int>
{
    private const int PageSize = 500;

    /// <summary>Work that just became due is given the time to get its job in the usual way: right after its commit.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    public async Task<int> Handle(SweepDeliveries request, CancellationToken cancellationToken)
    {
        if (request.AtStart && database.HasSingleOwner)
        {
            await database.WriteAsync(
                async () =>
                {
                    await deliveries.MarkAllInterruptedAsync();
                    await deliveries.ReleaseClaimsAsync();
                },
                cancellationToken);
        }

        await order.LetStrandedGoAsync(clock.GetUtcNow(), cancellationToken);
        var dueBefore = clock.GetUtcNow() - (request.AtStart && database.HasSingleOwner ? TimeSpan.Zero : Grace);
        return await database.EnqueueLostAsync(jobs, () => ListAsync(dueBefore), cancellationToken);
    }

    private async Task<List<DeliverWebhook>> ListAsync(DateTimeOffset dueBefore)
    {
        var (all, after) = (new List<DeliverWebhook>(), "");
        while (true)
        {
            var due = await deliveries.ListDueAsync(dueBefore, after, PageSize);
            all.AddRange(due.Select(delivery => new DeliverWebhook(delivery.Id) { IsFirst = delivery.Failures == 0 }));
            if (due.Count < PageSize) return all;
            after = due[^1].Id;
        }
    }
}
