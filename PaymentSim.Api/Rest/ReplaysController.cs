using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Events;

namespace PaymentSim.Api.Rest;

/// <summary>For tests: webhooks once more.</summary>
[Tags("Test helpers")]
public sealed class ReplaysController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Send an event once more, as the official CLI's events resend</summary>
    [HttpPost("v1/events/{id}/retry")]
    public Task<ActionResult<EventObject>> Event([FromParameters] ResendEvent request) => Send(request);

    /// <summary>Send one delivery once more</summary>
    [HttpPost("v1/test_helpers/deliveries/{id}/replay")]
    public Task<ActionResult<DeliveryObject>> Delivery([FromParameters] ResendDelivery request) => Send(request);

    /// <summary>Send everything once more that an endpoint did not take since a time</summary>
    [HttpPost("v1/test_helpers/webhook_endpoints/{id}/recover")]
    public Task<ActionResult<RecoveryObject>> Recover([FromParameters] RecoverEndpoint request) => Send(request);
}
