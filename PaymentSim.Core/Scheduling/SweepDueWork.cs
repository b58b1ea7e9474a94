using MediatR;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Scheduling;

/// <summary>Finds what is due to happen to objects by itself and that no job will do, and gives it one. Answers how many.</summary>
public sealed record SweepDueWork : IRequest<int>;

internal sealed class SweepDueWorkHandler(Database database, DueWork work, IJobScheduler jobs, TimeProvider clock) : IRequestHandler<SweepDueWork, int>
{
    public Task<int> Handle(SweepDueWork request, CancellationToken cancellationToken) =>
        database.EnqueueLostAsync(jobs, () => work.ListAsync(clock.GetUtcNow()), cancellationToken);
}
