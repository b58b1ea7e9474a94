using MediatR;
using PaymentSim.Core;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Jobs;

/// <summary>Replays all deliveries that a filter finds, page by page. It can be stopped between any two of its steps, and goes on there after a crash.</summary>
public sealed class ReplayRunJob(IServiceProvider services, IServiceScopeFactory scopes)
{
    /// <summary>Replayed together, so that they share commits, and few enough to leave the database to others.</summary>
    private const int Step = 25;

    private readonly ReplayRuns _runs = services.GetRequiredService<ReplayRuns>();

    public void Run(string runId, CancellationToken cancellationToken)
    {
        while (_runs.Find(runId) is { State: ReplayState.Running } run)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = Ask(new ListDeliveries(run.Scope) { Behind = run.Behind, Limit = Step }, cancellationToken);
            var replayed = Blocking.Result(Task.WhenAll(page.Rows.Select(row => ReplayAsync(row.Id)))).Count(done => done);
            _runs.Report(run with
            {
                Replayed = run.Replayed + replayed, Skipped = run.Skipped + page.Rows.Count - replayed, Behind = page.Next ?? run.Behind,
            });
            if (page.Next is not null) continue;

            _runs.Finish(runId);
            return;
        }
    }

    private async Task<bool> ReplayAsync(string deliveryId)
    {
        await using var scope = scopes.CreateAsyncScope();
        return IsSent(await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ReplayDelivery(deliveryId)));
    }

    /// <summary>False: its endpoint takes nothing, or it is gone.</summary>
    public static bool IsSent(ReplayResult result) => result is ReplayResult.Due or ReplayResult.DueBefore or ReplayResult.Follows;

    private T Ask<T>(IRequest<T> request, CancellationToken cancellationToken)
    {
        using var scope = scopes.CreateScope();
        return Blocking.Result(scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken));
    }
}
