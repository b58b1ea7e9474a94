using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace MerchantDemo.Webhooks;

/// <summary>What the shop reads of an event. The body holds more; a merchant takes what it needs and ignores the rest.</summary>
/// <param name="Created">Unix seconds.</param>
/// <param name="OrderId">The order id that checkout put in the metadata of the charge; null if there is none.</param>
/// <param name="Charge">Null for the types of event that the shop does not act upon.</param>
internal sealed record WebhookEvent(string Id, string Type, long Created, string? OrderId, Charge? Charge)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The types that the shop acts upon, and the status each means for the order.</summary>
    public static IReadOnlyDictionary<string, string> StatusByType { get; } = new Dictionary<string, string>
    {
        ["charge.succeeded"] = OrderStatus.Paid,
        ["charge.failed"] = OrderStatus.Failed,
        ["charge.pending"] = OrderStatus.Pending,
    };

    public static bool TryParse(ReadOnlySpan<byte> body, [NotNullWhen(true)] out WebhookEvent? parsed)
    {
        parsed = null;
        try
        {
            if (JsonSerializer.Deserialize<Envelope>(body, Json) is not { } envelope)
                return false;

            // Only a known type promises to be about a charge.
            var content = envelope.Data.Object;
            var charge = StatusByType.ContainsKey(envelope.Type)
                ? content.Deserialize<Charge>(Json) ?? throw new JsonException("The charge is null.")
                : null;
            parsed = new WebhookEvent(envelope.Id, envelope.Type, envelope.Created, OrderIdIn(content), charge);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string? OrderIdIn(JsonElement content) =>
        content.ValueKind == JsonValueKind.Object
        && content.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
        && metadata.TryGetProperty("order_id", out var orderId) && orderId.ValueKind == JsonValueKind.String
            ? orderId.GetString()
            : null;

    private sealed record Envelope(string Id, string Type, long Created, EnvelopeData Data);

    private sealed record EnvelopeData(JsonElement Object);
}

/// <param name="Amount">In cents.</param>
internal sealed record Charge(string Id, long Amount, string Currency, string? FailureMessage = null);
