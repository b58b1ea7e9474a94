using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.Checkout;

namespace PaymentSim.Api.Rest;

/// <summary>Checkout sessions: pages on which customers pay.</summary>
[Route("v1/checkout/sessions")]
[Tags("Checkout sessions")]
public sealed class CheckoutController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Create a checkout session; its url is the page</summary>
    [HttpPost]
    public Task<ActionResult<CheckoutSessionObject>> Create([FromParameters] CreateCheckoutSession request) => Send(request);

    /// <summary>Retrieve a checkout session</summary>
    [HttpGet("{session}")]
    public Task<ActionResult<CheckoutSessionObject>> Get([FromParameters] GetCheckoutSession request) => Send(request);

    /// <summary>Update a checkout session's metadata</summary>
    [HttpPost("{session}")]
    public Task<ActionResult<CheckoutSessionObject>> Update([FromParameters] UpdateCheckoutSession request) => Send(request);

    /// <summary>List checkout sessions</summary>
    [HttpGet]
    public Task<ActionResult<ListObject<CheckoutSessionObject>>> List([FromParameters] ListCheckoutSessions request) => SendList(request);

    /// <summary>Expire an open checkout session</summary>
    [HttpPost("{session}/expire")]
    public Task<ActionResult<CheckoutSessionObject>> Expire([FromParameters] ExpireCheckoutSession request) => Send(request);

    /// <summary>List what is bought in a checkout session</summary>
    [HttpGet("{session}/line_items")]
    public Task<ActionResult<ListObject<LineItemObject>>> LineItems([FromParameters] ListCheckoutLineItems request) => SendList(request);
}
