using MediatR;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// Forgets attempts that are older than <see cref="WebhookOptions.AttemptRetention"/>, of deliveries that are over: some at a time, so that nobody
/// who writes waits for long. Answers how many.
/// </summary>
public sealed record PruneAttempts : IRequest<int>;

/// <summary>How far the pruning has looked; from the oldest on, again and again.</summary>
internal sealed class AttemptPruning
{
    public string After { get; set; } = "";
}

internal sealed class PruneAttemptsHandler(Database database, DeliveryStore deliveries, AttemptPruning pruning, WebhookOptions options, TimeProvider clock)
    : IRequestHandler<PruneAttempts, int>
{
    /// <summary>Deliveries at a time.</summary>
    private const int Batch = 500;

    private const int BatchesARound = 10;

    public async Task<int> Handle(PruneAttempts request, CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - options.AttemptRetention;
        var pruned = 0;
        for (var i = 0; i < BatchesARound; i++)
        {
            var old = await deliveries.ListWithAttemptsAsync(pruning.After, Ids.Floor("whd", before), Batch);
            string[] over = [.. old.Where(delivery => delivery.Status != DeliveryStatus.Pending).Select(delivery => delivery.Id)];
            if (over.Length > 0) pruned += await database.WriteAsync(() => deliveries.PruneAttemptsAsync(over, before), cancellationToken);

            // Those that stay are passed over, and looked at again in the next round.
            pruning.After = old.Count < Batch ? "" : old[^1].Id;
            if (old.Count < Batch) break;
        }

        return pruned;
    }
}
