using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>Changes a card or bank account that a customer has saved; parameters that are not given stay, empty strings unset.</summary>
public sealed record UpdateSource(string Customer, string Id) : ICommand<CustomerSource>, IExpands
{
    /// <summary>The cardholder's name.</summary>
    public string? Name { get; init; }

    /// <summary>Of a bank account, as the next two.</summary>
    public string? AccountHolderName { get; init; }

    /// <summary><c>individual</c> or <c>company</c>.</summary>
    public string? AccountHolderType { get; init; }

    /// <summary><c>checking</c> or <c>savings</c>.</summary>
    public string? AccountType { get; init; }

    public string? AddressCity { get; init; }

    public string? AddressCountry { get; init; }

    public string? AddressLine1 { get; init; }

    public string? AddressLine2 { get; init; }

    public string? AddressState { get; init; }

    public string? AddressZip { get; init; }

    /// <summary>1 to 12.</summary>
    public long? ExpMonth { get; init; }

    /// <summary>Four digits.</summary>
    public long? ExpYear { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }

    /// <exception cref="ProblemException">A parameter is not for its kind.</exception>
    internal SavedMethod Over(SavedMethod method) => method.Card is { } card
        ? method with { Card = Over(Only(card, "a card", (AccountHolderName, "account_holder_name"), (AccountHolderType, "account_holder_type"), (AccountType, "account_type"))) }
        : method with
        {
            BankAccount = Over(Only(
                method.BankAccount!,
                "a bank account",
                (Name, "name"), (ExpMonth, "exp_month"), (ExpYear, "exp_year"), (AddressCity, "address_city"), (AddressCountry, "address_country"),
                (AddressLine1, "address_line1"), (AddressLine2, "address_line2"), (AddressState, "address_state"), (AddressZip, "address_zip"))),
        };

    private static T Only<T>(T of, string kind, params (object? Value, string Name)[] others) => others.FirstOrDefault(other => other.Value is not null) is { Name: { } name }
        ? throw new ProblemException(Problem.Invalid($"{name} is no part of {kind}.", name))
        : of;

    private BankAccountSnapshot Over(BankAccountSnapshot account) => account with
    {
        HolderName = Text.Given(AccountHolderName, account.HolderName),
        HolderType = AccountHolderType ?? account.HolderType,
        AccountType = AccountType ?? account.AccountType,
    };

    private CardSnapshot Over(CardSnapshot card)
    {
        var address = card.Address ?? new Address();
        return card with
        {
            HolderName = Text.Given(Name, card.HolderName),
            ExpMonth = (int?)ExpMonth ?? card.ExpMonth,
            ExpYear = (int?)ExpYear ?? card.ExpYear,
            Address = address with
            {
                City = Text.Given(AddressCity, address.City),
                Country = Text.Given(AddressCountry, address.Country),
                Line1 = Text.Given(AddressLine1, address.Line1),
                Line2 = Text.Given(AddressLine2, address.Line2),
                State = Text.Given(AddressState, address.State),
                PostalCode = Text.Given(AddressZip, address.PostalCode),
            },
        };
    }
}

internal sealed class UpdateSourceValidator : AbstractValidator<UpdateSource>
{
    public UpdateSourceValidator()
    {
        RuleFor(c => c.AccountHolderType).HolderType();
        RuleFor(c => c.AccountType).AccountType();
        RuleFor(c => c.ExpMonth).ExpiryMonth();
        RuleFor(c => c.ExpYear).ExpiryYear();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class UpdateSourceHandler(RequestContext context, CustomerStore customers, PaymentMethodStore methods, EventLog events)
    : IRequestHandler<UpdateSource, CustomerSource>
{
    public async Task<CustomerSource> Handle(UpdateSource request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetToChangeAsync(context.MerchantId, request.Customer);
        var before = PaymentMethodIntake.SourceOf(
            customer.Id, await methods.FindToChangeAsync(context.MerchantId, request.Id), request.Id);
        var after = before with
        {
            Metadata = Metadata.Merge(before.Metadata, request.Metadata),
            Details = request.Over(before.Details),
        };

        var answer = PaymentMethodObject.SourceOf(after);
        var previous = PreviousAttributes.Between(PaymentMethodObject.SourceOf(before), answer);
        if (previous.Count > 0)
        {
            await methods.SaveAsync(after);
            await events.AppendAsync(after.MerchantId, EventTypes.CustomerSourceUpdated, after.Id, answer, previous);
        }

        return answer;
    }
}
