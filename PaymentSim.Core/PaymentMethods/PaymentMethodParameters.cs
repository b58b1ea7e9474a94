using System.Text.Json;
using FluentValidation;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>What a new payment method is made of.</summary>
public record PaymentMethodParameters
{
    /// <summary><c>card</c>, <c>us_bank_account</c> or <c>sepa_debit</c>: which of them is given.</summary>
    public string? Type { get; init; }

    public CardParameters? Card { get; init; }

    public UsBankAccountParameters? UsBankAccount { get; init; }

    public SepaDebitParameters? SepaDebit { get; init; }

    public BillingParameters? BillingDetails { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary><c>always</c>, <c>limited</c> or <c>unspecified</c>.</summary>
    public string? AllowRedisplay { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
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
    [WithoutEffect]
    public JsonElement? Networks { get; init; }

    internal ChargeSource Source => Token is { } token
        ? ChargeSource.FromString(token)
        : new ChargeSource { Number = Number, ExpMonth = ExpMonth, ExpYear = ExpYear, Cvc = Cvc };

    /// <summary>Never the content: it may be a card number.</summary>
    public override string ToString() => "card data";
}

/// <summary>A bank account typed in.</summary>
public sealed record UsBankAccountParameters
{
    /// <summary><c>individual</c> or <c>company</c>.</summary>
    public string? AccountHolderType { get; init; }

    public string? AccountNumber { get; init; }

    /// <summary><c>checking</c> or <c>savings</c>.</summary>
    public string? AccountType { get; init; }

    /// <summary>Nine digits.</summary>
    public string? RoutingNumber { get; init; }

    internal BankAccountEntry Entry => new(AccountNumber!, RoutingNumber!) { HolderType = AccountHolderType, AccountType = AccountType };

    /// <summary>Never the content: it may be an account's number.</summary>
    public override string ToString() => "bank account";
}

/// <summary>A bank account by its IBAN.</summary>
public sealed record SepaDebitParameters
{
    /// <summary>With or without spaces.</summary>
    public string? Iban { get; init; }

    /// <summary>Never the content: it may be an account's number.</summary>
    public override string ToString() => "bank account";
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

internal sealed class PaymentMethodParametersValidator : AbstractValidator<PaymentMethodParameters>
{
    /// <param name="param">The parameter that they are given in, for messages; null: they are the request's own.</param>
    public PaymentMethodParametersValidator(string? param = null)
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;
        string Name(string name) => param is null ? name : $"{param}[{name}]";

        RuleFor(c => c.Type).NotEmpty().WithMessage($"Missing required param: {Name("type")}.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Type).KnownType();
        RuleFor(c => c.Card).NotNull().When(c => c.Type == "card").WithMessage($"Missing required param: {Name("card")}.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Card).Null().When(c => c.Type != "card").WithMessage("You may pass card only with the type card.");
        RuleFor(c => c.Card!).SetValidator(new CardParametersValidator(Name("card"))).When(c => c.Card is not null);
        RuleFor(c => c.UsBankAccount).NotNull().When(c => c.Type == "us_bank_account")
            .WithMessage($"Missing required param: {Name("us_bank_account")}.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.UsBankAccount).Null().When(c => c.Type != "us_bank_account")
            .WithMessage("You may pass us_bank_account only with the type us_bank_account.");
        RuleFor(c => c.UsBankAccount!).SetValidator(new UsBankAccountValidator(Name("us_bank_account"))).When(c => c.UsBankAccount is not null);
        RuleFor(c => c.SepaDebit).NotNull().When(c => c.Type == "sepa_debit")
            .WithMessage($"Missing required param: {Name("sepa_debit")}.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.SepaDebit).Null().When(c => c.Type != "sepa_debit").WithMessage("You may pass sepa_debit only with the type sepa_debit.");
        RuleFor(c => c.SepaDebit!.Iban).NotEmpty().When(c => c.SepaDebit is not null)
            .WithMessage($"Missing required param: {Name("sepa_debit")}[iban].").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.AllowRedisplay).AllowRedisplay();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }

    private sealed class CardParametersValidator : AbstractValidator<CardParameters>
    {
        public CardParametersValidator(string name = "card")
        {
            ClassLevelCascadeMode = CascadeMode.Stop;

            RuleFor(c => c.Number).Null().When(c => c.Token is not null).WithMessage($"You may pass only one of {name}[number] and {name}[token].");
            RuleFor(c => c.Source).SetValidator(new ChargeSourceValidator(name)).OverridePropertyName("");
        }
    }

    private sealed class UsBankAccountValidator : AbstractValidator<UsBankAccountParameters>
    {
        public UsBankAccountValidator(string name = "us_bank_account")
        {
            ClassLevelCascadeMode = CascadeMode.Stop;

            RuleFor(a => a.RoutingNumber).NotEmpty()
                .WithMessage($"Missing required param: {name}[routing_number].").WithCode(ProblemCode.ParameterMissing);
            RuleFor(a => a.AccountNumber).NotEmpty()
                .WithMessage($"Missing required param: {name}[account_number].").WithCode(ProblemCode.ParameterMissing);
            RuleFor(a => a.AccountHolderType).HolderType();
            RuleFor(a => a.AccountType).AccountType();
        }
    }
}
