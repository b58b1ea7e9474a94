using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// A person wants a batch sent now: <see cref="RearmDelivery"/> for those of its deliveries that have no job of their own, which is to say that
/// they have not failed, or have not failed since. Answers how many it were.
/// </summary>
/// <param name="DeliveryIds">The batch.</param>
/// <param name="Arrived">True: those that have arrived are sent once more, too.</param>
public sealed record RearmBatch(IReadOnlyList<string> DeliveryIds, bool Arrived) : ICommand<int>;

internal sealed class RearmBatchValidator : AbstractValidator<RearmBatch>
{
    public RearmBatchValidator() => RuleForEach(c => c.DeliveryIds).NotEmpty();
}

internal sealed class RearmBatchHandler(DeliveryStore deliveries, TimeProvider clock) : IRequestHandler<RearmBatch, int>
{
    public async Task<int> Handle(RearmBatch request, CancellationToken cancellationToken)
    {
        var (count, now) = (0, clock.GetUtcNow());
        foreach (var delivery in await deliveries.ListToChangeAsync(request.DeliveryIds))
        {
            if (delivery is { Status: DeliveryStatus.Failed } or { Status: DeliveryStatus.Pending, Failures: > 0 }) continue;
            if (delivery.Status == DeliveryStatus.Succeeded && !request.Arrived) continue;
            await deliveries.SetStateAsync(delivery.Rearmed(now));
            count++;
        }

        return count;
    }
}
