using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core;
using PaymentSim.Core.Merchants;

namespace PaymentSim.Api.Rest;

/// <summary>Connected accounts: isolated merchants that the header Stripe-Account names.</summary>
[Route("v1/accounts")]
[Tags("Accounts")]
public sealed class AccountsController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Create a connected account</summary>
    [HttpPost]
    public Task<ActionResult<AccountObject>> Create([FromParameters] CreateAccount request) => Send(request);

    /// <summary>Retrieve a connected account</summary>
    [HttpGet("{id}")]
    public Task<ActionResult<AccountObject>> Get([FromParameters] GetAccount request) => Send(request);

    /// <summary>Update a connected account</summary>
    [HttpPost("{id}")]
    public Task<ActionResult<AccountObject>> Update([FromParameters] UpdateAccount request) => Send(request);

    /// <summary>List connected accounts</summary>
    [HttpGet]
    public Task<ActionResult<ListObject<AccountObject>>> List([FromParameters] ListAccounts request) => SendList(request);

    /// <summary>Delete a connected account</summary>
    [HttpDelete("{id}")]
    public Task<ActionResult<DeletedObject>> Delete([FromParameters] DeleteAccount request) => Send(request);
}
