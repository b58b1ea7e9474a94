using System.Globalization;

namespace PaymentSim.Core;

/// <summary>Lengths of time as settings write them: <c>500ms</c>, <c>5s</c>, <c>30m</c>, <c>2h</c>, <c>7d</c>.</summary>
public static class Duration
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    /// <exception cref="FormatException">The text is no duration.</exception>
    public static TimeSpan Parse(string text)
    {
        var trimmed = text.Trim();
        foreach (var (unit, length) in Units)
        {
            if (trimmed.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(trimmed[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                && count >= 0 && count <= TimeSpan.FromDays(3650) / length)
            {
                return count * length;
            }
        }

        throw new FormatException($"'{text}' is not a duration; write for example 500ms, 5s, 30m, 2h or 7d");
    }

    /// <summary>The shortest of the spellings that <see cref="Parse"/> reads.</summary>
    public static string Format(TimeSpan duration)
    {
        var (unit, length) = Units.Last(u => u.Unit == "ms" || (duration >= u.Length && duration.Ticks % u.Length.Ticks == 0));
        return string.Create(CultureInfo.InvariantCulture, $"{duration / length:0.###}{unit}");
    }
}
