namespace PaymentSim.Core.Storage;

/// <summary>Patterns for <c>LIKE … ESCAPE '!'</c>.</summary>
internal static class LikePattern
{
    public const char Escape = '!';

    public static string Containing(string text) => $"%{Literal(text)}%";

    /// <summary>The text with everything escaped that LIKE would understand otherwise.</summary>
    public static string Literal(string text) => text
        .Replace("!", "!!", StringComparison.Ordinal)
        .Replace("%", "!%", StringComparison.Ordinal)
        .Replace("_", "!_", StringComparison.Ordinal);
}
