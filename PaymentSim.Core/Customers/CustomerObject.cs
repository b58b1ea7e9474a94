using System.Text.Json;
using System.Text.Json.Serialization;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Core.Customers;

/// <summary>A customer as the wire shows it.</summary>
public sealed record CustomerObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "customer";

    public Address? Address { get; init; }

    /// <summary>Minor units.</summary>
    public required long Balance { get; init; }

    public string? BusinessName { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    public string? Currency { get; init; }

    [Expandable(typeof(CustomerSource))]
    public string? DefaultSource { get; init; }

    public bool Delinquent { get; init; }

    public string? Description { get; init; }

    public string? Discount { get; init; }

    public string? Email { get; init; }

    public string? IndividualName { get; init; }

    public required string InvoicePrefix { get; init; }

    public required CustomerInvoiceSettings InvoiceSettings { get; init; }

    public bool Livemode { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public string? Name { get; init; }

    public required long NextInvoiceSequence { get; init; }

    public string? Phone { get; init; }

    public required IReadOnlyList<string> PreferredLocales { get; init; }

    public Shipping? Shipping { get; init; }

    /// <summary>The newest of the cards and bank accounts that it has saved; left out unless it is asked for.</summary>
    [Expandable(typeof(SourceList), ByOwner = true)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SourceList? Sources { get; init; }

    public required string TaxExempt { get; init; }

    [Expandable]
    public string? TestClock { get; init; }

    internal static CustomerObject Of(Customer customer) => new()
    {
        Id = customer.Id,
        Address = customer.Details.Address,
        Balance = customer.Details.Balance,
        BusinessName = customer.Details.BusinessName,
        Created = customer.CreatedAt.ToUnixTimeSeconds(),
        DefaultSource = customer.Details.DefaultSource,
        Description = customer.Details.Description,
        Email = customer.Email,
        IndividualName = customer.Details.IndividualName,
        InvoicePrefix = customer.Details.InvoicePrefix,
        InvoiceSettings = new CustomerInvoiceSettings
        {
            CustomFields = customer.Details.InvoiceFields,
            DefaultPaymentMethod = customer.Details.DefaultPaymentMethod,
            Footer = customer.Details.InvoiceFooter,
            RenderingOptions = customer.Details.InvoiceRendering,
        },
        Metadata = customer.Metadata,
        Name = customer.Details.Name,
        NextInvoiceSequence = customer.Details.NextInvoiceSequence,
        Phone = customer.Details.Phone,
        PreferredLocales = customer.Details.PreferredLocales,
        Shipping = customer.Details.Shipping,
        TaxExempt = customer.Details.TaxExempt,
        TestClock = customer.Details.TestClock,
    };
}

/// <summary>How the customer's invoices would be paid.</summary>
public sealed record CustomerInvoiceSettings
{
    public JsonElement? CustomFields { get; init; }

    [Expandable(typeof(PaymentMethodObject))]
    public string? DefaultPaymentMethod { get; init; }

    public string? Footer { get; init; }

    public JsonElement? RenderingOptions { get; init; }
}
