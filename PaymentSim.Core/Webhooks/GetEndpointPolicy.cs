using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>One endpoint of the merchant with its policy and how it is doing, without its secret.</summary>
public sealed record GetEndpointPolicy(string Id) : IQuery<EndpointPolicyObject>;

internal sealed class GetEndpointPolicyHandler(RequestContext context, WebhookEndpointStore endpoints, SecretBox box, TimeProvider clock)
    : IRequestHandler<GetEndpointPolicy, EndpointPolicyObject>
{
    public async Task<EndpointPolicyObject> Handle(GetEndpointPolicy request, CancellationToken cancellationToken) =>
        EndpointPolicyObject.Of(await endpoints.GetAsync(context.MerchantId, request.Id), box, clock.GetUtcNow());
}
