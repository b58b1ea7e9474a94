namespace MerchantDemo;

/// <param name="Token">What the charge is made with; a real shop gets such a token from the processor's card form.</param>
internal sealed record TestCard(string Token, string Name, string Outcome);

internal static class TestCards
{
    public static IReadOnlyList<TestCard> All { get; } =
    [
        new("tok_visa", "Visa •• 4242", "Approved"),
        new("tok_mastercard", "Mastercard •• 4444", "Approved"),
        new("tok_chargeDeclined", "Visa •• 0002", "Declined"),
        new("tok_chargeDeclinedInsufficientFunds", "Visa •• 9995", "Insufficient funds"),
        new("tok_chargeDeclinedExpiredCard", "Visa •• 0069", "Expired card"),
        new("tok_chargeDeclinedIncorrectCvc", "Visa •• 0127", "Wrong CVC"),
        new("btok_us_verified", "Bank •• 6789", "Completes later"),
    ];

    public static string NameOf(string token) => All.FirstOrDefault(card => card.Token == token)?.Name ?? token;
}
