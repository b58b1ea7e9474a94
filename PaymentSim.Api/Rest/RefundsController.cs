using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Refunds;

namespace PaymentSim.Api.Rest;

/// <summary>Refunds: money that goes back.</summary>
[Tags("Refunds")]
public sealed class RefundsController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Create a refund</summary>
    [HttpPost("v1/refunds")]
    public Task<ActionResult<RefundObject>> Create([FromParameters] CreateRefund request) => Send(request);

    /// <summary>Retrieve a refund</summary>
    [HttpGet("v1/refunds/{id}")]
    public Task<ActionResult<RefundObject>> Get([FromParameters] GetRefund request) => Send(request);

    /// <summary>Update a refund</summary>
    [HttpPost("v1/refunds/{id}")]
    public Task<ActionResult<RefundObject>> Update([FromParameters] UpdateRefund request) => Send(request);

    /// <summary>Cancel a refund that is pending</summary>
    [HttpPost("v1/refunds/{id}/cancel")]
    public Task<ActionResult<RefundObject>> Cancel([FromParameters] CancelRefund request) => Send(request);

    /// <summary>List refunds</summary>
    [HttpGet("v1/refunds")]
    public Task<ActionResult<ListObject<RefundObject>>> List([FromParameters] ListRefunds request) => SendList(request);

    /// <summary>List a charge's refunds</summary>
    [HttpGet("v1/charges/{charge}/refunds")]
    public Task<ActionResult<ListObject<RefundObject>>> ListOfCharge([FromParameters] ListChargeRefunds request) => SendList(request);

    /// <summary>Retrieve a charge's refund</summary>
    [HttpGet("v1/charges/{charge}/refunds/{id}")]
    public Task<ActionResult<RefundObject>> GetOfCharge([FromParameters] GetChargeRefund request) => Send(request);
}
