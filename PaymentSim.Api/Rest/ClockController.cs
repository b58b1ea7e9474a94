using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.TimeTravel;

namespace PaymentSim.Api.Rest;

/// <summary>For tests: the simulator's time, which is one for all merchants.</summary>
[Route("v1/test_helpers/clock")]
[Tags("Test helpers")]
public sealed class ClockController(IMediator mediator) : RestController(mediator)
{
    /// <summary>What time it is in the simulator</summary>
    [HttpGet]
    public Task<ActionResult<ClockObject>> Get([FromParameters] GetClock request) => Send(request);

    /// <summary>Move the simulator's time on, stop it, or let it go on</summary>
    [HttpPost]
    public Task<ActionResult<ClockObject>> Set([FromParameters] SetClock request) => Send(request);
}
