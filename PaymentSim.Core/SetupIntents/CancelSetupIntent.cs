using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.SetupIntents;

/// <summary>Gives a setup intent up.</summary>
public sealed record CancelSetupIntent(string Intent) : ICommand<SetupIntentObject>, IExpands
{
    /// <summary><c>abandoned</c>, <c>duplicate</c> or <c>requested_by_customer</c>.</summary>
    public string? CancellationReason { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CancelSetupIntentValidator : AbstractValidator<CancelSetupIntent>
{
    public CancelSetupIntentValidator() =>
        RuleFor(c => c.CancellationReason).OneOf("cancellation_reason", "abandoned", "duplicate", "requested_by_customer");
}

internal sealed class CancelSetupIntentHandler(RequestContext context, SetupIntentStore intents, SetupIntentChanges changes)
    : IRequestHandler<CancelSetupIntent, SetupIntentObject>
{
    public async Task<SetupIntentObject> Handle(CancelSetupIntent request, CancellationToken cancellationToken)
    {
        var intent = await intents.GetToChangeAsync(context.MerchantId, request.Intent);
        var canceled = intent.Become(SetupIntentStatus.Canceled, SetupIntentAction.Cancel) with
        {
            Details = intent.Details with { NextAction = null, CancellationReason = Text.NullIfEmpty(request.CancellationReason) },
        };
        await changes.SaveAsync(canceled, EventTypes.SetupIntentCanceled);
        return SetupIntentObject.Of(canceled);
    }
}
