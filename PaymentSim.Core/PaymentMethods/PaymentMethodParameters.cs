using System.Text.Json;
using FluentValidation;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Network;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>What a new payment method is made of.</summary>
public record PaymentMethodParameters
{
    /// <summary><c>card</c> or <c>us_bank_account</c>.</summary>
    public string? Type { get; init; }

    public CardParameters? Card { get; init; }

    public BankAccountParameters? UsBankAccount { get; init; }

    public BillingParameters? BillingDetails { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary><c>always</c>, <c>limited</c> or <c>unspecified</c>.</summary>
    public string? AllowRedisplay { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    public JsonElement? RadarOptions { get; init; }
}

/// <summary>A card typed in, or a token.</summary>
public sealed record CardParameters
{
    public string? Number { get; init; }

    public long? ExpMonth { get; init; }

    public long? ExpYear { get; init; }

    public string? Cvc { get; init; }

    /// <summary><c>tok_…</c>, in place of card data.</summary>
    public string? Token { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    public JsonElement? Networks { get; init; }

    internal ChargeSource Source => Token is { } token
        ? ChargeSource.FromString(token)
        : new ChargeSource { Number = Number, ExpMonth = ExpMonth, ExpYear = ExpYear, Cvc = Cvc };

    /// <summary>Never the content: it may be a card number.</summary>
    public override string ToString() => "card data";
}

/// <summary>Who pays; parameters that are not given stay as they are, empty strings unset.</summary>
public sealed record BillingParameters
{
    public Address? Address { get; init; }

    public string? Email { get; init; }

    public string? Name { get; init; }

    public string? Phone { get; init; }

    public string? TaxId { get; init; }

    internal BillingDetails Over(BillingDetails current) => new()
    {
        Address = Address ?? current.Address,
        Email = Text.Given(Email, current.Email),
        Name = Text.Given(Name, current.Name),
        Phone = Text.Given(Phone, current.Phone),
        TaxId = Text.Given(TaxId, current.TaxId),
    };
}

/// <summary>A bank account typed in; only the test accounts are taken.</summary>
public sealed record BankAccountParameters
{
    public string? AccountNumber { get; init; }

    public string? RoutingNumber { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    public string? AccountHolderType { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    public string? AccountType { get; init; }

    internal TestBankAccount? Known => TestBankAccounts.Find(RoutingNumber ?? "", AccountNumber ?? "");

    /// <summary>Never the content: it may be a real account's number.</summary>
    public override string ToString() => "bank account data";
}

internal sealed class PaymentMethodParametersValidator : AbstractValidator<PaymentMethodParameters>
{
    /// <param name="param">The parameter that they are given in, for messages; null: they are the request's own.</param>
    public PaymentMethodParametersValidator(string? param = null)
    {
        string Name(string name) => param is null ? name : $"{param}[{name}]";
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Type).NotEmpty().WithMessage($"Missing required param: {Name("type")}.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Type).Must(type => type is "card" or "us_bank_account")
            .WithMessage($"Invalid {Name("type")}: PaymentSim keeps payment methods of the types card and us_bank_account.");
        When(c => c.Type == "card", () =>
        {
            RuleFor(c => c.Card).NotNull().WithMessage($"Missing required param: {Name("card")}.").WithCode(ProblemCode.ParameterMissing);
            RuleFor(c => c.Card!.Number).Null().When(c => c.Card?.Token is not null)
                .WithMessage($"You may pass only one of {Name("card")}[number] and {Name("card")}[token].");
            RuleFor(c => c.Card!.Source).SetValidator(new ChargeSourceValidator(Name("card"))).When(c => c.Card is not null).OverridePropertyName("card");
            RuleFor(c => c.UsBankAccount).Null().WithMessage($"{Name("us_bank_account")} needs the type us_bank_account.");
        });
        When(c => c.Type == "us_bank_account", () =>
        {
            RuleFor(c => c.UsBankAccount).NotNull().WithMessage($"Missing required param: {Name("us_bank_account")}.").WithCode(ProblemCode.ParameterMissing);
            RuleFor(c => c.UsBankAccount!.Known).NotNull().When(c => c.UsBankAccount is not null).OverridePropertyName("us_bank_account.account_number")
                .WithMessage("You must use a test bank account in test mode, such as routing_number 110000000 with account_number 000123456789.");
            RuleFor(c => c.Card).Null().WithMessage($"{Name("card")} needs the type card.");
        });
        RuleFor(c => c.AllowRedisplay).AllowRedisplay();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

/// <summary>The rules that creating and updating a payment method share.</summary>
internal static class PaymentMethodRules
{
    public static void AllowRedisplay<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(value => value is null or "always" or "limited" or "unspecified")
        .WithMessage("Invalid allow_redisplay: must be one of always, limited, or unspecified");
}
