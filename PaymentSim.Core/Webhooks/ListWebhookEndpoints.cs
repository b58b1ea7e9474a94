using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>The merchant's endpoints, newest first, without their secrets.</summary>
public sealed record ListWebhookEndpoints : PageRequest, IQuery<Page<WebhookEndpointObject>>;

internal sealed class ListWebhookEndpointsValidator : PageRequestValidator<ListWebhookEndpoints>;

internal sealed class ListWebhookEndpointsHandler(RequestContext context, WebhookEndpointStore endpoints)
    : IRequestHandler<ListWebhookEndpoints, Page<WebhookEndpointObject>>
{
    public async Task<Page<WebhookEndpointObject>> Handle(ListWebhookEndpoints request, CancellationToken cancellationToken) =>
        (await endpoints.ListAsync(context.MerchantId, request)).Select(endpoint => WebhookEndpointObject.Of(endpoint));
}
