using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Gives a payment intent up; what is authorised is released.</summary>
public sealed record CancelPaymentIntent(string Intent) : ICommand<PaymentIntentObject>, IExpands
{
    /// <summary><c>duplicate</c>, <c>fraudulent</c>, <c>requested_by_customer</c> or <c>abandoned</c>.</summary>
    public string? CancellationReason { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CancelPaymentIntentValidator : AbstractValidator<CancelPaymentIntent>
{
    public CancelPaymentIntentValidator() =>
        RuleFor(c => c.CancellationReason).OneOf("cancellation_reason", "duplicate", "fraudulent", "requested_by_customer", "abandoned");
}

internal sealed class CancelPaymentIntentHandler(
    RequestContext context, PaymentIntentStore intents, PaymentIntentChanges changes, ChargeStore charges, ChargeCapture capture, TimeProvider clock)
    : IRequestHandler<CancelPaymentIntent, PaymentIntentObject>
{
    public async Task<PaymentIntentObject> Handle(CancelPaymentIntent request, CancellationToken cancellationToken)
    {
        var intent = await intents.GetToChangeAsync(context.MerchantId, request.Intent);
        var canceled = intent.Canceled(Text.NullIfEmpty(request.CancellationReason), clock.GetUtcNow());
        if (intent.Status == PaymentIntentStatus.RequiresCapture)
            await capture.ReleaseAsync(await charges.GetToChangeAsync(intent.MerchantId, intent.LatestCharge!));
        await changes.SaveAsync(canceled, EventTypes.PaymentIntentCanceled);
        return PaymentIntentObject.Of(canceled);
    }
}
