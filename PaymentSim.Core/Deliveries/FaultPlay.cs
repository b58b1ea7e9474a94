using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>What goes wrong with one attempt on purpose.</summary>
/// <param name="Plan">Whose faults they are.</param>
/// <param name="Places">Theirs in the plan, in the order in which they happen.</param>
/// <param name="Text">What the attempt's log says of them, each by its kind: "stale_timestamp 600 s, duplicate".</param>
internal sealed record FaultPlay(FaultPlan Plan, IReadOnlyList<int> Places, string Text)
{
    private const string StripeHeader = "Stripe-Signature";
    private const string IdHeader = "webhook-id";
    private const string TimestampHeader = "webhook-timestamp";
    private const string StandardHeader = "webhook-signature";

    /// <summary>The fault of this kind; null: it does not happen to this attempt.</summary>
    public Fault? Of(FaultKind kind) => Places.Select(place => Plan.Faults[place]).FirstOrDefault(fault => fault.Kind == kind);

    /// <summary>A webhook as its faults make it, and what is to be said of them.</summary>
    /// <param name="webhook">As it should be.</param>
    /// <param name="plan">The endpoint's.</param>
    /// <param name="delivery">The delivery's number and history in it.</param>
    /// <param name="attempt">Counted from when it got the number.</param>
    /// <param name="secrets">The endpoint's active secrets.</param>
    /// <param name="now">The attempt's time.</param>
    public static (SignedWebhook Webhook, FaultPlay? Play) Apply(
        SignedWebhook webhook, FaultPlan plan, FaultyDelivery delivery, long attempt, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        var (places, said) = (plan.Of(delivery.Number, attempt).Where(IsPlayed).ToList(), new List<string>());
        if (places.Count == 0) return (webhook, null);

        foreach (var place in places)
        {
            var fault = plan.Faults[place];
            switch (fault.Kind)
            {
                case FaultKind.WrongSecret:
                    secrets = [OtherSecret(plan.Seed)];
                    webhook = Signed(webhook, secrets, now);
                    break;
                case FaultKind.StaleTimestamp:
                    webhook = Signed(webhook, secrets, now.AddSeconds(-fault.Age!.Value));
                    break;
                case FaultKind.BadSignature:
                    webhook = With(webhook, (StripeHeader, Altered(webhook.Headers[StripeHeader], ',', "v1=")), (StandardHeader, Altered(webhook.Headers[StandardHeader], ' ', "v1,")));
                    break;
                case FaultKind.Corrupt:
                    var (body, at) = Corrupted(webhook.Body, plan.Chance(place, delivery.Number));
                    webhook = webhook with { Body = body, IsAltered = true };
                    said.Add(string.Create(CultureInfo.InvariantCulture, $"corrupt byte {at}"));
                    continue;
                case FaultKind.Reset:
                    webhook = webhook with { AbortAfterBytes = webhook.Body.Length / 2 };
                    said.Add(string.Create(CultureInfo.InvariantCulture, $"reset after {webhook.AbortAfterBytes} of {webhook.Body.Length} bytes"));
                    continue;
            }

            said.Add(Say(fault, delivery));
        }

        return (webhook, new FaultPlay(plan, places, string.Join(", ", said)));

        // Whether a delivery is held back is decided when it is made, and not where its order or a person's replay has made its time another.
        bool IsPlayed(int place) => plan.Faults[place] switch
        {
            { Kind: FaultKind.Delay } fault => delivery.HeldUntil is not null || fault.Delay <= FaultPlayer.LongestWait,
            { Kind: FaultKind.Reorder } => delivery.HeldUntil is not null,
            _ => true,
        };
    }

    private static string Say(Fault fault, FaultyDelivery delivery) => fault switch
    {
        { Kind: FaultKind.Delay } => string.Create(CultureInfo.InvariantCulture, $"delay {fault.Delay} ms"),
        { Kind: FaultKind.Reorder } when delivery.Waits => string.Create(CultureInfo.InvariantCulture, $"reorder (none came after it within {fault.Delay} ms)"),
        { Kind: FaultKind.StaleTimestamp } => string.Create(CultureInfo.InvariantCulture, $"stale_timestamp {fault.Age} s"),
        { Kind: FaultKind.Duplicate, Delay: > 0 } => string.Create(CultureInfo.InvariantCulture, $"duplicate after {fault.Delay} ms"),
        _ => fault.Kind.Wire(),
    };

    private static SignedWebhook Signed(SignedWebhook webhook, IReadOnlyList<string> secrets, DateTimeOffset at)
    {
        var again = SignedWebhook.Sign(webhook.Url, webhook.Headers[IdHeader], webhook.Body, secrets, at).Headers;
        return With(webhook, [.. new[] { StripeHeader, TimestampHeader, StandardHeader }.Select(name => (name, again[name]))]);
    }

    private static SignedWebhook With(SignedWebhook webhook, params (string Name, string Value)[] others)
    {
        var headers = new Dictionary<string, string>(webhook.Headers);
        foreach (var (name, value) in others) headers[name] = value;
        return webhook with { Headers = headers, IsAltered = true };
    }

    /// <summary>Signatures that look as they should, each with one character that is another.</summary>
    private static string Altered(string header, char separator, string scheme) => string.Join(separator, header.Split(separator).Select(part =>
        part.StartsWith(scheme, StringComparison.Ordinal) ? $"{scheme}{(part[scheme.Length] == 'a' ? 'b' : 'a')}{part[(scheme.Length + 1)..]}" : part));

    /// <summary>One bit of a letter or digit inside a text is another: it is still JSON, and says something else.</summary>
    private static (byte[] Body, int At) Corrupted(byte[] body, double chance)
    {
        var places = new List<int>();
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped) continue;
            var start = (int)reader.TokenStartIndex + 1;
            for (var i = 0; i < reader.ValueSpan.Length; i++)
            {
                if (char.IsAsciiLetterOrDigit((char)reader.ValueSpan[i])) places.Add(start + i);
            }
        }

        var (at, other) = (places[(int)(chance * places.Count)], body.ToArray());
        other[at] ^= 1;
        return (other, at);
    }

    private static string OtherSecret(long seed) => WebhookSignature.SecretPrefix
        + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"nobody's secret {seed}"))));
}
