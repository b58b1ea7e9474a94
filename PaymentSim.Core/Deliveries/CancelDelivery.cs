using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Deliveries;

/// <summary>A person took the delivery's job away: it will not be sent.</summary>
public sealed record CancelDelivery(string DeliveryId) : ICommand<bool>;

internal sealed class CancelDeliveryValidator : AbstractValidator<CancelDelivery>
{
    public CancelDeliveryValidator() => RuleFor(c => c.DeliveryId).NotEmpty();
}

internal sealed class CancelDeliveryHandler(DeliveryStore deliveries, DeliveryOrder order, TimeProvider clock) : IRequestHandler<CancelDelivery, bool>
{
    public const string Reason = "Its job was deleted.";

    public async Task<bool> Handle(CancelDelivery request, CancellationToken cancellationToken)
    {
        if (await deliveries.FindToChangeAsync(request.DeliveryId) is not { Status: DeliveryStatus.Pending } delivery) return false;

        var now = clock.GetUtcNow();
        await deliveries.SetStateAsync(delivery.Canceled(Reason, now));
        await order.EndedAsync(delivery, now);
        return true;
    }
}
