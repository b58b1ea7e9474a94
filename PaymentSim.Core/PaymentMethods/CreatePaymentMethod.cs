using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>Keeps a card or a bank account as a payment method that belongs to no customer yet.</summary>
public sealed record CreatePaymentMethod : ICommand<PaymentMethodObject>, IExpands
{
    /// <summary><c>card</c> or <c>us_bank_account</c>: which of the two is given.</summary>
    public string? Type { get; init; }

    public CardParameters? Card { get; init; }

    public UsBankAccountParameters? UsBankAccount { get; init; }

    public BillingParameters? BillingDetails { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary><c>always</c>, <c>limited</c> or <c>unspecified</c>.</summary>
    public string? AllowRedisplay { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
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

internal sealed class CreatePaymentMethodValidator : AbstractValidator<CreatePaymentMethod>
{
    public CreatePaymentMethodValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Type).NotEmpty().WithMessage("Missing required param: type.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Type).KnownType();
        RuleFor(c => c.Card).NotNull().When(c => c.Type == "card").WithMessage("Missing required param: card.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Card).Null().When(c => c.Type != "card").WithMessage("You may pass card only with the type card.");
        RuleFor(c => c.Card!).SetValidator(new CardParametersValidator()).When(c => c.Card is not null);
        RuleFor(c => c.UsBankAccount).NotNull().When(c => c.Type == "us_bank_account")
            .WithMessage("Missing required param: us_bank_account.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.UsBankAccount).Null().When(c => c.Type != "us_bank_account")
            .WithMessage("You may pass us_bank_account only with the type us_bank_account.");
        RuleFor(c => c.UsBankAccount!).SetValidator(new UsBankAccountValidator()).When(c => c.UsBankAccount is not null);
        RuleFor(c => c.AllowRedisplay).AllowRedisplay();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }

    private sealed class CardParametersValidator : AbstractValidator<CardParameters>
    {
        public CardParametersValidator()
        {
            ClassLevelCascadeMode = CascadeMode.Stop;

            RuleFor(c => c.Number).Null().When(c => c.Token is not null).WithMessage("You may pass only one of card[number] and card[token].");
            RuleFor(c => c.Source).SetValidator(new ChargeSourceValidator("card")).OverridePropertyName("");
        }
    }

    private sealed class UsBankAccountValidator : AbstractValidator<UsBankAccountParameters>
    {
        public UsBankAccountValidator()
        {
            ClassLevelCascadeMode = CascadeMode.Stop;

            RuleFor(a => a.RoutingNumber).NotEmpty()
                .WithMessage("Missing required param: us_bank_account[routing_number].").WithCode(ProblemCode.ParameterMissing);
            RuleFor(a => a.AccountNumber).NotEmpty()
                .WithMessage("Missing required param: us_bank_account[account_number].").WithCode(ProblemCode.ParameterMissing);
            RuleFor(a => a.AccountHolderType).HolderType();
            RuleFor(a => a.AccountType).AccountType();
        }
    }
}

internal sealed class CreatePaymentMethodHandler(
    RequestContext context, PaymentMethodIntake intake, BankAccountReader accounts, PaymentMethodStore methods, Ids ids, TimeProvider clock)
    : IRequestHandler<CreatePaymentMethod, PaymentMethodObject>
{
    public async Task<PaymentMethodObject> Handle(CreatePaymentMethod request, CancellationToken cancellationToken)
    {
        var card = request.Card is { } given ? (await intake.TakeAsync(context.MerchantId, given.Source, "card[token]")).Card : null;
        var billing = new BillingDetails { Name = card?.HolderName, Address = card?.Address ?? new Address() };
        var method = new PaymentMethod
        {
            Id = ids.New("pm"),
            MerchantId = context.MerchantId,
            Details = new SavedMethod
            {
                Card = card,
                BankAccount = request.UsBankAccount is { } account ? accounts.Read(account.Entry, "us_bank_account") : null,
                Billing = request.BillingDetails?.Over(billing) ?? billing,
                AllowRedisplay = request.AllowRedisplay ?? "unspecified",
            },
            Metadata = Metadata.Merge(new Dictionary<string, string>(), request.Metadata),
            CreatedAt = clock.GetUtcNow(),
        };
        await methods.SaveAsync(method);
        return PaymentMethodObject.Of(method);
    }
}
