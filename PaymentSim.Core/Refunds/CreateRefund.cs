using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Refunds;

/// <summary>Gives a charge's money back, all or a part of it. An authorisation that was not captured is released, all of it.</summary>
public sealed record CreateRefund : ICommand<RefundObject>, IExpands
{
    /// <summary>Minor units, at most what was not refunded before; all of that unless told.</summary>
    public long? Amount { get; init; }

    public string? Charge { get; init; }

    public string? PaymentIntent { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary><c>duplicate</c>, <c>fraudulent</c> or <c>requested_by_customer</c>.</summary>
    public string? Reason { get; init; }

    [WithoutEffect]
    public string? InstructionsEmail { get; init; }

    /// <summary>Accepted; nothing is collected for platforms that could go back.</summary>
    [WithoutEffect]
    public bool? RefundApplicationFee { get; init; }

    /// <summary>Accepted; nothing is transferred to other accounts that could go back.</summary>
    [WithoutEffect]
    public bool? ReverseTransfer { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CreateRefundValidator : AbstractValidator<CreateRefund>
{
    public CreateRefundValidator()
    {
        RuleFor(c => c.Charge)
            .NotEmpty().When(c => string.IsNullOrEmpty(c.PaymentIntent))
            .WithMessage("One of the following params should be provided for this request: payment_intent or charge.").WithCode(ProblemCode.ParameterMissing)
            .Empty().When(c => !string.IsNullOrEmpty(c.PaymentIntent), ApplyConditionTo.CurrentValidator)
            .WithMessage("You may only specify one of these parameters: charge, payment_intent.");
        RuleFor(c => c.Amount).GreaterThanOrEqualTo(1).WithMessage("Invalid positive integer").WithCode(ProblemCode.ParameterInvalidInteger);
        RuleFor(c => c.Reason).Must(reason => string.IsNullOrEmpty(reason) || reason is "duplicate" or "fraudulent" or "requested_by_customer")
            .WithMessage("Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer");
        RuleFor(c => c.InstructionsEmail).ReceiptEmail();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class CreateRefundHandler(RequestContext context, ChargeStore charges, RefundMaker refunds) : IRequestHandler<CreateRefund, RefundObject>
{
    public async Task<RefundObject> Handle(CreateRefund request, CancellationToken cancellationToken)
    {
        var charge = Text.NullIfEmpty(request.Charge) is { } id
            ? await charges.FindToChangeAsync(context.MerchantId, id) ?? throw NoSuch("charge", id)
            : await charges.FindPaidToChangeAsync(context.MerchantId, request.PaymentIntent!) ?? throw NoSuch("payment_intent", request.PaymentIntent!);
        return RefundObject.Of(await refunds.MakeAsync(
            charge,
            request.Amount,
            new RefundDetails { Reason = Text.NullIfEmpty(request.Reason), InstructionsEmail = Text.NullIfEmpty(request.InstructionsEmail) },
            Metadata.Merge(new Dictionary<string, string>(), request.Metadata)));
    }

    private static ProblemException NoSuch(string what, string id) => new(Problem.Missing(what, id, what) with { Kind = ProblemKind.InvalidRequest });
}
