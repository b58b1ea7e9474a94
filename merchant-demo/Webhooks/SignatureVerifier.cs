using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MerchantDemo.Webhooks;

/// <summary>
/// Checks that a webhook was sent by whoever knows the secret, by the Standard Webhooks specification
/// (https://www.standardwebhooks.com): HMAC-SHA256 over <c>id.timestamp.body</c>.
/// </summary>
internal sealed class SignatureVerifier(TimeProvider time)
{
    // Bounds how long a recorded delivery could be replayed, and allows for clocks that differ.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <param name="body">The bytes as received. Parsed and written again they would be other bytes.</param>
    /// <param name="problem">A short reason that is safe to send back.</param>
    public bool IsGenuine(
        WebhookSecret secret,
        string? id,
        string? timestamp,
        string? signatures,
        ReadOnlySpan<byte> body,
        [NotNullWhen(false)] out string? problem)
    {
        problem =
            string.IsNullOrEmpty(id) ? "The header webhook-id is missing."
            : string.IsNullOrEmpty(timestamp) ? "The header webhook-timestamp is missing."
            : string.IsNullOrEmpty(signatures) ? "The header webhook-signature is missing."
            : !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? "The header webhook-timestamp is not a number of seconds."
            : !IsRecent(seconds) ? "The webhook-timestamp is more than 5 minutes away from now."
            : !AnyMatches(signatures, Sign(secret, id, timestamp, body)) ? "The signature does not match."
            : null;
        return problem is null;
    }

    private bool IsRecent(long seconds) =>
        Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - seconds) <= Tolerance.TotalSeconds;

    private static byte[] Sign(WebhookSecret secret, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret.Key);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }

    /// <summary>The header lists several signatures while a secret is being replaced; one that matches is enough.</summary>
    private static bool AnyMatches(string signatures, byte[] expected)
    {
        foreach (var signature in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            // Other versions than v1 may be added one day; they are no reason to refuse.
            if (!signature.StartsWith("v1,", StringComparison.Ordinal))
                continue;

            // An ordinary comparison stops at the first difference, and its duration gives away how much was right.
            var given = new byte[signature.Length];
            if (Convert.TryFromBase64String(signature[3..], given, out var length)
                && CryptographicOperations.FixedTimeEquals(given.AsSpan(0, length), expected))
            {
                return true;
            }
        }

        return false;
    }
}
