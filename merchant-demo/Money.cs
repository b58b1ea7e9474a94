using System.Globalization;

namespace MerchantDemo;

internal static class Money
{
    /// <param name="amount">In cents.</param>
    public static string Format(long amount, string currency)
    {
        var number = (amount / 100m).ToString("0.00", CultureInfo.InvariantCulture);
        return currency == "usd" ? $"${number}" : $"{number} {currency.ToUpperInvariant()}";
    }
}
