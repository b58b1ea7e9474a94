using System.Security.Cryptography;
using System.Text;

namespace PaymentSim.Core.Merchants;

/// <summary>
/// A merchant's publishable key, for the code in its customers' browsers. It is made of the merchant's id and a keyed hash of that, so that every
/// merchant has one, and none needs to be stored.
/// </summary>
public static class PublishableKey
{
    public const string Prefix = "pk_test_";

    private const string MerchantPrefix = "acct_";
    private const int HashLength = 16;

    public static string Of(SecretBox secrets, string merchantId) => Prefix + merchantId[MerchantPrefix.Length..] + Hash(secrets, merchantId);

    /// <summary>The merchant whose key it is; null where it is nobody's.</summary>
    public static string? MerchantOf(SecretBox secrets, string key)
    {
        if (!key.StartsWith(Prefix, StringComparison.Ordinal) || key.Length <= Prefix.Length + HashLength) return null;
        var merchant = MerchantPrefix + key[Prefix.Length..^HashLength];
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Of(secrets, merchant)), Encoding.UTF8.GetBytes(key)) ? merchant : null;
    }

    private static string Hash(SecretBox secrets, string merchantId) =>
        Convert.ToHexStringLower(secrets.Mac("publishable key", Encoding.UTF8.GetBytes(merchantId)))[..HashLength];
}
