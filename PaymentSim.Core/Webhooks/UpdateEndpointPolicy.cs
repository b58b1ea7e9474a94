using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>Changes how webhooks are sent to an endpoint: from its next attempt on.</summary>
public sealed record UpdateEndpointPolicy(string Id) : EndpointPolicyRequest, ICommand<EndpointPolicyObject>;

internal sealed class UpdateEndpointPolicyValidator : AbstractValidator<UpdateEndpointPolicy>
{
    public UpdateEndpointPolicyValidator() => Include(new EndpointPolicyValidator());
}

internal sealed class UpdateEndpointPolicyHandler(RequestContext context, WebhookEndpointStore endpoints, SecretBox box, TimeProvider clock)
    : IRequestHandler<UpdateEndpointPolicy, EndpointPolicyObject>
{
    public async Task<EndpointPolicyObject> Handle(UpdateEndpointPolicy request, CancellationToken cancellationToken)
    {
        var endpoint = request.ApplyTo(await endpoints.GetToChangeAsync(context.MerchantId, request.Id), box);
        await endpoints.UpdateAsync(endpoint);
        return EndpointPolicyObject.Of(endpoint, box, clock.GetUtcNow());
    }
}
