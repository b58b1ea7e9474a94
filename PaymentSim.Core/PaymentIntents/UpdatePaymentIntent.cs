using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Changes a payment intent; parameters that are not given stay, empty strings unset. What it pays cannot change once it is under way.</summary>
public sealed record UpdatePaymentIntent(string Intent) : PaymentIntentParameters, ICommand<PaymentIntentObject>
{
    /// <summary>Minor units.</summary>
    public long? Amount { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public string? Currency { get; init; }

    public string? Customer { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptor { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptorSuffix { get; init; }

    /// <summary>Minor units.</summary>
    [WithoutEffect]
    public long? ApplicationFeeAmount { get; init; }

    [WithoutEffect]
    public JsonElement? TransferData { get; init; }

    public string? TransferGroup { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public string? PaymentMethodConfiguration { get; init; }

    internal bool ChangesSum => Amount is not null || Currency is not null || Customer is not null || ApplicationFeeAmount is not null;
}

internal sealed class UpdatePaymentIntentValidator : PaymentIntentParametersValidator<UpdatePaymentIntent>
{
    public UpdatePaymentIntentValidator()
    {
        RuleFor(c => c.Amount).Amount(c => c.Currency);
        RuleFor(c => c.Currency).Currency().When(c => c.Currency is not null);
        RuleFor(c => c.Description).Description();
        RuleFor(c => c.StatementDescriptor).StatementDescriptor();
        RuleFor(c => c.StatementDescriptorSuffix).StatementDescriptorSuffix();
        RuleFor(c => c.ApplicationFeeAmount).GreaterThanOrEqualTo(1).WithMessage("Invalid positive integer").WithCode(ProblemCode.ParameterInvalidInteger);
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class UpdatePaymentIntentHandler(
    RequestContext context, PaymentIntentStore intents, PaymentMethodChoice choice, CustomerStore customers)
    : IRequestHandler<UpdatePaymentIntent, PaymentIntentObject>
{
    public async Task<PaymentIntentObject> Handle(UpdatePaymentIntent request, CancellationToken cancellationToken)
    {
        var before = await intents.GetToChangeAsync(context.MerchantId, request.Intent);
        if (request.ChangesSum) before.Require(PaymentIntentAction.Update);
        if (Text.NullIfEmpty(request.Customer) is { } customer) await customers.GetAsync(context.MerchantId, customer, "customer");

        var details = before.Details;
        var after = await choice.ApplyAsync(
            Checked(before with
            {
                Amount = request.Amount ?? before.Amount,
                Currency = Currency.Find(request.Currency)?.Code ?? before.Currency,
                Customer = Text.Given(request.Customer, before.Customer),
                Metadata = Metadata.Merge(before.Metadata, request.Metadata),
                Details = details with
                {
                    Description = Text.Given(request.Description, details.Description),
                    StatementDescriptor = Text.Given(request.StatementDescriptor, details.StatementDescriptor),
                    StatementDescriptorSuffix = Text.Given(request.StatementDescriptorSuffix, details.StatementDescriptorSuffix),
                    ApplicationFeeAmount = request.ApplicationFeeAmount ?? details.ApplicationFeeAmount,
                    TransferData = request.TransferData ?? details.TransferData,
                    TransferGroup = Text.Given(request.TransferGroup, details.TransferGroup),
                },
            }),
            request);

        // What the cardholder was asked about is not what would be paid now.
        if (request.ChangesSum && after.Status == PaymentIntentStatus.RequiresAction)
        {
            after = after.Become(PaymentIntentStatus.RequiresConfirmation, PaymentIntentAction.Update) with
            {
                Details = after.Details with { NextAction = null },
            };
        }

        await intents.SaveAsync(after);
        return PaymentIntentObject.Of(after);
    }

    private static PaymentIntent Checked(PaymentIntent intent) => Currency.Find(intent.Currency) is var currency && intent.Amount >= currency!.Minimum
        ? intent
        : throw new ProblemException(Problem.Invalid(ChargeRules.TooSmall(currency), "amount", ProblemCode.AmountTooSmall));
}
