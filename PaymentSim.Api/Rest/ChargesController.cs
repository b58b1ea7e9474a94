using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Charges;

namespace PaymentSim.Api.Rest;

/// <summary>Charges: money taken from cards and bank accounts.</summary>
[Route("v1/charges")]
[Tags("Charges")]
public sealed class ChargesController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Create a charge</summary>
    [HttpPost]
    public Task<ActionResult<ChargeObject>> Create([FromParameters] CreateCharge request) => SendAttempt(request);

    /// <summary>Retrieve a charge</summary>
    [HttpGet("{id}")]
    public Task<ActionResult<ChargeObject>> Get([FromParameters] GetCharge request) => Send(request);

    /// <summary>Update a charge</summary>
    [HttpPost("{id}")]
    [HttpPut("{id}")]
    public Task<ActionResult<ChargeObject>> Update([FromParameters] UpdateCharge request) => Send(request);

    /// <summary>Capture an authorized charge, or a part of it</summary>
    [HttpPost("{id}/capture")]
    public Task<ActionResult<ChargeObject>> Capture([FromParameters] CaptureCharge request) => Send(request);

    /// <summary>List charges</summary>
    [HttpGet]
    public Task<ActionResult<ListObject<ChargeObject>>> List([FromParameters] ListCharges request) => SendList(request);

    /// <summary>Search charges</summary>
    [HttpGet("search")]
    public Task<ActionResult<SearchResult<ChargeObject>>> Search([FromParameters] SearchCharges request) => SendSearch(request);
}
