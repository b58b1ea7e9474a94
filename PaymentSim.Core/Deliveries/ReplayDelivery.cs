using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// A person wants a delivery, of any merchant, sent once more: by the job that it had before, where that is known. The automatic schedule goes on where
/// it was if this fails (<see cref="Delivery.Rearmed"/>). For faces of QA; a merchant's own is <see cref="ResendDelivery"/>.
/// </summary>
public sealed record ReplayDelivery(string DeliveryId) : ICommand<ReplayResult>;

internal sealed class ReplayDeliveryValidator : AbstractValidator<ReplayDelivery>
{
    public ReplayDeliveryValidator() => RuleFor(c => c.DeliveryId).NotEmpty();
}

internal sealed class ReplayDeliveryHandler(DeliveryStore deliveries, WebhookEndpointStore endpoints, DeliveryReplay replay)
    : IRequestHandler<ReplayDelivery, ReplayResult>
{
    public async Task<ReplayResult> Handle(ReplayDelivery request, CancellationToken cancellationToken) =>
        await deliveries.FindToChangeAsync(request.DeliveryId) is { } delivery
            ? await replay.SendAsync(delivery, await endpoints.FindAsync(delivery.MerchantId, delivery.EndpointId))
            : ReplayResult.Missing;
}
