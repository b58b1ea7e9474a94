using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core.SetupIntents;

namespace PaymentSim.Api.Rest;

/// <summary>Setup intents: payment methods that are made ready to be charged later.</summary>
[Tags("Setup intents")]
public sealed class SetupIntentsController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Create a setup intent</summary>
    [HttpPost("v1/setup_intents")]
    public Task<ActionResult<SetupIntentObject>> Create([FromParameters] CreateSetupIntent request) => SendIntent(request);

    /// <summary>Retrieve a setup intent; with a publishable key by its client secret</summary>
    [HttpGet("v1/setup_intents/{intent}")]
    [AllowsPublishableKey]
    public Task<ActionResult<SetupIntentObject>> Get([FromParameters] GetSetupIntent request) => Send(request);

    /// <summary>Update a setup intent</summary>
    [HttpPost("v1/setup_intents/{intent}")]
    public Task<ActionResult<SetupIntentObject>> Update([FromParameters] UpdateSetupIntent request) => Send(request);

    /// <summary>List setup intents</summary>
    [HttpGet("v1/setup_intents")]
    public Task<ActionResult<ListObject<SetupIntentObject>>> List([FromParameters] ListSetupIntents request) => SendList(request);

    /// <summary>Confirm a setup intent: try to make its payment method ready</summary>
    [HttpPost("v1/setup_intents/{intent}/confirm")]
    [AllowsPublishableKey]
    public Task<ActionResult<SetupIntentObject>> Confirm([FromParameters] ConfirmSetupIntent request) => SendIntent(request);

    /// <summary>Cancel a setup intent</summary>
    [HttpPost("v1/setup_intents/{intent}/cancel")]
    public Task<ActionResult<SetupIntentObject>> Cancel([FromParameters] CancelSetupIntent request) => Send(request);

    /// <summary>Pass or fail the cardholder's check that a setup intent waits for</summary>
    [HttpPost("v1/test_helpers/setup_intents/{intent}/authenticate")]
    public Task<ActionResult<SetupIntentObject>> Authenticate([FromParameters] AuthenticateSetupIntent request) => Send(request);

    private async Task<ActionResult<SetupIntentObject>> SendIntent(IRequest<SetupIntentAttempt> request)
    {
        var attempt = await SendRaw(request);
        return AnswerAttempt(attempt.Intent, attempt.Declined);
    }
}
