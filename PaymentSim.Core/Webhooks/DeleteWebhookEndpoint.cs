using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>Removes an endpoint; what was still to be delivered to it is cancelled.</summary>
public sealed record DeleteWebhookEndpoint(string Id) : ICommand<DeletedObject>;

internal sealed class DeleteWebhookEndpointValidator : AbstractValidator<DeleteWebhookEndpoint>
{
    public DeleteWebhookEndpointValidator() => RuleFor(c => c.Id).NotEmpty();
}

internal sealed class DeleteWebhookEndpointHandler(RequestContext context, WebhookEndpointStore endpoints)
    : IRequestHandler<DeleteWebhookEndpoint, DeletedObject>
{
    public async Task<DeletedObject> Handle(DeleteWebhookEndpoint request, CancellationToken cancellationToken) =>
        await endpoints.DeleteAsync(context.MerchantId, request.Id) > 0
            ? new DeletedObject(request.Id, "webhook_endpoint")
            : throw new ProblemException(Problem.Missing("webhook endpoint", request.Id));
}
