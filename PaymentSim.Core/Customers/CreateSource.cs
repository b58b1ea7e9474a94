using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>
/// Saves a card for a customer, after its issuer was asked, or a bank account, which has to be verified before it is charged; the first one becomes the
/// default source.
/// </summary>
public sealed record CreateSource(string Customer) : ICommand<CustomerSource>, IExpands
{
    /// <summary>A token of a card or bank account, or card data.</summary>
    public ChargeSource? Source { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Accepted, and without effect: a card is asked about in any case.</summary>
    [WithoutEffect]
    public bool? Validate { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CreateSourceValidator : AbstractValidator<CreateSource>
{
    public CreateSourceValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Source).NotNull().WithMessage("Missing required param: source.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Source!).SetValidator(new ChargeSourceValidator());
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class CreateSourceHandler(RequestContext context, CustomerStore customers, CustomerChanges changes, PaymentMethodIntake intake)
    : IRequestHandler<CreateSource, CustomerSource>
{
    public async Task<CustomerSource> Handle(CreateSource request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetToChangeAsync(context.MerchantId, request.Customer);
        var source = await intake.NewSourceAsync(context.MerchantId, customer.Id, request.Source!, request.Metadata ?? request.Source!.Metadata);
        await intake.AddSourceAsync(source);
        await changes.SaveAsync(customer, customer with { Details = customer.Details with { DefaultSource = customer.Details.DefaultSource ?? source.Id } });
        return PaymentMethodObject.SourceOf(source);
    }
}
