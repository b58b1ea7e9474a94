using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Tokens;

/// <summary>
/// Makes a token of card data or of a bank account; it can be charged once, and a card's be saved once instead. Nobody is asked for money before.
/// </summary>
public sealed record CreateToken : ICommand<TokenObject>, IExpands
{
    public ChargeSource? Card { get; init; }

    public BankAccountParameters? BankAccount { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

/// <summary>A bank account typed in.</summary>
public sealed record BankAccountParameters
{
    /// <summary><c>US</c>.</summary>
    public string? Country { get; init; }

    /// <summary><c>usd</c>.</summary>
    public string? Currency { get; init; }

    public string? AccountNumber { get; init; }

    /// <summary>Nine digits.</summary>
    public string? RoutingNumber { get; init; }

    public string? AccountHolderName { get; init; }

    /// <summary><c>individual</c> or <c>company</c>.</summary>
    public string? AccountHolderType { get; init; }

    /// <summary><c>checking</c> or <c>savings</c>.</summary>
    public string? AccountType { get; init; }

    /// <summary><c>bank_account</c>, as SDKs send it with the account's data.</summary>
    public string? Object { get; init; }

    internal BankAccountEntry Entry => new(AccountNumber!, RoutingNumber!)
    {
        HolderName = AccountHolderName, HolderType = AccountHolderType, AccountType = AccountType,
    };

    /// <summary>Never the content: it may be an account's number.</summary>
    public override string ToString() => "bank account";
}

internal sealed class CreateTokenValidator : AbstractValidator<CreateToken>
{
    public CreateTokenValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Card).NotNull().When(c => c.BankAccount is null)
            .WithMessage("Missing required param: card.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.BankAccount).Null().When(c => c.Card is not null).WithMessage("You may pass only one of card and bank_account.");
        RuleFor(c => c.Card).Must(card => card!.Token is null).When(c => c.Card is not null).WithMessage("Invalid object: card must have named parts.");
        RuleFor(c => c.Card!).SetValidator(new ChargeSourceValidator("card")).When(c => c.Card is not null);
        RuleFor(c => c.BankAccount!).SetValidator(new BankAccountValidator()).When(c => c.BankAccount is not null);
    }

    private sealed class BankAccountValidator : AbstractValidator<BankAccountParameters>
    {
        public BankAccountValidator()
        {
            ClassLevelCascadeMode = CascadeMode.Stop;

            RuleFor(a => a.Country).NotEmpty().WithMessage("Missing required param: bank_account[country].").WithCode(ProblemCode.ParameterMissing);
            RuleFor(a => a.Country).Must(country => country!.ToUpperInvariant() == "US").WithMessage("Invalid country: PaymentSim knows bank accounts of US.");
            RuleFor(a => a.Currency).NotEmpty().WithMessage("Missing required param: bank_account[currency].").WithCode(ProblemCode.ParameterMissing);
            RuleFor(a => a.Currency).Must(currency => currency!.ToUpperInvariant() == "USD").WithMessage("Invalid currency: PaymentSim knows bank accounts in usd.");
            RuleFor(a => a.RoutingNumber).NotEmpty()
                .WithMessage("Missing required param: bank_account[routing_number].").WithCode(ProblemCode.ParameterMissing);
            RuleFor(a => a.AccountNumber).NotEmpty()
                .WithMessage("Missing required param: bank_account[account_number].").WithCode(ProblemCode.ParameterMissing);
            RuleFor(a => a.AccountHolderType).HolderType();
            RuleFor(a => a.AccountType).AccountType();
        }
    }
}

internal sealed class CreateTokenHandler(
    RequestContext context, CardReader cards, BankAccountReader accounts, TokenStore tokens, Ids ids, TimeProvider clock)
    : IRequestHandler<CreateToken, TokenObject>
{
    public async Task<TokenObject> Handle(CreateToken request, CancellationToken cancellationToken)
    {
        var token = new Token
        {
            Id = ids.New(request.Card is null ? "btok" : "tok"),
            MerchantId = context.MerchantId,
            SourceId = ids.New(request.Card is null ? "ba" : "card"),
            Card = request.Card is { } card ? cards.Read(card) : null,
            BankAccount = request.BankAccount is { } account ? accounts.Read(account.Entry, "bank_account") : null,
            Used = false,
            CreatedAt = clock.GetUtcNow(),
        };
        await tokens.InsertAsync(token);
        return TokenObject.Of(token);
    }
}
