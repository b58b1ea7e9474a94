using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Api.Rest;

/// <summary>Payment methods: cards and bank accounts that are kept for customers.</summary>
[Route("v1/payment_methods")]
[Tags("Payment methods")]
public sealed class PaymentMethodsController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Create a payment method</summary>
    [HttpPost]
    public Task<ActionResult<PaymentMethodObject>> Create([FromParameters] CreatePaymentMethod request) => Send(request);

    /// <summary>Retrieve a payment method</summary>
    [HttpGet("{id}")]
    public Task<ActionResult<PaymentMethodObject>> Get([FromParameters] GetPaymentMethod request) => Send(request);

    /// <summary>Update a payment method</summary>
    [HttpPost("{id}")]
    [HttpPut("{id}")]
    public Task<ActionResult<PaymentMethodObject>> Update([FromParameters] UpdatePaymentMethod request) => Send(request);

    /// <summary>List payment methods</summary>
    [HttpGet]
    public Task<ActionResult<ListObject<PaymentMethodObject>>> List([FromParameters] ListPaymentMethods request) => SendList(request);

    /// <summary>Attach a payment method to a customer</summary>
    [HttpPost("{id}/attach")]
    public Task<ActionResult<PaymentMethodObject>> Attach([FromParameters] AttachPaymentMethod request) => Send(request);

    /// <summary>Detach a payment method from its customer</summary>
    [HttpPost("{id}/detach")]
    public Task<ActionResult<PaymentMethodObject>> Detach([FromParameters] DetachPaymentMethod request) => Send(request);
}
