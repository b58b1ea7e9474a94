using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace PaymentSim.Core.Merchants;

/// <summary>Whose keys are accepted.</summary>
public enum Access
{
    /// <summary>Any <c>sk_test_…</c> key, each with its own isolated merchant: for one's own machine.</summary>
    Sandbox,

    /// <summary>Only keys that were made with <c>keys create</c>.</summary>
    Keys,
}

/// <summary>A secret API key: what it looks like, and what is kept of it.</summary>
public static partial class ApiKey
{
    public const string Prefix = "sk_test_";

    private const int SecretLength = 40;

    public static string Generate() => Prefix + Ids.Secret(SecretLength);

    /// <summary>True for <c>sk_test_</c> and 1 to 200 letters, digits, hyphens or underscores.</summary>
    public static bool IsWellFormed(string key) => Shape().IsMatch(key);

    /// <summary>The key with all but its ends starred out, fit for messages and lists.</summary>
    public static string Hint(string key) =>
        key.Length <= Prefix.Length + 4 ? Prefix + "****" : $"{key[..Math.Min(Prefix.Length, key.Length)]}****{key[^4..]}";

    /// <summary>A plain SHA-256 is enough: generated keys hold 238 random bits, and sandbox keys protect nothing.</summary>
    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    [GeneratedRegex(@"^sk_test_[A-Za-z0-9_-]{1,200}\z")]
    private static partial Regex Shape();
}
