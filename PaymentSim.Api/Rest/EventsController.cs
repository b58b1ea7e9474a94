using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Events;

namespace PaymentSim.Api.Rest;

/// <summary>Events: what happened, as webhooks report it.</summary>
[Tags("Events")]
public sealed class EventsController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Retrieve an event</summary>
    [HttpGet("v1/events/{id}")]
    public Task<ActionResult<EventObject>> Get([FromParameters] GetEvent request) => Send(request);

    /// <summary>List events</summary>
    [HttpGet("v1/events")]
    public Task<ActionResult<ListObject<EventObject>>> List([FromParameters] ListEvents request) => SendList(request);

    /// <summary>List an event's webhook deliveries, with every attempt</summary>
    [HttpGet("v1/test_helpers/events/{event_id}/deliveries")]
    public Task<ActionResult<ListObject<DeliveryObject>>> Deliveries([FromParameters] ListEventDeliveries request) => SendList(request);

    /// <summary>Retrieve a webhook delivery, with every attempt, its request and a command line that repeats it</summary>
    [HttpGet("v1/test_helpers/deliveries/{id}")]
    public Task<ActionResult<DeliveryObject>> Delivery([FromParameters] GetDelivery request) => Send(request);
}
