using System.Text.Json;
using FluentValidation;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>What can be said of a customer when it is created or updated. What is not given stays, empty texts unset.</summary>
public abstract record CustomerParameters : IExpands
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

    /// <summary>A token or card data: becomes the default source, in the place of the one that there is.</summary>
    public ChargeSource? Source { get; init; }

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

    /// <summary>The details with what is given; who is charged by default is the caller's to say.</summary>
    internal CustomerDetails Over(CustomerDetails current) => current with
    {
        Name = Text.Given(Name, current.Name),
        Description = Text.Given(Description, current.Description),
        Phone = Text.Given(Phone, current.Phone),
        BusinessName = Text.Given(BusinessName, current.BusinessName),
        IndividualName = Text.Given(IndividualName, current.IndividualName),
        Address = Address ?? current.Address,
        Shipping = Shipping ?? current.Shipping,
        Balance = Balance ?? current.Balance,
        InvoicePrefix = Text.NullIfEmpty(InvoicePrefix) ?? current.InvoicePrefix,
        NextInvoiceSequence = NextInvoiceSequence ?? current.NextInvoiceSequence,
        PreferredLocales = PreferredLocales ?? current.PreferredLocales,
        TaxExempt = TaxExempt is null ? current.TaxExempt : Text.NullIfEmpty(TaxExempt) ?? "none",
        InvoiceFooter = Text.Given(InvoiceSettings?.Footer, current.InvoiceFooter),
        InvoiceFields = InvoiceSettings?.CustomFields ?? current.InvoiceFields,
        InvoiceRendering = InvoiceSettings?.RenderingOptions ?? current.InvoiceRendering,
    };
}

internal abstract class CustomerParametersValidator<T> : AbstractValidator<T>
    where T : CustomerParameters
{
    protected CustomerParametersValidator()
    {
        RuleFor(c => c.Email).Email();
        RuleFor(c => c.Name).AtMost("name", 256);
        RuleFor(c => c.BusinessName).AtMost("business_name", 150);
        RuleFor(c => c.IndividualName).AtMost("individual_name", 150);
        RuleFor(c => c.Description).AtMost("description", 5000);
        RuleFor(c => c.Phone).AtMost("phone", 20);
        RuleFor(c => c.TaxExempt).TaxExempt();
        RuleFor(c => c.Source!).SetValidator(new ChargeSourceValidator()).When(c => c.Source is not null);
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}
