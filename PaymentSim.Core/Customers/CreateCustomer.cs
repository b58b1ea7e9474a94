using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>Keeps somebody who pays more than once, with a card where one is given.</summary>
public sealed record CreateCustomer : ICommand<CustomerObject>, IExpands
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

    /// <summary>A token or card data: becomes the default source.</summary>
    public ChargeSource? Source { get; init; }

    /// <summary>A payment method to attach.</summary>
    public string? PaymentMethod { get; init; }

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

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? TaxIdData { get; init; }

    /// <summary>Echoed, and without effect.</summary>
    [WithoutEffect]
    public string? TestClock { get; init; }

    /// <summary>Accepted, and without effect: a card is asked about in any case.</summary>
    [WithoutEffect]
    public bool? Validate { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CreateCustomerValidator : AbstractValidator<CreateCustomer>
{
    public CreateCustomerValidator()
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

internal sealed class CreateCustomerHandler(
    RequestContext context, CustomerStore customers, PaymentMethodIntake intake, EventLog events, Ids ids, TimeProvider clock)
    : IRequestHandler<CreateCustomer, CustomerObject>
{
    private const int PrefixLength = 8;

    public async Task<CustomerObject> Handle(CreateCustomer request, CancellationToken cancellationToken)
    {
        var id = ids.New("cus");
        var source = request.Source is { } given ? await intake.NewSourceAsync(context.MerchantId, id, given, request.Source.Metadata) : null;
        var method = Text.NullIfEmpty(request.PaymentMethod) is { } named
            ? await intake.AttachedAsync(context.MerchantId, named, id, "payment_method")
            : null;
        var customer = Decide(request, id, source?.Id, DefaultOf(request, source, method));

        await customers.SaveAsync(customer);
        var answer = CustomerObject.Of(customer);
        await events.AppendAsync(customer.MerchantId, EventTypes.CustomerCreated, customer.Id, answer);
        if (source is not null) await intake.AddSourceAsync(source);
        if (method is not null) await intake.AttachAsync(method);
        return answer;
    }

    /// <summary>A new customer has what comes with it and nothing else; a copy goes by the name of what it was made of.</summary>
    private static string? DefaultOf(CreateCustomer request, PaymentMethod? source, PaymentMethod? method)
    {
        var wanted = Text.NullIfEmpty(request.InvoiceSettings?.DefaultPaymentMethod);
        if (wanted is null) return null;
        return wanted == request.PaymentMethod ? method!.Id
            : wanted == source?.Id ? source.Id
            : throw new ProblemException(PaymentMethodIntake.NoSuch(wanted, "invoice_settings[default_payment_method]"));
    }

    private Customer Decide(CreateCustomer request, string id, string? defaultSource, string? defaultMethod) => new()
    {
        Id = id,
        MerchantId = context.MerchantId,
        Email = Text.NullIfEmpty(request.Email),
        Details = new CustomerDetails
        {
            Name = Text.NullIfEmpty(request.Name),
            Description = Text.NullIfEmpty(request.Description),
            Phone = Text.NullIfEmpty(request.Phone),
            BusinessName = Text.NullIfEmpty(request.BusinessName),
            IndividualName = Text.NullIfEmpty(request.IndividualName),
            Address = request.Address,
            Shipping = request.Shipping,
            Balance = request.Balance ?? 0,
            InvoicePrefix = Text.NullIfEmpty(request.InvoicePrefix) ?? id[^PrefixLength..].ToUpperInvariant(),
            NextInvoiceSequence = request.NextInvoiceSequence ?? 1,
            PreferredLocales = request.PreferredLocales ?? [],
            TaxExempt = Text.NullIfEmpty(request.TaxExempt) ?? "none",
            DefaultSource = defaultSource,
            DefaultPaymentMethod = defaultMethod,
            InvoiceFooter = Text.NullIfEmpty(request.InvoiceSettings?.Footer),
            InvoiceFields = request.InvoiceSettings?.CustomFields,
            InvoiceRendering = request.InvoiceSettings?.RenderingOptions,
            TestClock = Text.NullIfEmpty(request.TestClock),
        },
        Metadata = Core.Metadata.Merge(new Dictionary<string, string>(), request.Metadata),
        Deleted = false,
        CreatedAt = clock.GetUtcNow(),
    };
}
