using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PaymentSim.Tests.Support;

/// <summary>A receiver's own check of both signature families, written from their specifications and not from the simulator's code.</summary>
public static class WebhookVerifier
{
    /// <summary>Fails unless there is one right signature by each secret, in this order; answers the time that they were made.</summary>
    public static long ShouldVerify(this ReceivedRequest request, params string[] secrets)
    {
        var (stamp, signatures) = ("", new List<string>());
        foreach (var part in request.Headers["Stripe-Signature"].Split(','))
        {
            if (part.StartsWith("t=", StringComparison.Ordinal)) stamp = part[2..];
            else if (part.StartsWith("v1=", StringComparison.Ordinal)) signatures.Add(part[3..]);
        }

        signatures.ShouldBe(secrets.Select(secret => Convert.ToHexStringLower(Mac(Encoding.UTF8.GetBytes(secret), stamp + ".", request.Body))));

        var (id, time) = (request.Headers["webhook-id"], request.Headers["webhook-timestamp"]);
        request.Headers["webhook-signature"].Split(' ').ShouldBe(secrets.Select(
            secret => "v1," + Convert.ToBase64String(Mac(Convert.FromBase64String(secret["whsec_".Length..]), $"{id}.{time}.", request.Body))));

        time.ShouldBe(stamp);
        return long.Parse(time, CultureInfo.InvariantCulture);
    }

    /// <summary>Which of the two families' signatures are right, each by the time that it names.</summary>
    public static (bool Stripe, bool Standard) Verifies(this ReceivedRequest request, string secret)
    {
        var parts = request.Headers["Stripe-Signature"].Split(',').Select(part => part.Split('=', 2)).ToLookup(part => part[0], part => part[1]);
        var stripe = Convert.ToHexStringLower(Mac(Encoding.UTF8.GetBytes(secret), parts["t"].Single() + ".", request.Body));
        var prefix = $"{request.Headers["webhook-id"]}.{request.Headers["webhook-timestamp"]}.";
        var standard = "v1," + Convert.ToBase64String(Mac(Convert.FromBase64String(secret["whsec_".Length..]), prefix, request.Body));
        return (parts["v1"].Contains(stripe), request.Headers["webhook-signature"].Split(' ').Contains(standard));
    }

    private static byte[] Mac(byte[] key, string prefix, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(prefix), .. body];
        return HMACSHA256.HashData(key, signed);
    }
}
