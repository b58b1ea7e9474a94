using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Disputes;

namespace PaymentSim.Api.Rest;

/// <summary>For tests: what happens to charges from outside, now.</summary>
[Route("v1/test_helpers/charges/{charge}")]
[Tags("Test helpers")]
public sealed class ChargeTestHelpersController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Expire an authorization</summary>
    [HttpPost("expire")]
    public Task<ActionResult<ChargeObject>> Expire([FromParameters] ExpireAuthorization request) => Send(request);

    /// <summary>Let the bank pay a pending debit</summary>
    [HttpPost("complete")]
    public Task<ActionResult<ChargeObject>> Complete([FromParameters] CompleteDebit request) => Send(request);

    /// <summary>Let the bank refuse a pending debit</summary>
    [HttpPost("fail")]
    public Task<ActionResult<ChargeObject>> Fail([FromParameters] FailDebit request) => Send(request);

    /// <summary>Open a dispute</summary>
    [HttpPost("dispute")]
    public Task<ActionResult<DisputeObject>> Dispute([FromParameters] OpenDispute request) => Send(request);
}
