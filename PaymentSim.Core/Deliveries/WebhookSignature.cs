using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// The two signature families that receivers verify, both HMAC-SHA256: the <c>Stripe-Signature</c> header, and the three headers of the
/// Standard Webhooks specification. They differ in what is signed and in how the key is read from the secret.
/// </summary>
public static class WebhookSignature
{
    public const string SecretPrefix = "whsec_";

    /// <summary><c>t=…,v1=…</c>: over <c>t.body</c>, keyed with the UTF-8 bytes of the whole secret; one v1 for each active secret.</summary>
    public static string Stripe(IReadOnlyList<string> secrets, long timestamp, ReadOnlySpan<byte> body)
    {
        var header = new StringBuilder().Append(CultureInfo.InvariantCulture, $"t={timestamp}");
        foreach (var secret in secrets)
            header.Append(",v1=").Append(Convert.ToHexStringLower(Mac(Encoding.UTF8.GetBytes(secret), $"{timestamp}.", body)));
        return header.ToString();
    }

    /// <summary><c>v1,…</c>: over <c>id.timestamp.body</c>, keyed with the base64-decoded rest of the secret; one for each active secret.</summary>
    public static string StandardWebhooks(IReadOnlyList<string> secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var signatures = new List<string>(secrets.Count);
        foreach (var secret in secrets)
            signatures.Add("v1," + Convert.ToBase64String(Mac(Convert.FromBase64String(secret[SecretPrefix.Length..]), $"{id}.{timestamp}.", body)));
        return string.Join(' ', signatures);
    }

    private static byte[] Mac(byte[] key, string prefix, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes(prefix));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }
}
