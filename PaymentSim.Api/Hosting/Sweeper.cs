using MediatR;
using PaymentSim.Core;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Api.Hosting;

/// <summary>
/// At the start and then every few seconds: gives lost work its job again, forgets old idempotency keys and attempts, and gives unused space back to the disk; of
/// several nodes one at a time. It is registered before the job server, so that claims of the process that is gone are released before the first
/// job runs.
/// </summary>
internal sealed partial class Sweeper(
    IServiceScopeFactory scopes, Database database, WebhookOptions options, TimeProvider clock, ILogger<Sweeper> logger)
    : BackgroundService
{
    private bool _isRefused;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await SweepAsync(atStart: true, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.SweepInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await TrySweepAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async Task TrySweepAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SweepAsync(atStart: false, stoppingToken);
            _isRefused = false;
        }
        catch (ProblemException refused) when (refused.Problem.Kind == ProblemKind.Unavailable)
        {
            // Said once, not every few seconds.
            if (!_isRefused) LogRefused(refused.Message);
            _isRefused = true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogFailed(failure);
        }
    }

    private async Task SweepAsync(bool atStart, CancellationToken cancellationToken)
    {
        await using var turn = await database.TryTakeTurnAsync("sweep", cancellationToken);
        if (turn is null) return;

        await using var scope = scopes.CreateAsyncScope();
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        var found = await mediator.Send(new SweepDeliveries(atStart), cancellationToken) + await mediator.Send(new SweepDueWork(), cancellationToken);
        if (found > 0) LogFound(found);
        await mediator.Send(new PruneIdempotencyKeys(), cancellationToken);
        await mediator.Send(new PruneAttempts(), cancellationToken);
        if (!atStart) await mediator.Send(new GiveSpaceBack(), cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Found {Count} pieces of work without a job and gave them one")]
    private partial void LogFound(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Looking for lost work has to wait: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Looking for lost work failed; the next round tries again")]
    private partial void LogFailed(Exception failure);
}
