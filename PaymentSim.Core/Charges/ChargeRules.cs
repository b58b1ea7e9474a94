using FluentValidation;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Charges;

/// <summary>The rules that everything which takes money shares.</summary>
internal static class ChargeRules
{
    public static IRuleBuilderOptions<T, long?> Amount<T>(this IRuleBuilder<T, long?> rule, Func<T, string?> currency) => rule
        .GreaterThanOrEqualTo(1).WithMessage("Invalid positive integer").WithCode(ProblemCode.ParameterInvalidInteger)
        .LessThanOrEqualTo(Core.Currency.Maximum)
        .WithMessage(c => $"Amount must be no more than {new Money(Core.Currency.Maximum, currency(c) ?? "usd")}").WithCode(ProblemCode.AmountTooLarge);

    public static IRuleBuilderOptions<T, string?> Currency<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(code => Core.Currency.Find(code) is not null)
        .WithMessage((_, code) => $"Invalid currency: {code}. Use the three letters of an ISO 4217 code, such as usd.");

    /// <summary>Once the currency is known to be one.</summary>
    public static IRuleBuilderOptions<T, long?> AtLeastTheMinimum<T>(this IRuleBuilder<T, long?> rule, Func<T, string?> currency) => rule
        .Must((c, amount) => amount >= Core.Currency.Find(currency(c))!.Minimum)
        .WithMessage(c => TooSmall(Core.Currency.Find(currency(c))!)).WithCode(ProblemCode.AmountTooSmall);

    public static void Description<T>(this IRuleBuilder<T, string?> rule) => rule
        .MaximumLength(5000).WithMessage("Invalid string: description can be at most 5000 characters.");

    public static void StatementDescriptor<T>(this IRuleBuilder<T, string?> rule) => rule
        .MaximumLength(22).WithMessage("The statement descriptor must be at most 22 characters.");

    public static void StatementDescriptorSuffix<T>(this IRuleBuilder<T, string?> rule) => rule
        .MaximumLength(22).WithMessage("The statement descriptor suffix must be at most 22 characters.");

    public static void ReceiptEmail<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(email => string.IsNullOrEmpty(email) || email.Contains('@', StringComparison.Ordinal))
        .WithMessage((_, email) => $"Invalid email address: {email}");

    /// <summary>What is said of an amount that is less than this currency's minimum.</summary>
    public static string TooSmall(Currency currency) => currency.Code == "usd"
        ? $"Amount must be at least {currency.Minimum} cents"
        : $"Amount must be at least {new Money(currency.Minimum, currency.Code)}";
}
