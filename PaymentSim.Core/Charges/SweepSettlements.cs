using MediatR;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Charges;

/// <summary>Finds pending charges whose bank's answer is due and that no job will settle, and gives them one. Answers how many.</summary>
public sealed record SweepSettlements : IRequest<int>;

internal sealed class SweepSettlementsHandler(Database database, ChargeStore charges, IJobScheduler jobs, TimeProvider clock)
    : IRequestHandler<SweepSettlements, int>
{
    private const int PageSize = 500;

    public Task<int> Handle(SweepSettlements request, CancellationToken cancellationToken) =>
        database.EnqueueLostAsync(jobs, ListAsync, cancellationToken);

    private async Task<List<SettleCharge>> ListAsync()
    {
        var (all, after) = (new List<SettleCharge>(), "");
        while (true)
        {
            var due = await charges.ListDueAsync(clock.GetUtcNow(), after, PageSize);
            all.AddRange(due.Select(charge => new SettleCharge(charge.MerchantId, charge.Id)));
            if (due.Count < PageSize) return all;
            after = due[^1].Id;
        }
    }
}
