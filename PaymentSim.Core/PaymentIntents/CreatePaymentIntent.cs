using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Begins a payment, and with <see cref="Confirm"/> makes its first attempt.</summary>
public sealed record CreatePaymentIntent : ConfirmationParameters, ICommand<PaymentIntentAttempt>
{
    /// <summary>Minor units: 2000 is $20.00. At least the currency's minimum, at most 99999999.</summary>
    public long? Amount { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public string? Currency { get; init; }

    /// <summary>The processor chooses the types of payment methods; so it does where neither this nor a list of types is given.</summary>
    public AutomaticPaymentMethodsParameters? AutomaticPaymentMethods { get; init; }

    /// <summary>True: confirm it at once.</summary>
    public bool? Confirm { get; init; }

    /// <summary><c>automatic</c> or <c>manual</c>.</summary>
    public string? ConfirmationMethod { get; init; }

    public string? Customer { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptor { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptorSuffix { get; init; }

    [WithoutEffect]
    public string? OnBehalfOf { get; init; }

    /// <summary>Minor units.</summary>
    [WithoutEffect]
    public long? ApplicationFeeAmount { get; init; }

    [WithoutEffect]
    public JsonElement? TransferData { get; init; }

    public string? TransferGroup { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public string? PaymentMethodConfiguration { get; init; }
}

internal sealed class CreatePaymentIntentValidator : ConfirmationParametersValidator<CreatePaymentIntent>
{
    public CreatePaymentIntentValidator()
    {
        RuleFor(c => c.Amount).NotNull().WithMessage("Missing required param: amount.").WithCode(ProblemCode.ParameterMissing).Amount(c => c.Currency);
        RuleFor(c => c.Currency).NotEmpty().WithMessage("Missing required param: currency.").WithCode(ProblemCode.ParameterMissing).Currency();
        RuleFor(c => c.Amount).AtLeastTheMinimum(c => c.Currency);
        When(c => c.AutomaticPaymentMethods is not null, () => RuleFor(c => c.AutomaticPaymentMethods!).SetValidator(new AutomaticPaymentMethodsValidator()));
        RuleFor(c => c.PaymentMethodTypes).Null().When(c => c.AutomaticPaymentMethods?.Enabled == true)
            .WithMessage("You may only specify one of these parameters: automatic_payment_methods, payment_method_types.");
        RuleFor(c => c.ConfirmationMethod).OneOf("confirmation_method", "automatic", "manual");
        RuleFor(c => c.ReturnUrl).Null().When(c => c.Confirm != true).WithMessage("return_url needs confirm=true.");
        RuleFor(c => c.OffSession).Null().When(c => c.Confirm != true).WithMessage("off_session needs confirm=true.");
        RuleFor(c => c.ErrorOnRequiresAction).Null().When(c => c.Confirm != true).WithMessage("error_on_requires_action needs confirm=true.");
        RuleFor(c => c.Description).Description();
        RuleFor(c => c.StatementDescriptor).StatementDescriptor();
        RuleFor(c => c.StatementDescriptorSuffix).StatementDescriptorSuffix();
        RuleFor(c => c.ApplicationFeeAmount).GreaterThanOrEqualTo(1).WithMessage("Invalid positive integer").WithCode(ProblemCode.ParameterInvalidInteger);
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class CreatePaymentIntentHandler(RequestContext context, PaymentIntentMaker maker, PaymentIntentAttempts attempts)
    : IRequestHandler<CreatePaymentIntent, PaymentIntentAttempt>
{
    public async Task<PaymentIntentAttempt> Handle(CreatePaymentIntent request, CancellationToken cancellationToken)
    {
        var intent = await maker.MakeAsync(context.MerchantId, request);
        return request.Confirm == true
            ? await attempts.ConfirmAsync(intent, request.Terms)
            : new PaymentIntentAttempt(PaymentIntentObject.Of(intent));
    }
}
