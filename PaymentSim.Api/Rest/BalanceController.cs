using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Balance;

namespace PaymentSim.Api.Rest;

/// <summary>The balance: what came of all payments, and each movement of money.</summary>
[Tags("Balance")]
public sealed class BalanceController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Retrieve the balance</summary>
    [HttpGet("v1/balance")]
    public Task<ActionResult<BalanceObject>> Get([FromParameters] GetBalance request) => Send(request);

    /// <summary>Retrieve a balance transaction</summary>
    [HttpGet("v1/balance_transactions/{id}")]
    [HttpGet("v1/balance/history/{id}")]
    public Task<ActionResult<BalanceTransactionObject>> GetTransaction([FromParameters] GetBalanceTransaction request) => Send(request);

    /// <summary>List balance transactions</summary>
    [HttpGet("v1/balance_transactions")]
    [HttpGet("v1/balance/history")]
    public Task<ActionResult<ListObject<BalanceTransactionObject>>> List([FromParameters] ListBalanceTransactions request) => SendList(request);
}
