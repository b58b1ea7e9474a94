using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Payouts;

namespace PaymentSim.Api.Rest;

/// <summary>For tests: what happens to payouts from outside, now.</summary>
[Route("v1/test_helpers/payouts/{payout}")]
[Tags("Test helpers")]
public sealed class PayoutTestHelpersController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Let the merchant's bank refuse a payout, or send it back</summary>
    [HttpPost("fail")]
    public Task<ActionResult<PayoutObject>> Fail([FromParameters] FailPayout request) => Send(request);
}
