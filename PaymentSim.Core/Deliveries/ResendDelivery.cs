using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>One of the merchant's deliveries is sent once more, now; the automatic schedule goes on where it was if this fails.</summary>
public sealed record ResendDelivery(string Id) : ICommand<DeliveryObject>;

internal sealed class ResendDeliveryValidator : AbstractValidator<ResendDelivery>
{
    public ResendDeliveryValidator() => RuleFor(c => c.Id).NotEmpty();
}

internal sealed class ResendDeliveryHandler(RequestContext context, DeliveryStore deliveries, WebhookEndpointStore endpoints, DeliveryReplay replay)
    : IRequestHandler<ResendDelivery, DeliveryObject>
{
    public async Task<DeliveryObject> Handle(ResendDelivery request, CancellationToken cancellationToken)
    {
        if (await deliveries.FindToChangeAsync(request.Id) is not { } delivery || delivery.MerchantId != context.MerchantId)
            throw new ProblemException(Problem.Missing("webhook delivery", request.Id));

        DeliveryReplay.Checked(await replay.SendAsync(delivery, await endpoints.FindAsync(delivery.MerchantId, delivery.EndpointId)), delivery.EndpointId);
        return DeliveryObject.Of((await deliveries.FindAsync(delivery.Id))!, await deliveries.ListAttemptsAsync(delivery.Id));
    }
}
