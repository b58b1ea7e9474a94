using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// A person wants a delivery sent now (<see cref="Delivery.Rearmed"/>), and has a job for it: <see cref="ReplayDelivery"/> finds that itself. Answers
/// false where there is no such delivery.
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
