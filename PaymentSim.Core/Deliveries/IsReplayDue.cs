using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Deliveries;

/// <summary>Whether a person's wish to have a delivery sent once more is still to be fulfilled, and by nobody yet.</summary>
public sealed record IsReplayDue(string DeliveryId) : IQuery<bool>;

internal sealed class IsReplayDueHandler(DeliveryStore deliveries, TimeProvider clock) : IRequestHandler<IsReplayDue, bool>
{
    public async Task<bool> Handle(IsReplayDue request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await deliveries.FindAsync(request.DeliveryId) is { Status: DeliveryStatus.Pending, TriggerKind: DeliveryTrigger.Replay } delivery
            && delivery.NextAttemptAt <= now && !delivery.IsClaimed(now);
    }
}
