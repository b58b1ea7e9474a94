using System.Text.Json;
using FluentValidation;

namespace PaymentSim.Core.Customers;

/// <summary>How invoices would be paid, as parameters; what is not given stays.</summary>
public sealed record InvoiceSettingsParameters
{
    /// <summary>A payment method that the customer has.</summary>
    public string? DefaultPaymentMethod { get; init; }

    [WithoutEffect]
    public string? Footer { get; init; }

    [WithoutEffect]
    public JsonElement? CustomFields { get; init; }

    [WithoutEffect]
    public JsonElement? RenderingOptions { get; init; }
}

/// <summary>The rules that creating and updating a customer share.</summary>
internal static class CustomerRules
{
    private const int LongestEmail = 512;

    public static void Email<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(email => string.IsNullOrEmpty(email) || (email.Contains('@', StringComparison.Ordinal) && email.Length <= LongestEmail))
        .WithMessage((_, email) => $"Invalid email address: {email}");

    public static void AtMost<T>(this IRuleBuilder<T, string?> rule, string name, int length) => rule
        .MaximumLength(length).WithMessage($"Invalid string: {name} can be at most {length} characters.");

    public static void TaxExempt<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(value => string.IsNullOrEmpty(value) || value is "none" or "exempt" or "reverse")
        .WithMessage("Invalid tax_exempt: must be one of none, exempt, or reverse");
}
