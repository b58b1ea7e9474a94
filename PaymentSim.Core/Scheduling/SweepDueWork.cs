using MediatR;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Scheduling;

/// <summary>Finds what is due to happen to objects by itself and that no job will do, and gives it one. Answers how many.</summary>
public sealed record SweepDueWork : IRequest<int>;

internal sealed class SweepDueWorkHandler(Database database, IEnumerable<IDueWork> features, IJobScheduler jobs, TimeProvider clock)
    : IRequestHandler<SweepDueWork, int>
{
    private const int PageSize = 500;

    public Task<int> Handle(SweepDueWork request, CancellationToken cancellationToken) => database.EnqueueLostAsync(jobs, ListAsync, cancellationToken);

    private async Task<List<IJob>> ListAsync()
    {
        var (now, due) = (clock.GetUtcNow(), new List<IJob>());
        foreach (var feature in features)
        {
            for (var after = ""; ;)
            {
                var before = due.Count;
                due.AddRange(await feature.ListDueAsync(now, after, PageSize));
                if (due.Count < before + PageSize) break;
                after = due[^1].Key;
            }
        }

        return due;
    }
}
