using MediatR;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Charges;

/// <summary>Finds charges to which something is due that no job will do, and gives them one. Answers how many.</summary>
public sealed record SweepSettlements : IRequest<int>;

internal sealed class SweepSettlementsHandler(Database database, ChargeStore charges, IJobScheduler jobs, TimeProvider clock)
    : IRequestHandler<SweepSettlements, int>
{
    private const int PageSize = 500;

    public Task<int> Handle(SweepSettlements request, CancellationToken cancellationToken) =>
        database.EnqueueLostAsync(jobs, ListAsync, cancellationToken);

    private async Task<List<IJob>> ListAsync()
    {
        var (all, after) = (new List<IJob>(), "");
        while (true)
        {
            var due = await charges.ListDueAsync(clock.GetUtcNow(), after, PageSize);
            all.AddRange(due.Select(ChargeSettlement.JobOf));
            if (due.Count < PageSize) return all;
            after = due[^1].Id;
        }
    }
}
