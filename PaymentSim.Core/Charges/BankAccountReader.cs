using PaymentSim.Core.Network;

namespace PaymentSim.Core.Charges;

/// <summary>A bank account as the merchant typed it. It lives as long as the request; its number is never stored, logged or echoed.</summary>
public sealed record BankAccountEntry(string Number, string RoutingNumber)
{
    public string? HolderName { get; init; }

    /// <summary><c>individual</c> or <c>company</c>.</summary>
    public string? HolderType { get; init; }

    /// <summary><c>checking</c> or <c>savings</c>.</summary>
    public string? AccountType { get; init; }

    public override string ToString() => "bank account";
}

/// <summary>What is kept of bank accounts.</summary>
internal sealed class BankAccountReader(CardReader cards)
{
    /// <summary>An account as typed.</summary>
    /// <param name="param">The parameter that holds it, for errors.</param>
    /// <exception cref="ProblemException">It is none of the test accounts, or its bank's number cannot be right.</exception>
    public BankAccountSnapshot Read(BankAccountEntry typed, string param)
    {
        if (!TestBankAccounts.IsRoutingNumber(typed.RoutingNumber))
            throw new ProblemException(Problem.Invalid("Invalid routing number", $"{param}[routing_number]", ProblemCode.RoutingNumberInvalid));
        if (TestBankAccounts.FindByNumber(typed.Number) is not { } account)
        {
            throw new ProblemException(Problem.Invalid(
                $"You must use a test bank account number in test mode. Try {TestBankAccounts.All[0].Number}.",
                $"{param}[account_number]",
                ProblemCode.AccountNumberInvalid));
        }

        var kept = Keep(account with { RoutingNumber = typed.RoutingNumber });
        return kept with
        {
            HolderName = Text.NullIfEmpty(typed.HolderName),
            HolderType = typed.HolderType ?? kept.HolderType,
            AccountType = typed.AccountType ?? kept.AccountType,
        };
    }

    /// <summary>An account by its IBAN.</summary>
    /// <param name="param">The parameter, for errors.</param>
    /// <exception cref="ProblemException">It is none, or none of the test accounts'.</exception>
    public BankAccountSnapshot Read(string iban, string param)
    {
        if (TestIbans.Find(iban) is { } account) return Keep(account);
        throw new ProblemException(TestIbans.IsIban(iban.Replace(" ", "", StringComparison.Ordinal))
            ? Problem.Invalid($"You must use a test IBAN in test mode. Try {TestIbans.All[0].Number}.", param, ProblemCode.AccountNumberInvalid)
            : Problem.Invalid("The IBAN you provided is invalid.", param, ProblemCode.InvalidBankAccountIban));
    }

    public BankAccountSnapshot Keep(TestBankAccount account) => new(
        account.BankName, account.Last4, account.RoutingNumber, cards.Fingerprint(account.RoutingNumber + account.Number))
    {
        Country = account.Country,
        BranchCode = account.BranchCode,
        Disputed = account.Disputed,
        Answer = account.Failure is { } failure ? new ChargeFailure(failure.Code, failure.Message) : null,
    };
}
