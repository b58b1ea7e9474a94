using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// A person wants a delivery sent now: one that ended, well or badly, becomes due again with a full new retry budget; one that waits
/// for its retry is due at once. Whoever sends this has a job for it. Answers false where there is no such delivery.
/// </summary>
public sealed record RearmDelivery(string DeliveryId) : ICommand<bool>;

internal sealed class RearmDeliveryValidator : AbstractValidator<RearmDelivery>
{
    public RearmDeliveryValidator() => RuleFor(c => c.DeliveryId).NotEmpty();
}

internal sealed class RearmDeliveryHandler(DeliveryStore deliveries, TimeProvider clock) : IRequestHandler<RearmDelivery, bool>
{
    public async Task<bool> Handle(RearmDelivery request, CancellationToken cancellationToken)
    {
        if (await deliveries.FindToChangeAsync(request.DeliveryId) is not { } delivery) return false;

        await deliveries.SetStateAsync(delivery.Rearmed(clock.GetUtcNow()));
        return true;
    }
}
