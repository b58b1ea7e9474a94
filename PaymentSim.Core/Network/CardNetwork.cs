using System.Text.RegularExpressions;

namespace PaymentSim.Core.Network;

/// <summary>Card data as the merchant typed it. It lives as long as the request and is never stored, logged or echoed.</summary>
/// <param name="Number">Digits; spaces and hyphens are allowed.</param>
/// <param name="ExpiryMonth">1 to 12.</param>
/// <param name="ExpiryYear">Two or four digits.</param>
public sealed record CardEntry(string Number, long ExpiryMonth, long ExpiryYear, string? Cvc)
{
    public override string ToString() => "card";
}

/// <summary>How an authorisation ended.</summary>
public abstract record Authorization
{
    /// <summary>The issuer was asked, or the processor blocked a known card: a charge comes of it, paid or failed.</summary>
    public sealed record Answered(TestCard Card, Decline? Decline) : Authorization;

    /// <summary>The card data cannot be right, or the card may be a real one: no charge comes of it, and nothing of the card is kept.</summary>
    public sealed record Refused(Decline Decline) : Authorization;
}

/// <summary>
/// The simulated card network: a pure function of the card and the month. Codes and messages are those of the public test cards of
/// the dialect that PaymentSim speaks.
/// </summary>
public static partial class CardNetwork
{
    /// <summary>Decides on a card that stands behind a token or payment method name.</summary>
    public static Authorization Authorize(TestCard card) => new Authorization.Answered(card, card.Decline);

    /// <summary>Checks typed card data, then decides.</summary>
    /// <param name="entry">The card as typed.</param>
    /// <param name="year">The current year, four digits.</param>
    /// <param name="month">The current month.</param>
    public static Authorization Authorize(CardEntry entry, int year, int month)
    {
        var number = Digits(entry.Number);
        if (number is null || !IsLuhn(number)) return new Authorization.Refused(Decline.IncorrectNumber);
        if (TestCards.FindByNumber(number) is not { } card) return new Authorization.Refused(Decline.LiveCard);
        if (entry.ExpiryMonth is < 1 or > 12) return new Authorization.Refused(Decline.InvalidExpiryMonth);

        var expiryYear = entry.ExpiryYear is >= 0 and < 100 ? 2000 + entry.ExpiryYear : entry.ExpiryYear;
        if (expiryYear < year || expiryYear > year + 50) return new Authorization.Refused(Decline.InvalidExpiryYear);
        if (expiryYear == year && entry.ExpiryMonth < month) return new Authorization.Refused(Decline.InvalidExpiryMonth);
        if (entry.Cvc is { } cvc && !IsCvc(cvc)) return new Authorization.Refused(Decline.InvalidCvc);
        return Authorize(card);
    }

    /// <summary>The number without spaces and hyphens, or null where it is no card number at all (12 to 19 digits).</summary>
    public static string? Digits(string number)
    {
        var digits = number.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return digits.Length is >= 12 and <= 19 && digits.All(char.IsAsciiDigit) ? digits : null;
    }

    /// <summary>A text with every run of 12 or more digits cut to its last four, so that a message never repeats a card number.</summary>
    public static string Mask(string text) => LongNumbers().Replace(text, match => "…" + match.Value[^4..]);

    /// <summary>The check digit of ISO/IEC 7812-1.</summary>
    public static bool IsLuhn(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            if (i % 2 == 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
            sum += digit;
        }

        return sum % 10 == 0;
    }

    [GeneratedRegex(@"\d(?:[ -]*\d){11,}")]
    private static partial Regex LongNumbers();

    private static bool IsCvc(string cvc) => cvc.Length is 3 or 4 && cvc.All(char.IsAsciiDigit);
}
