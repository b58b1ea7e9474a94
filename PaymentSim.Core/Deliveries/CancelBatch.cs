using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// A person took a batch's job away: those that it had not brought to an end will not be sent. One of which an attempt has failed has a job of its
/// own, and is not touched. Answers how many it were.
/// </summary>
public sealed record CancelBatch(IReadOnlyList<string> DeliveryIds) : ICommand<int>;

internal sealed class CancelBatchValidator : AbstractValidator<CancelBatch>
{
    public CancelBatchValidator() => RuleForEach(c => c.DeliveryIds).NotEmpty();
}

internal sealed class CancelBatchHandler(DeliveryStore deliveries, DeliveryOrder order, TimeProvider clock) : IRequestHandler<CancelBatch, int>
{
    public async Task<int> Handle(CancelBatch request, CancellationToken cancellationToken)
    {
        var (count, now) = (0, clock.GetUtcNow());
        foreach (var delivery in await deliveries.ListToChangeAsync(request.DeliveryIds))
        {
            if (delivery is not { Status: DeliveryStatus.Pending, Failures: 0 }) continue;
            await deliveries.SetStateAsync(delivery.Canceled(CancelDeliveryHandler.Reason, now));
            await order.EndedAsync(delivery, now);
            count++;
        }

        return count;
    }
}
