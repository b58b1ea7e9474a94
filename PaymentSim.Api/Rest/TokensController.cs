using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Tokens;

namespace PaymentSim.Api.Rest;

/// <summary>Tokens: cards and bank accounts that can be used once.</summary>
[Route("v1/tokens")]
[Tags("Tokens")]
public sealed class TokensController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Create a token of card data or of a bank account</summary>
    [HttpPost]
    public Task<ActionResult<TokenObject>> Create([FromParameters] CreateToken request) => Send(request);

    /// <summary>Retrieve a token</summary>
    [HttpGet("{id}")]
    public Task<ActionResult<TokenObject>> Get([FromParameters] GetToken request) => Send(request);
}
