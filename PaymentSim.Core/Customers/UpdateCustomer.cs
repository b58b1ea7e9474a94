using FluentValidation;
using MediatR;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>Changes a customer; parameters that are not given stay, empty strings unset.</summary>
public sealed record UpdateCustomer(string Id) : CustomerParameters, ICommand<CustomerObject>
{
    /// <summary>A card or bank account that the customer has saved.</summary>
    public string? DefaultSource { get; init; }
}

internal sealed class UpdateCustomerValidator : CustomerParametersValidator<UpdateCustomer>
{
    public UpdateCustomerValidator() => RuleFor(c => c.DefaultSource).Null().When(c => c.Source is not null)
        .WithMessage("You may pass only one of source and default_source.");
}

internal sealed class UpdateCustomerHandler(
    RequestContext context, CustomerStore customers, CustomerChanges changes, PaymentMethodStore methods, PaymentMethodIntake intake)
    : IRequestHandler<UpdateCustomer, CustomerObject>
{
    public async Task<CustomerObject> Handle(UpdateCustomer request, CancellationToken cancellationToken)
    {
        var before = await customers.GetToChangeAsync(context.MerchantId, request.Id);
        var (old, settings) = (before.Details, request.InvoiceSettings);
        if (Text.NullIfEmpty(request.DefaultSource) is { } chosen)
            PaymentMethodIntake.SourceOf(before.Id, await methods.FindAsync(context.MerchantId, chosen), chosen, "default_source");
        await CheckOwnedAsync(before.Id, settings?.DefaultPaymentMethod, "invoice_settings[default_payment_method]");
        var source = request.Source is { } given ? await intake.NewSourceAsync(context.MerchantId, before.Id, given, given.Metadata) : null;
        if (source is not null)
        {
            await intake.AddSourceAsync(source);
            if (old.DefaultSource is { } replaced) await intake.RemoveSourceAsync(context.MerchantId, replaced);
        }

        return await changes.SaveAsync(before, before with
        {
            Email = Text.Given(request.Email, before.Email),
            Metadata = Metadata.Merge(before.Metadata, request.Metadata),
            Details = request.Over(old) with
            {
                DefaultSource = source?.Id ?? Text.Given(request.DefaultSource, old.DefaultSource),
                DefaultPaymentMethod = Text.Given(settings?.DefaultPaymentMethod, old.DefaultPaymentMethod),
            },
        });
    }

    private async Task CheckOwnedAsync(string customer, string? id, string param)
    {
        if (string.IsNullOrEmpty(id) || (await methods.FindAsync(context.MerchantId, id))?.Customer == customer) return;
        throw new ProblemException(PaymentMethodIntake.NoSuch(id, param));
    }
}
