namespace PaymentSim.Core;

/// <summary>Texts as parameters give them: not given at all, or empty to unset.</summary>
internal static class Text
{
    /// <summary>What a text becomes: it stays where none is given, and is unset by an empty one.</summary>
    public static string? Given(string? value, string? current) => value switch { null => current, "" => null, _ => value };

    public static string? NullIfEmpty(string? value) => Given(value, null);
}
