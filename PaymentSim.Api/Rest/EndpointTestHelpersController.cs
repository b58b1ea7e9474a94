using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Api.Rest;

/// <summary>What only a simulator can do with webhook endpoints.</summary>
[Route("v1/test_helpers/webhook_endpoints")]
[Tags("Test helpers")]
public sealed class EndpointTestHelpersController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Create a webhook endpoint of a URL, or update the one that there is</summary>
    [HttpPost]
    public Task<ActionResult<EndpointPolicyObject>> Upsert([FromParameters] UpsertWebhookEndpoint request) => Send(request);

    /// <summary>Retrieve a webhook endpoint with its policy and how it is doing</summary>
    [HttpGet("{id}")]
    public Task<ActionResult<EndpointPolicyObject>> Get([FromParameters] GetEndpointPolicy request) => Send(request);

    /// <summary>Update how webhooks are sent to an endpoint</summary>
    [HttpPost("{id}")]
    public Task<ActionResult<EndpointPolicyObject>> Update([FromParameters] UpdateEndpointPolicy request) => Send(request);

    /// <summary>Give a webhook endpoint a new secret; the answer holds it, this once</summary>
    [HttpPost("{id}/rotate_secret")]
    public Task<ActionResult<EndpointPolicyObject>> Rotate([FromParameters] RotateEndpointSecret request) => Send(request);
}
