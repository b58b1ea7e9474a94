using FluentValidation;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>The rules that creating and updating a payment method share.</summary>
internal static class PaymentMethodRules
{
    public static IRuleBuilderOptions<T, string?> KnownType<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(type => type is null or "card" or "us_bank_account" or "sepa_debit")
        .WithMessage("Invalid type: must be one of card, us_bank_account, or sepa_debit");

    public static IRuleBuilderOptions<T, long?> ExpiryMonth<T>(this IRuleBuilder<T, long?> rule) => rule
        .InclusiveBetween(1, 12).WithMessage("Your card's expiration month is invalid.").WithCode(ProblemCode.InvalidExpiryMonth);

    public static IRuleBuilderOptions<T, long?> ExpiryYear<T>(this IRuleBuilder<T, long?> rule) => rule
        .InclusiveBetween(2000, 2099).WithMessage("Your card's expiration year is invalid.").WithCode(ProblemCode.InvalidExpiryYear);

    public static void AllowRedisplay<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(value => value is null or "always" or "limited" or "unspecified")
        .WithMessage("Invalid allow_redisplay: must be one of always, limited, or unspecified");
}
