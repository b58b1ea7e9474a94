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

internal sealed class SweepDeliveriesHandler(
    Database database, DeliveryStore deliveries, DueDeliveries due, DeliveryOrder order, IJobScheduler jobs, TimeProvider clock)
    : IRequestHandler<SweepDeliveries, int>
{
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
        // Where the clock stands still no time ever passes that could be given.
        var grace = (request.AtStart && database.HasSingleOwner) || clock.StandsStill() ? TimeSpan.Zero : Grace;
        var dueBefore = clock.GetUtcNow() - grace;
        return await database.EnqueueLostAsync(jobs, () => due.ListAsync(dueBefore), cancellationToken);
    }
}
