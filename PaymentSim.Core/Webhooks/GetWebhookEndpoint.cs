using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>One endpoint of the merchant, without its secret.</summary>
public sealed record GetWebhookEndpoint(string Id) : IQuery<WebhookEndpointObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetWebhookEndpointHandler(RequestContext context, WebhookEndpointStore endpoints)
    : IRequestHandler<GetWebhookEndpoint, WebhookEndpointObject>
{
    public async Task<WebhookEndpointObject> Handle(GetWebhookEndpoint request, CancellationToken cancellationToken) =>
        WebhookEndpointObject.Of(await endpoints.GetAsync(context.MerchantId, request.Id));
}
