using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Events;
using PaymentSim.Core.Merchants;

namespace PaymentSim.Api.Rest;

/// <summary>What only a simulator can do: for tests.</summary>
[Route("v1/test_helpers")]
[Tags("Test helpers")]
public sealed class TestHelpersController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Forget everything that the merchant has, but for its keys</summary>
    [HttpDelete("data")]
    public Task<ActionResult<ResetResult>> Reset([FromParameters] ResetData request) => Send(request);

    /// <summary>Record an event of any type, as if it had happened</summary>
    [HttpPost("events")]
    public Task<ActionResult<EventObject>> Trigger([FromParameters] TriggerEvent request) => Send(request);
}
