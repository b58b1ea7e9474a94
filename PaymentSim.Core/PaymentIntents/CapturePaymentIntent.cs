using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Takes the money that a payment intent is authorised for, all or a part of it; the rest is released.</summary>
public sealed record CapturePaymentIntent(string Intent) : ICommand<PaymentIntentObject>, IExpands
{
    /// <summary>Minor units, at most what is authorised; all of it unless told.</summary>
    public long? AmountToCapture { get; init; }

    /// <summary>Minor units.</summary>
    [WithoutEffect]
    public long? ApplicationFeeAmount { get; init; }

    /// <summary>True, the default, is all that cards can do: what is not captured is released.</summary>
    public bool? FinalCapture { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptor { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptorSuffix { get; init; }

    [WithoutEffect]
    public JsonElement? TransferData { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? AmountDetails { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? Hooks { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? PaymentDetails { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CapturePaymentIntentValidator : AbstractValidator<CapturePaymentIntent>
{
    public CapturePaymentIntentValidator()
    {
        RuleFor(c => c.AmountToCapture).GreaterThanOrEqualTo(1).WithMessage("Invalid positive integer").WithCode(ProblemCode.ParameterInvalidInteger);
        RuleFor(c => c.ApplicationFeeAmount).GreaterThanOrEqualTo(1).WithMessage("Invalid positive integer").WithCode(ProblemCode.ParameterInvalidInteger);
        RuleFor(c => c.FinalCapture).NotEqual(false).WithMessage("A card payment can be captured once: final_capture cannot be false.");
        RuleFor(c => c.StatementDescriptor).StatementDescriptor();
        RuleFor(c => c.StatementDescriptorSuffix).StatementDescriptorSuffix();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class CapturePaymentIntentHandler(
    RequestContext context, PaymentIntentStore intents, PaymentIntentChanges changes, ChargeStore charges, ChargeCapture capture)
    : IRequestHandler<CapturePaymentIntent, PaymentIntentObject>
{
    public async Task<PaymentIntentObject> Handle(CapturePaymentIntent request, CancellationToken cancellationToken)
    {
        var intent = await intents.GetToChangeAsync(context.MerchantId, request.Intent);
        intent.Require(PaymentIntentAction.Capture);
        if (request.AmountToCapture > intent.Details.AmountCapturable)
        {
            throw new ProblemException(Problem.Invalid(
                $"This PaymentIntent is authorized for {new Money(intent.Details.AmountCapturable, intent.Currency)}; "
                + $"{new Money(request.AmountToCapture.Value, intent.Currency)} cannot be captured.",
                "amount_to_capture",
                ProblemCode.AmountTooLarge));
        }

        var charge = await capture.CaptureAsync(await charges.GetToChangeAsync(intent.MerchantId, intent.LatestCharge!), new CaptureTerms
        {
            Amount = request.AmountToCapture,
            StatementDescriptor = request.StatementDescriptor,
            StatementDescriptorSuffix = request.StatementDescriptorSuffix,
            ApplicationFeeAmount = request.ApplicationFeeAmount,
            TransferData = request.TransferData,
        });
        var details = intent.Details;
        var captured = intent.Become(PaymentIntentStatus.Succeeded, PaymentIntentAction.Capture) with
        {
            Metadata = Metadata.Merge(intent.Metadata, request.Metadata),
            Details = details with
            {
                AmountCapturable = 0,
                AmountReceived = charge.AmountCaptured,
                ApplicationFeeAmount = request.ApplicationFeeAmount ?? details.ApplicationFeeAmount,
                StatementDescriptor = Text.Given(request.StatementDescriptor, details.StatementDescriptor),
                StatementDescriptorSuffix = Text.Given(request.StatementDescriptorSuffix, details.StatementDescriptorSuffix),
            },
        };
        await changes.SaveAsync(captured, EventTypes.PaymentIntentSucceeded);
        return PaymentIntentObject.Of(captured);
    }
}
