namespace PaymentSim.Core.Network;

/// <summary>A bank account that the simulated network knows: a debit of it is answered later.</summary>
/// <param name="Names">Tokens and payment methods that stand for it: <c>btok_us_verified</c>.</param>
/// <param name="Number">The account's number, or its IBAN.</param>
/// <param name="Failure">How the bank answers in the end; null: it pays.</param>
public sealed record TestBankAccount(IReadOnlyList<string> Names, string Number, BankFailure? Failure = null)
{
    public string Last4 => Number[^4..];

    public string BankName { get; init; } = "Test Bank";

    /// <summary>The bank's number: nine digits, or an IBAN's bank code.</summary>
    public string RoutingNumber { get; init; } = "110000000";

    /// <summary>The bank's country, ISO 3166-1 alpha-2.</summary>
    public string Country { get; init; } = "US";

    /// <summary>An IBAN's, where its country has such.</summary>
    public string? BranchCode { get; init; }

    /// <summary>True for an account whose debits are disputed once they were paid.</summary>
    public bool Disputed { get; init; }

    /// <summary>What the account is for, for people who pick one.</summary>
    public string Description { get; init; } = "Bank debit, succeeds later";
}

/// <summary>Why a bank debit failed.</summary>
/// <param name="Code">The charge's failure code on the wire.</param>
/// <param name="Message">A sentence for the merchant.</param>
public sealed record BankFailure(string Code, string Message);

/// <summary>The test bank accounts, as data.</summary>
public static class TestBankAccounts
{
    public static IReadOnlyList<TestBankAccount> All { get; } =
    [
        new(["btok_us_verified", "pm_usBankAccount", "pm_usBankAccount_success"], "000123456789"),
        new(["pm_usBankAccount_accountClosed"], "000111111113", new("account_closed", "The customer's bank account has been closed."))
        {
            Description = "Bank debit, fails later: account closed",
        },
        new(["pm_usBankAccount_noAccount"], "000111111116", new("no_account", "The bank account could not be located."))
        {
            Description = "Bank debit, fails later: no such account",
        },
        new(["pm_usBankAccount_insufficientFunds"], "000222222227", new("insufficient_funds", "The customer's account has insufficient funds to cover this payment."))
        {
            Description = "Bank debit, fails later: insufficient funds",
        },
        new(["pm_usBankAccount_debitNotAuthorized"], "000333333335", new("debit_not_authorized", "The customer has notified their bank that this payment was unauthorized."))
        {
            Description = "Bank debit, fails later: not authorised",
        },
    ];

    private static readonly int[] Weights = [3, 7, 1];

    private static readonly Dictionary<string, TestBankAccount> ByName =
        All.SelectMany(account => account.Names.Select(name => (name, account))).ToDictionary(pair => pair.name, pair => pair.account);

    public static TestBankAccount? FindByName(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The account with this number (digits only), or null.</summary>
    public static TestBankAccount? FindByNumber(string number) => All.FirstOrDefault(account => account.Number == number);

    /// <summary>Nine digits with the check digit of the American Bankers Association.</summary>
    public static bool IsRoutingNumber(string digits) => digits.Length == 9 && digits.All(char.IsAsciiDigit)
        && digits.Select((digit, i) => (digit - '0') * Weights[i % Weights.Length]).Sum() % 10 == 0;
}
