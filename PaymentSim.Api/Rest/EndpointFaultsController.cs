using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Rest;

/// <summary>For tests of a merchant's webhook handler: what goes wrong on the way to it.</summary>
[Route("v1/test_helpers/webhook_endpoints/{id}/faults")]
[Tags("Test helpers")]
public sealed class EndpointFaultsController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Have things go wrong with an endpoint's webhooks</summary>
    [HttpPost]
    public Task<ActionResult<EndpointFaultsObject>> Set([FromParameters] SetEndpointFaults request) => Send(request);

    /// <summary>Retrieve what goes wrong with an endpoint's webhooks, and how often it did</summary>
    [HttpGet]
    public Task<ActionResult<EndpointFaultsObject>> Get([FromParameters] GetEndpointFaults request) => Send(request);

    /// <summary>Have nothing go wrong any more</summary>
    [HttpDelete]
    public Task<ActionResult<DeletedObject>> Clear([FromParameters] ClearEndpointFaults request) => Send(request);
}
