using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Payouts;

namespace PaymentSim.Api.Rest;

/// <summary>Payouts: available money goes to the merchant's bank.</summary>
[Route("v1/payouts")]
[Tags("Payouts")]
public sealed class PayoutsController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Create a payout</summary>
    [HttpPost]
    public Task<ActionResult<PayoutObject>> Create([FromParameters] CreatePayout request) => Send(request);

    /// <summary>Retrieve a payout</summary>
    [HttpGet("{id}")]
    public Task<ActionResult<PayoutObject>> Get([FromParameters] GetPayout request) => Send(request);

    /// <summary>Update a payout</summary>
    [HttpPost("{id}")]
    public Task<ActionResult<PayoutObject>> Update([FromParameters] UpdatePayout request) => Send(request);

    /// <summary>List payouts</summary>
    [HttpGet]
    public Task<ActionResult<ListObject<PayoutObject>>> List([FromParameters] ListPayouts request) => SendList(request);

    /// <summary>Cancel a payout that is pending</summary>
    [HttpPost("{id}/cancel")]
    public Task<ActionResult<PayoutObject>> Cancel([FromParameters] CancelPayout request) => Send(request);

    /// <summary>Reverse a payout that was paid</summary>
    [HttpPost("{id}/reverse")]
    public Task<ActionResult<PayoutObject>> Reverse([FromParameters] ReversePayout request) => Send(request);
}
