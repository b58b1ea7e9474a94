using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Charges;

/// <summary>Takes money from a card, or asks a bank for it.</summary>
public sealed record CreateCharge : ICommand<ChargeAttempt>, IMayFault, IExpands
{
    /// <summary>Minor units: 2000 is $20.00. At least the currency's minimum, at most 99999999.</summary>
    public long? Amount { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public string? Currency { get; init; }

    public ChargeSource? Source { get; init; }

    /// <summary>Whose card: the source is one that this customer has saved, its default source unless told.</summary>
    public string? Customer { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>False: the amount is authorised only, to be captured later. True unless told.</summary>
    public bool? Capture { get; init; }

    [WithoutEffect]
    public string? ReceiptEmail { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptor { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptorSuffix { get; init; }

    public Shipping? Shipping { get; init; }

    public string? TransferGroup { get; init; }

    [WithoutEffect]
    public string? OnBehalfOf { get; init; }

    /// <summary>Minor units.</summary>
    [WithoutEffect]
    public long? ApplicationFeeAmount { get; init; }

    [WithoutEffect]
    public JsonElement? TransferData { get; init; }

    [WithoutEffect]
    public JsonElement? RadarOptions { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }

    Problem? IMayFault.Fault => SourceResolver.FaultOf(Source);
}

/// <summary>How an attempt to charge ended: with a charge, and with the problem if the network said no.</summary>
/// <param name="Charge">The charge, failed or not; null where the processor itself failed before there was one.</param>
/// <param name="Declined">Why the money was not taken.</param>
public sealed record ChargeAttempt(ChargeObject? Charge, Problem? Declined = null) : IMayBeTransient, IHoldsObject<ChargeObject>
{
    object? IHoldsObject.Held => Declined is null ? Charge : null;

    bool IMayBeTransient.IsTransient => Charge is null;
}

internal sealed class CreateChargeValidator : AbstractValidator<CreateCharge>
{
    public CreateChargeValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Amount)
            .NotNull().WithMessage("Missing required param: amount.").WithCode(ProblemCode.ParameterMissing)
            .Amount(c => c.Currency);
        RuleFor(c => c.Currency)
            .NotEmpty().WithMessage("Missing required param: currency.").WithCode(ProblemCode.ParameterMissing)
            .Currency();
        RuleFor(c => c.Amount).AtLeastTheMinimum(c => c.Currency);
        RuleFor(c => c.Source)
            .NotNull().When(c => c.Customer is null)
            .WithMessage("Must provide source or customer.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Source!).SetValidator(new ChargeSourceValidator()).When(c => c.Source is { IsNamed: false });
        RuleFor(c => c.Description).Description();
        RuleFor(c => c.StatementDescriptor).StatementDescriptor();
        RuleFor(c => c.StatementDescriptorSuffix).StatementDescriptorSuffix();
        RuleFor(c => c.ReceiptEmail).ReceiptEmail();
        RuleFor(c => c.ApplicationFeeAmount).GreaterThanOrEqualTo(1).WithMessage("Invalid positive integer").WithCode(ProblemCode.ParameterInvalidInteger);
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class ChargeSourceValidator : AbstractValidator<ChargeSource>
{
    /// <param name="name">The parameter's, for messages.</param>
    public ChargeSourceValidator(string name = "source")
    {
        RuleFor(s => s.Token).NotEmpty().When(s => s.Number is null && s.ExpMonth is null && s.ExpYear is null).OverridePropertyName("")
            .WithMessage($"You passed an empty {name}; give a token such as tok_visa, or card data.").WithCode(ProblemCode.ParameterInvalidEmpty);
        When(s => s.Token is null, () =>
        {
            RuleFor(s => s.Number).NotEmpty().WithMessage($"Missing required param: {name}[number].").WithCode(ProblemCode.ParameterMissing);
            RuleFor(s => s.ExpMonth).NotNull().WithMessage($"Missing required param: {name}[exp_month].").WithCode(ProblemCode.ParameterMissing);
            RuleFor(s => s.ExpYear).NotNull().WithMessage($"Missing required param: {name}[exp_year].").WithCode(ProblemCode.ParameterMissing);
        });
    }
}

internal sealed class CreateChargeHandler(RequestContext context, SourceResolver sources, ChargeMaker charges) : IRequestHandler<CreateCharge, ChargeAttempt>
{
    public async Task<ChargeAttempt> Handle(CreateCharge request, CancellationToken cancellationToken)
    {
        var source = request.Customer is { } customer
            ? await sources.OfCustomerAsync(context.MerchantId, customer, request.Source)
            : await sources.ResolveAsync(request.Source!, context.MerchantId);
        if (source is ResolvedSource.Fault fault) return new ChargeAttempt(null, fault.Problem);

        var (charge, shown) = await charges.MakeAsync(context.MerchantId, request, source);
        return new ChargeAttempt(
            shown,
            source is ResolvedSource.Card { Decline: { } decline } ? SourceResolver.ToProblem(decline) with { Charge = charge.Id } : null);
    }
}
