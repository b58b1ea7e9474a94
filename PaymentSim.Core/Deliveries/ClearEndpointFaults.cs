using System.Text.Json.Serialization;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>Nothing goes wrong with an endpoint's webhooks on purpose any more. What was held back is sent at its time.</summary>
public sealed record ClearEndpointFaults(string Id) : ICommand<DeletedObject>
{
    /// <summary>Whose endpoint: the asking merchant's, unless a face for operators says otherwise (<see cref="Of"/>). No parameter of the wire.</summary>
    [JsonIgnore]
    public string? MerchantId { get; private init; }

    /// <summary>Of any merchant.</summary>
    public static ClearEndpointFaults Of(string merchantId, string endpointId) => new(endpointId) { MerchantId = merchantId };
}

internal sealed class ClearEndpointFaultsValidator : AbstractValidator<ClearEndpointFaults>
{
    public ClearEndpointFaultsValidator() => RuleFor(c => c.Id).NotEmpty();
}

internal sealed class ClearEndpointFaultsHandler(RequestContext context, WebhookEndpointStore endpoints, FaultStore faults)
    : IRequestHandler<ClearEndpointFaults, DeletedObject>
{
    public async Task<DeletedObject> Handle(ClearEndpointFaults request, CancellationToken cancellationToken)
    {
        var endpoint = await endpoints.FindToChangeAsync(request.MerchantId ?? context.MerchantId, request.Id)
            ?? throw new ProblemException(Problem.Missing("webhook endpoint", request.Id));
        await endpoints.SetFaultsAsync(endpoint, null);
        await faults.EndAsync(endpoint);
        return new DeletedObject(endpoint.Id, "test_helpers.webhook_faults");
    }
}
