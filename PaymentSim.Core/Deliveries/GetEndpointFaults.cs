using System.Text.Json.Serialization;
using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>What goes wrong with an endpoint's webhooks on purpose, and how often it did.</summary>
public sealed record GetEndpointFaults(string Id) : IQuery<EndpointFaultsObject>
{
    /// <summary>Whose endpoint: the asking merchant's, unless a face for operators says otherwise (<see cref="Of"/>). No parameter of the wire.</summary>
    [JsonIgnore]
    public string? MerchantId { get; private init; }

    /// <summary>Of any merchant.</summary>
    public static GetEndpointFaults Of(string merchantId, string endpointId) => new(endpointId) { MerchantId = merchantId };
}

internal sealed class GetEndpointFaultsHandler(RequestContext context, WebhookEndpointStore endpoints, FaultStore faults)
    : IRequestHandler<GetEndpointFaults, EndpointFaultsObject>
{
    public async Task<EndpointFaultsObject> Handle(GetEndpointFaults request, CancellationToken cancellationToken)
    {
        var endpoint = await endpoints.GetAsync(request.MerchantId ?? context.MerchantId, request.Id);
        return EndpointFaultsObject.Of(endpoint.Id, endpoint.Faults, endpoint.Faults is null ? null : await faults.CountsAsync(endpoint));
    }
}
