using FluentValidation;

namespace PaymentSim.Core.Charges;

/// <summary>The rules that all ways to give a bank account share.</summary>
internal static class BankAccountRules
{
    public static IRuleBuilderOptions<T, string?> HolderType<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(value => value is null or "individual" or "company").WithMessage("Invalid account_holder_type: must be one of individual or company");

    public static IRuleBuilderOptions<T, string?> AccountType<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(value => value is null or "checking" or "savings").WithMessage("Invalid account_type: must be one of checking or savings");
}
