using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.PaymentIntents;

namespace PaymentSim.Api.Rest;

/// <summary>Payment intents: payments over all their attempts.</summary>
[Tags("Payment intents")]
public sealed class PaymentIntentsController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Create a payment intent</summary>
    [HttpPost("v1/payment_intents")]
    public Task<ActionResult<PaymentIntentObject>> Create([FromParameters] CreatePaymentIntent request) => SendIntent(request);

    /// <summary>Retrieve a payment intent; with a publishable key by its client secret</summary>
    [HttpGet("v1/payment_intents/{intent}")]
    [AllowsPublishableKey]
    public Task<ActionResult<PaymentIntentObject>> Get([FromParameters] GetPaymentIntent request) => Send(request);

    /// <summary>Update a payment intent</summary>
    [HttpPost("v1/payment_intents/{intent}")]
    public Task<ActionResult<PaymentIntentObject>> Update([FromParameters] UpdatePaymentIntent request) => Send(request);

    /// <summary>List payment intents</summary>
    [HttpGet("v1/payment_intents")]
    public Task<ActionResult<ListObject<PaymentIntentObject>>> List([FromParameters] ListPaymentIntents request) => SendList(request);

    /// <summary>Search payment intents</summary>
    [HttpGet("v1/payment_intents/search")]
    public Task<ActionResult<SearchResult<PaymentIntentObject>>> Search([FromParameters] SearchPaymentIntents request) => SendSearch(request);

    /// <summary>Confirm a payment intent: make an attempt to take its money</summary>
    [HttpPost("v1/payment_intents/{intent}/confirm")]
    [AllowsPublishableKey]
    public Task<ActionResult<PaymentIntentObject>> Confirm([FromParameters] ConfirmPaymentIntent request) => SendIntent(request);

    /// <summary>Capture a payment intent that was authorised</summary>
    [HttpPost("v1/payment_intents/{intent}/capture")]
    public Task<ActionResult<PaymentIntentObject>> Capture([FromParameters] CapturePaymentIntent request) => Send(request);

    /// <summary>Cancel a payment intent</summary>
    [HttpPost("v1/payment_intents/{intent}/cancel")]
    public Task<ActionResult<PaymentIntentObject>> Cancel([FromParameters] CancelPaymentIntent request) => Send(request);

    /// <summary>Pass or fail the cardholder's check that a payment intent waits for</summary>
    [HttpPost("v1/test_helpers/payment_intents/{intent}/authenticate")]
    public Task<ActionResult<PaymentIntentObject>> Authenticate([FromParameters] AuthenticatePaymentIntent request) => Send(request);

    private async Task<ActionResult<PaymentIntentObject>> SendIntent(IRequest<PaymentIntentAttempt> request)
    {
        var attempt = await SendRaw(request);
        return AnswerAttempt(attempt.Intent, attempt.Declined);
    }
}
