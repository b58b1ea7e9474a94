using PaymentSim.Core.Network;

namespace PaymentSim.Api.Console;

/// <summary>A card or account to pick.</summary>
/// <param name="Value">What a request calls it: its token, or the number where there is none.</param>
internal sealed record PaymentSource(string Value, string Label);

/// <summary>The test cards and bank accounts, grouped by what they are for.</summary>
internal static class PaymentSources
{
    /// <summary>The name of the group that is no cards.</summary>
    public const string BankDebits = "Bank debits";

    public static IReadOnlyList<(string Name, IReadOnlyList<PaymentSource> Sources)> Groups { get; } =
    [
        .. TestCards.All.GroupBy(GroupOf).OrderBy(group => group.Key)
            .Select(group => (NameOf(group.Key), (IReadOnlyList<PaymentSource>)[.. group.Select(Of)])),
        (BankDebits, [.. TestBankAccounts.All.Select(Of)]),
    ];

    private enum Group
    {
        Approved,
        Declined,
        ThreeDSecure,
        Afterwards,
    }

    public static bool Contains(string? value) => Groups.Any(group => group.Sources.Any(source => source.Value == value));

    private static Group GroupOf(TestCard card) => card switch
    {
        { Decline: { } decline } => decline == Decline.AuthenticationRequired ? Group.ThreeDSecure : Group.Declined,
        _ when card.Description.Contains("disput", StringComparison.Ordinal) || card.Description.Contains("inquiry", StringComparison.Ordinal)
            || card.Description.Contains("refund", StringComparison.Ordinal) => Group.Afterwards,
        _ => Group.Approved,
    };

    private static string NameOf(Group group) => group switch
    {
        Group.ThreeDSecure => "3D Secure",
        Group.Afterwards => "Disputes and refunds",
        _ => group.ToString(),
    };

    private static PaymentSource Of(TestCard card) => new(
        card.Names.Count > 0 ? card.Names[0] : card.Number,
        $"{Brands.NameOf(card.Brand)}{(card.Funding == "credit" ? "" : " " + card.Funding)} {card.Number} – {card.Description}");

    private static PaymentSource Of(TestBankAccount account) =>
        new(account.Names[0], $"{account.BankName} •••• {account.Last4} – {account.Description.Replace("Bank debit, ", "", StringComparison.Ordinal)}");
}

/// <summary>Card brands as people write them.</summary>
internal static class Brands
{
    public static string NameOf(string brand) => brand switch
    {
        "amex" => "American Express",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        _ => char.ToUpperInvariant(brand[0]) + brand[1..],
    };
}
