using System.Diagnostics.CodeAnalysis;

namespace MerchantDemo.Webhooks;

/// <summary>The key that PaymentSim and this shop share. It has no text form on purpose: it cannot end up in a log.</summary>
internal sealed class WebhookSecret
{
    public const string Prefix = "whsec_";

    private readonly byte[] _key;

    private WebhookSecret(byte[] key) => _key = key;

    public ReadOnlySpan<byte> Key => _key;

    public static bool TryParse(string text, [NotNullWhen(true)] out WebhookSecret? secret)
    {
        secret = null;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;

        var key = new byte[text.Length];
        if (!Convert.TryFromBase64String(text[Prefix.Length..], key, out var length) || length == 0)
            return false;

        secret = new WebhookSecret(key[..length]);
        return true;
    }
}
