using System.Security.Cryptography;

namespace PaymentSim.Core.Webhooks;

/// <summary>What webhooks are signed with: <c>whsec_</c> and base64.</summary>
internal static class SigningSecret
{
    public const int FewestBytes = 24;
    public const int MostBytes = 64;

    private const string Prefix = "whsec_";
    private const int Bytes = 32;

    public static string New() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Whether a merchant's own can be used by both families of signatures.</summary>
    public static bool IsUsable(string secret)
    {
        Span<byte> bytes = stackalloc byte[MostBytes + 3];
        return secret.StartsWith(Prefix, StringComparison.Ordinal)
            && !secret.Any(char.IsWhiteSpace)
            && Convert.TryFromBase64Chars(secret.AsSpan(Prefix.Length), bytes, out var length)
            && length is >= FewestBytes and <= MostBytes;
    }
}
