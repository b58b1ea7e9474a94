using FluentValidation;

namespace PaymentSim.Core.Charges;

/// <summary>The rules that creating and capturing a charge share.</summary>
internal static class ChargeRules
{
    private const int LongestDescriptor = 22;

    public static void StatementDescriptor<T>(this IRuleBuilder<T, string?> rule) => rule
        .MaximumLength(LongestDescriptor).WithMessage($"The statement descriptor must be at most {LongestDescriptor} characters.");

    public static void StatementDescriptorSuffix<T>(this IRuleBuilder<T, string?> rule) => rule
        .MaximumLength(LongestDescriptor).WithMessage($"The statement descriptor suffix must be at most {LongestDescriptor} characters.");

    public static void ReceiptEmail<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(email => string.IsNullOrEmpty(email) || email.Contains('@', StringComparison.Ordinal))
        .WithMessage((_, email) => $"Invalid email address: {email}");
}
