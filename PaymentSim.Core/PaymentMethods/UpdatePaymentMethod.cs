using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>Changes a payment method; parameters that are not given stay, empty strings unset.</summary>
public sealed record UpdatePaymentMethod(string Id) : ICommand<PaymentMethodObject>, IExpands
{
    public CardExpiry? Card { get; init; }

    public BankAccountKind? UsBankAccount { get; init; }

    public BillingParameters? BillingDetails { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary><c>always</c>, <c>limited</c> or <c>unspecified</c>.</summary>
    public string? AllowRedisplay { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

/// <summary>Until when a card can be used.</summary>
public sealed record CardExpiry
{
    /// <summary>1 to 12.</summary>
    public long? ExpMonth { get; init; }

    /// <summary>Four digits.</summary>
    public long? ExpYear { get; init; }
}

/// <summary>Whose bank account, and which kind.</summary>
public sealed record BankAccountKind
{
    /// <summary><c>individual</c> or <c>company</c>.</summary>
    public string? AccountHolderType { get; init; }

    /// <summary><c>checking</c> or <c>savings</c>.</summary>
    public string? AccountType { get; init; }
}

internal sealed class UpdatePaymentMethodValidator : AbstractValidator<UpdatePaymentMethod>
{
    public UpdatePaymentMethodValidator()
    {
        RuleFor(c => c.Card!.ExpMonth).ExpiryMonth().When(c => c.Card is not null);
        RuleFor(c => c.Card!.ExpYear).ExpiryYear().When(c => c.Card is not null);
        RuleFor(c => c.UsBankAccount!.AccountHolderType).HolderType().When(c => c.UsBankAccount is not null);
        RuleFor(c => c.UsBankAccount!.AccountType).AccountType().When(c => c.UsBankAccount is not null);
        RuleFor(c => c.AllowRedisplay).AllowRedisplay();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class UpdatePaymentMethodHandler(RequestContext context, PaymentMethodStore methods, EventLog events)
    : IRequestHandler<UpdatePaymentMethod, PaymentMethodObject>
{
    private const string UsBankAccountType = "us_bank_account";

    public async Task<PaymentMethodObject> Handle(UpdatePaymentMethod request, CancellationToken cancellationToken)
    {
        var before = await methods.FindToChangeAsync(context.MerchantId, request.Id) ?? throw new ProblemException(PaymentMethodIntake.NoSuch(request.Id, "id"));
        if (before.Customer is null)
            throw new ProblemException(Problem.Invalid("You must save this PaymentMethod to a customer before you can update it."));
        var after = before with
        {
            Metadata = Metadata.Merge(before.Metadata, request.Metadata),
            Details = before.Details with
            {
                Card = Changed(before.Details.Card, request.Card),
                BankAccount = Changed(before.Details.BankAccount, request.UsBankAccount),
                Billing = request.BillingDetails?.Over(before.Details.Billing) ?? before.Details.Billing,
                AllowRedisplay = request.AllowRedisplay ?? before.Details.AllowRedisplay,
            },
        };

        var answer = PaymentMethodObject.Of(after);
        var previous = PreviousAttributes.Between(PaymentMethodObject.Of(before), answer);
        if (previous.Count > 0)
        {
            await methods.SaveAsync(after);
            await events.AppendAsync(after.MerchantId, EventTypes.PaymentMethodUpdated, after.Id, answer, previous);
        }

        return answer;
    }

    private static CardSnapshot? Changed(CardSnapshot? card, CardExpiry? given) => given is null ? card
        : card is null ? throw NotOfItsType("card")
        : card with { ExpMonth = (int?)given.ExpMonth ?? card.ExpMonth, ExpYear = (int?)given.ExpYear ?? card.ExpYear };

    private static BankAccountSnapshot? Changed(BankAccountSnapshot? account, BankAccountKind? given) => given is null ? account
        : account is not { Type: UsBankAccountType } ? throw NotOfItsType(UsBankAccountType)
        : account with { HolderType = given.AccountHolderType ?? account.HolderType, AccountType = given.AccountType ?? account.AccountType };

    private static ProblemException NotOfItsType(string param) => new(Problem.Invalid($"You may pass {param} only for payment methods of the type {param}.", param));
}
