using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>Changes a customer; parameters that are not given stay, empty strings unset.</summary>
public sealed record UpdateCustomer(string Id) : ICommand<CustomerObject>, IExpands
{
    public string? Email { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    public string? Phone { get; init; }

    [WithoutEffect]
    public string? BusinessName { get; init; }

    [WithoutEffect]
    public string? IndividualName { get; init; }

    public Address? Address { get; init; }

    public Shipping? Shipping { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>A token or card data: takes the place of the default source.</summary>
    public ChargeSource? Source { get; init; }

    /// <summary>A card that the customer has saved.</summary>
    public string? DefaultSource { get; init; }

    public InvoiceSettingsParameters? InvoiceSettings { get; init; }

    /// <summary>Minor units.</summary>
    [WithoutEffect]
    public long? Balance { get; init; }

    [WithoutEffect]
    public string? InvoicePrefix { get; init; }

    [WithoutEffect]
    public long? NextInvoiceSequence { get; init; }

    [WithoutEffect]
    public IReadOnlyList<string>? PreferredLocales { get; init; }

    /// <summary><c>none</c>, <c>exempt</c> or <c>reverse</c>.</summary>
    [WithoutEffect]
    public string? TaxExempt { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? CashBalance { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? Tax { get; init; }

    /// <summary>Accepted, and without effect: a card is asked about in any case.</summary>
    [WithoutEffect]
    public bool? Validate { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class UpdateCustomerValidator : AbstractValidator<UpdateCustomer>
{
    public UpdateCustomerValidator()
    {
        RuleFor(c => c.Email).Email();
        RuleFor(c => c.Name).AtMost("name", 256);
        RuleFor(c => c.BusinessName).AtMost("business_name", 150);
        RuleFor(c => c.IndividualName).AtMost("individual_name", 150);
        RuleFor(c => c.Description).AtMost("description", 5000);
        RuleFor(c => c.Phone).AtMost("phone", 20);
        RuleFor(c => c.TaxExempt).TaxExempt();
        RuleFor(c => c.Source!).SetValidator(new ChargeSourceValidator()).When(c => c.Source is not null);
        RuleFor(c => c.DefaultSource).Null().When(c => c.Source is not null).WithMessage("You may pass only one of source and default_source.");
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
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
            Details = old with
            {
                Name = Text.Given(request.Name, old.Name),
                Description = Text.Given(request.Description, old.Description),
                Phone = Text.Given(request.Phone, old.Phone),
                BusinessName = Text.Given(request.BusinessName, old.BusinessName),
                IndividualName = Text.Given(request.IndividualName, old.IndividualName),
                Address = request.Address ?? old.Address,
                Shipping = request.Shipping ?? old.Shipping,
                Balance = request.Balance ?? old.Balance,
                InvoicePrefix = Text.NullIfEmpty(request.InvoicePrefix) ?? old.InvoicePrefix,
                NextInvoiceSequence = request.NextInvoiceSequence ?? old.NextInvoiceSequence,
                PreferredLocales = request.PreferredLocales ?? old.PreferredLocales,
                TaxExempt = request.TaxExempt is null ? old.TaxExempt : Text.NullIfEmpty(request.TaxExempt) ?? "none",
                DefaultSource = source?.Id ?? Text.Given(request.DefaultSource, old.DefaultSource),
                DefaultPaymentMethod = Text.Given(settings?.DefaultPaymentMethod, old.DefaultPaymentMethod),
                InvoiceFooter = Text.Given(settings?.Footer, old.InvoiceFooter),
                InvoiceFields = settings?.CustomFields ?? old.InvoiceFields,
                InvoiceRendering = settings?.RenderingOptions ?? old.InvoiceRendering,
            },
        });
    }

    private async Task CheckOwnedAsync(string customer, string? id, string param)
    {
        if (string.IsNullOrEmpty(id) || (await methods.FindAsync(context.MerchantId, id))?.Customer == customer) return;
        throw new ProblemException(PaymentMethodIntake.NoSuch(id, param));
    }
}
