using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Disputes;

namespace PaymentSim.Api.Rest;

/// <summary>Disputes: customers' banks ask for payments back.</summary>
[Route("v1/disputes")]
[Tags("Disputes")]
public sealed class DisputesController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Retrieve a dispute</summary>
    [HttpGet("{id}")]
    public Task<ActionResult<DisputeObject>> Get([FromParameters] GetDispute request) => Send(request);

    /// <summary>Update a dispute, and submit its evidence</summary>
    [HttpPost("{id}")]
    public Task<ActionResult<DisputeObject>> Update([FromParameters] UpdateDispute request) => Send(request);

    /// <summary>Close a dispute: it is lost</summary>
    [HttpPost("{id}/close")]
    public Task<ActionResult<DisputeObject>> Close([FromParameters] CloseDispute request) => Send(request);

    /// <summary>List disputes</summary>
    [HttpGet]
    public Task<ActionResult<ListObject<DisputeObject>>> List([FromParameters] ListDisputes request) => SendList(request);
}
