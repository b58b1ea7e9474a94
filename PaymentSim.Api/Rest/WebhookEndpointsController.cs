using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Api.Rest;

/// <summary>Webhook endpoints: where a merchant wants its events.</summary>
[Route("v1/webhook_endpoints")]
[Tags("Webhook endpoints")]
public sealed class WebhookEndpointsController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Create a webhook endpoint; the answer holds its secret, this once</summary>
    [HttpPost]
    public Task<ActionResult<WebhookEndpointObject>> Create([FromParameters] CreateWebhookEndpoint request) => Send(request);

    /// <summary>Retrieve a webhook endpoint</summary>
    [HttpGet("{id}")]
    public Task<ActionResult<WebhookEndpointObject>> Get([FromParameters] GetWebhookEndpoint request) => Send(request);

    /// <summary>Update a webhook endpoint</summary>
    [HttpPost("{id}")]
    [HttpPut("{id}")]
    public Task<ActionResult<WebhookEndpointObject>> Update([FromParameters] UpdateWebhookEndpoint request) => Send(request);

    /// <summary>List webhook endpoints</summary>
    [HttpGet]
    public Task<ActionResult<ListObject<WebhookEndpointObject>>> List([FromParameters] ListWebhookEndpoints request) => SendList(request);

    /// <summary>Delete a webhook endpoint</summary>
    [HttpDelete("{id}")]
    public Task<ActionResult<DeletedObject>> Delete([FromParameters] DeleteWebhookEndpoint request) => Send(request);
}
