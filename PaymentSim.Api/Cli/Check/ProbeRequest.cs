using System.Globalization;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Cli.Check;

/// <summary>An HTTP request of a probe: like a webhook of the simulator's, until something is changed.</summary>
internal sealed record ProbeRequest
{
    public const string StripeSignature = "Stripe-Signature";
    public const string WebhookId = "webhook-id";
    public const string WebhookTimestamp = "webhook-timestamp";
    public const string WebhookSignatures = "webhook-signature";
    public const string ContentType = "Content-Type";

    public HttpMethod Method { get; init; } = HttpMethod.Post;

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required byte[] Body { get; init; }

    /// <summary>True: the body comes in pieces, with pauses.</summary>
    public bool Slowly { get; init; }

    /// <param name="id">The webhook's id.</param>
    /// <param name="body">The bytes to send.</param>
    /// <param name="secrets">One signature for each, in this order.</param>
    /// <param name="at">When it says that it was signed.</param>
    public static ProbeRequest Sign(string id, byte[] body, IReadOnlyList<string> secrets, DateTimeOffset at)
    {
        var timestamp = at.ToUnixTimeSeconds();
        return new ProbeRequest
        {
            Body = body,
            Headers = new Dictionary<string, string>
            {
                [ContentType] = "application/json; charset=utf-8",
                ["User-Agent"] = "PaymentSim/1.0 (webhooks)",
                [StripeSignature] = WebhookSignature.Stripe(secrets, timestamp, body),
                [WebhookId] = id,
                [WebhookTimestamp] = timestamp.ToString(CultureInfo.InvariantCulture),
                [WebhookSignatures] = WebhookSignature.StandardWebhooks(secrets, id, timestamp, body),
            },
        };
    }

    public ProbeRequest With(string header, string value) => this with { Headers = new Dictionary<string, string>(Headers) { [header] = value } };

    public ProbeRequest With(string header, Func<string, string> change) => With(header, change(Headers[header]));

    public ProbeRequest Without(params string[] headers) =>
        this with { Headers = Headers.Where(header => !headers.Contains(header.Key)).ToDictionary() };
}

/// <summary>What came back.</summary>
/// <param name="Status">Null: nothing did.</param>
/// <param name="Text">For people: the status with the beginning of the answer, or why there is none.</param>
internal sealed record ProbeAnswer(int? Status, string Text)
{
    /// <summary>True where no connection could be made: nobody is there, or the host or its certificate is wrong.</summary>
    public bool NoConnection { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;

    public ProbeAnswer Named(string what) => this with { Text = $"{what}: {Text}" };
}
