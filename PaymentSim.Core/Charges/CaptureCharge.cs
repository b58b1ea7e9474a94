using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Charges;

/// <summary>Takes the money of an authorised charge, all or a part of it; the rest is released. It can be done once, within seven days.</summary>
public sealed record CaptureCharge(string Id) : ICommand<ChargeObject>, IExpands
{
    /// <summary>Minor units, at most what is authorised; all of it unless told.</summary>
    public long? Amount { get; init; }

    [WithoutEffect]
    public string? ReceiptEmail { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptor { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptorSuffix { get; init; }

    public string? TransferGroup { get; init; }

    /// <summary>Minor units.</summary>
    [WithoutEffect]
    public long? ApplicationFeeAmount { get; init; }

    /// <summary>The former name of <see cref="ApplicationFeeAmount"/>.</summary>
    public long? ApplicationFee { get; init; }

    [WithoutEffect]
    public JsonElement? TransferData { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CaptureChargeValidator : AbstractValidator<CaptureCharge>
{
    public CaptureChargeValidator()
    {
        RuleFor(c => c.Amount).GreaterThanOrEqualTo(1).WithMessage("Invalid positive integer").WithCode(ProblemCode.ParameterInvalidInteger);
        RuleFor(c => c.StatementDescriptor).StatementDescriptor();
        RuleFor(c => c.StatementDescriptorSuffix).StatementDescriptorSuffix();
        RuleFor(c => c.ReceiptEmail).ReceiptEmail();
        RuleFor(c => c.ApplicationFeeAmount).GreaterThanOrEqualTo(1).WithMessage("Invalid positive integer").WithCode(ProblemCode.ParameterInvalidInteger);
        RuleFor(c => c.ApplicationFee).GreaterThanOrEqualTo(1).WithMessage("Invalid positive integer").WithCode(ProblemCode.ParameterInvalidInteger);
    }
}

internal sealed class CaptureChargeHandler(RequestContext context, ChargeStore charges, ChargeCapture capture)
    : IRequestHandler<CaptureCharge, ChargeObject>
{
    public async Task<ChargeObject> Handle(CaptureCharge request, CancellationToken cancellationToken)
    {
        var authorized = await charges.GetToChangeAsync(context.MerchantId, request.Id);
        if (authorized.PaymentIntent is { } intent)
            throw new ProblemException(Problem.Invalid($"Charge {authorized.Id} is an attempt of PaymentIntent {intent}: capture that one.", "charge"));
        return ChargeObject.Of(await capture.CaptureAsync(authorized, new CaptureTerms
        {
            Amount = request.Amount,
            ReceiptEmail = request.ReceiptEmail,
            StatementDescriptor = request.StatementDescriptor,
            StatementDescriptorSuffix = request.StatementDescriptorSuffix,
            TransferGroup = request.TransferGroup,
            ApplicationFeeAmount = request.ApplicationFeeAmount ?? request.ApplicationFee,
            TransferData = request.TransferData,
        }));
    }
}
