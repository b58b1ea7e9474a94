using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Customers;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.SetupIntents;

/// <summary>Changes a setup intent; parameters that are not given stay, empty strings unset.</summary>
public sealed record UpdateSetupIntent(string Intent) : SetupIntentParameters, ICommand<SetupIntentObject>
{
    public string? Customer { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Kept, and without effect.</summary>
    [WithoutEffect]
    public IReadOnlyList<string>? ExcludedPaymentMethodTypes { get; init; }

    /// <summary>Kept, and without effect.</summary>
    [WithoutEffect]
    public IReadOnlyList<string>? FlowDirections { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public string? PaymentMethodConfiguration { get; init; }
}

internal sealed class UpdateSetupIntentValidator : SetupIntentParametersValidator<UpdateSetupIntent>
{
    public UpdateSetupIntentValidator()
    {
        RuleFor(c => c.Description).Description();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class UpdateSetupIntentHandler(RequestContext context, SetupIntentStore intents, PaymentMethodChoice choice, CustomerStore customers)
    : IRequestHandler<UpdateSetupIntent, SetupIntentObject>
{
    public async Task<SetupIntentObject> Handle(UpdateSetupIntent request, CancellationToken cancellationToken)
    {
        var before = await intents.GetToChangeAsync(context.MerchantId, request.Intent);
        if (request.Customer is not null) before.Require(SetupIntentAction.Update);
        if (Text.NullIfEmpty(request.Customer) is { } customer) await customers.GetAsync(context.MerchantId, customer, "customer");

        var after = await request.ApplyToAsync(
            before with
            {
                Customer = Text.Given(request.Customer, before.Customer),
                Metadata = Metadata.Merge(before.Metadata, request.Metadata),
                Details = before.Details with
                {
                    Description = Text.Given(request.Description, before.Details.Description),
                    ExcludedPaymentMethodTypes = request.ExcludedPaymentMethodTypes ?? before.Details.ExcludedPaymentMethodTypes,
                    FlowDirections = request.FlowDirections ?? before.Details.FlowDirections,
                },
            },
            choice);
        await intents.SaveAsync(after);
        return SetupIntentObject.Of(after);
    }
}
