namespace PaymentSim.Core.Network;

/// <summary>The IBANs that the simulated network knows, as data: of each country one for each end that a debit has.</summary>
public static class TestIbans
{
    /// <summary>What the real API calls each of them, and how its bank answers, in the order of the rows below.</summary>
    private static readonly (string Name, string Description, BankFailure? Failure, bool Disputed)[] Ends =
    [
        ("success", "succeeds later", null, false),
        ("successDelayed", "succeeds later", null, false),
        ("failed", "fails later", new("generic_could_not_process", "Your payment could not be processed."), false),
        ("failedDelayed", "fails later", new("generic_could_not_process", "Your payment could not be processed."), false),
        ("disputed", "succeeds later, then disputed", null, true),
        ("exceedsWeeklyVolumeLimit", "fails later: above the account's limit", new("charge_exceeds_source_limit", "This payment exceeds the account's limit."), false),
        ("exceedsWeeklyTransactionLimit", "fails later: above the weekly limit", new("charge_exceeds_weekly_limit", "This payment exceeds the account's weekly limit."), false),
        ("insufficientFunds", "fails later: insufficient funds", new("insufficient_funds", "The customer's account has insufficient funds to cover this payment."), false),
    ];

    public static IReadOnlyList<TestBankAccount> All { get; } =
    [
        .. Of(
            "AT", bank: 5, branch: 0,
            "AT611904300234573201", "AT321904300235473204", "AT861904300235473202", "AT051904300235473205",
            "AT591904300235473203", "AT981904300000343434", "AT601904300000121212", "AT981904300002222227"),
        .. Of(
            "BE", bank: 3, branch: 0,
            "BE62510007547061", "BE78510007547064", "BE68539007547034", "BE51510007547065", "BE08510007547063", "BE90510000343434", "BE52510000121212", "BE90510002222227"),
        .. Of(
            "DE", bank: 8, branch: 0,
            "DE89370400440532013000", "DE08370400440532013003", "DE62370400440532013001", "DE78370400440532013004",
            "DE35370400440532013002", "DE65370400440000343434", "DE27370400440000121212", "DE65370400440002222227"),
        .. Of(
            "FR", bank: 5, branch: 5,
            "FR1420041010050500013M02606", "FR3020041010050500013M02609", "FR8420041010050500013M02607", "FR7920041010050500013M02600",
            "FR5720041010050500013M02608", "FR9720041010050000000343434", "FR5920041010050000000121212", "FR9720041010050000002222227"),
        .. Of(
            "IE", bank: 4, branch: 6,
            "IE29AIBK93115212345678", "IE24AIBK93115212345671", "IE02AIBK93115212345679", "IE94AIBK93115212345672",
            "IE51AIBK93115212345670", "IE10AIBK93115200343434", "IE69AIBK93115200121212", "IE10AIBK93115202222227"),
    ];

    private static readonly Dictionary<string, TestBankAccount> ByName =
        All.SelectMany(account => account.Names.Select(name => (name, account))).ToDictionary(pair => pair.name, pair => pair.account);

    public static TestBankAccount? FindByName(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The account with this IBAN, which may have spaces, or null.</summary>
    public static TestBankAccount? Find(string iban)
    {
        var plain = iban.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        return All.FirstOrDefault(account => account.Number == plain);
    }

    /// <summary>The check of ISO 7064 that every IBAN passes.</summary>
    public static bool IsIban(string plain) => plain.Length is >= 15 and <= 34 && plain.All(char.IsAsciiLetterOrDigit)
        && (plain[4..] + plain[..4]).ToUpperInvariant().Aggregate(0, (rest, c) => char.IsAsciiDigit(c)
            ? (rest * 10 + (c - '0')) % 97
            : (rest * 100 + (c - 'A' + 10)) % 97) == 1;

    private static IEnumerable<TestBankAccount> Of(string country, int bank, int branch, params string[] ibans) => ibans.Zip(Ends, (iban, end) =>
        new TestBankAccount([$"pm_{end.Name}_{country.ToLowerInvariant()}", $"pm_sepaDebit_{end.Name}_{country.ToLowerInvariant()}"], iban, end.Failure)
        {
            Country = country,
            RoutingNumber = iban.Substring(4, bank),
            BranchCode = branch == 0 ? null : iban.Substring(4 + bank, branch),
            Disputed = end.Disputed,
            Description = $"SEPA debit, {end.Description}",
        });
}
