using System.Text.Json;
using System.Text.Json.Serialization;

namespace PaymentSim.Core.Events;

/// <summary>Something that happened to an object of a merchant, as it is stored.</summary>
public sealed record Event
{
    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    public required string Type { get; init; }

    /// <summary>The object that it happened to: <c>ch_…</c>.</summary>
    public required string ObjectId { get; init; }

    /// <summary>The API version in whose shape the payload is written.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>The body that receivers get, fixed to the byte when the event is recorded.</summary>
    public required string Payload { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// The payload for an endpoint that is pinned to <paramref name="apiVersion"/>. The version is exchanged in the text, at the one place
    /// where the payload's head has it, so that nothing else can change.
    /// </summary>
    public string PayloadFor(string apiVersion)
    {
        if (apiVersion == ApiVersion) return Payload;
        var own = Member(ApiVersion);
        var at = Payload.IndexOf(own, StringComparison.Ordinal);
        return string.Concat(Payload.AsSpan(0, at), Member(apiVersion), Payload.AsSpan(at + own.Length));
    }

    private static string Member(string version) => "\"api_version\":" + JsonSerializer.Serialize(version, CoreJson.Options);
}

/// <summary>An event as the wire shows it. Members stand in the order in which the payload fixes them.</summary>
public sealed record EventObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "event";

    public required string ApiVersion { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    public required EventData Data { get; init; }

    public bool Livemode { get; init; }

    /// <summary>How many endpoints have not answered with success yet.</summary>
    public required long PendingWebhooks { get; init; }

    public required EventRequest Request { get; init; }

    public required string Type { get; init; }

    /// <summary>Writes the event as <see cref="CoreJson.Options"/> would, and more quickly: it is done for each charge, while others wait for the database.</summary>
    internal static void Write(Utf8JsonWriter writer, EventObject value)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, value.Id);
        writer.WriteString("object"u8, value.Object);
        writer.WriteString("api_version"u8, value.ApiVersion);
        writer.WriteNumber("created"u8, value.Created);
        writer.WriteStartObject("data"u8);
        writer.WritePropertyName("object"u8);
        WriteAny(value.Data.Object);
        if (value.Data.PreviousAttributes is { } previous)
        {
            writer.WritePropertyName("previous_attributes"u8);
            WriteAny(previous);
        }

        writer.WriteEndObject();
        writer.WriteBoolean("livemode"u8, value.Livemode);
        writer.WriteNumber("pending_webhooks"u8, value.PendingWebhooks);
        writer.WriteStartObject("request"u8);
        writer.WriteString("id"u8, value.Request.Id);
        writer.WriteString("idempotency_key"u8, value.Request.IdempotencyKey);
        writer.WriteEndObject();
        writer.WriteString("type"u8, value.Type);
        writer.WriteEndObject();

        void WriteAny(object any)
        {
            if (any is WireObject known) writer.WriteRawValue(known.ToJson().Span, skipInputValidation: true);
            else JsonSerializer.Serialize(writer, any, any.GetType(), CoreJson.Options);
        }
    }

    public static EventObject Of(Event stored, long pendingWebhooks) =>
        JsonSerializer.Deserialize<EventObject>(stored.Payload, CoreJson.Options)! with { PendingWebhooks = pendingWebhooks };
}

/// <summary>What an event is about.</summary>
public sealed record EventData
{
    /// <summary>The object as it was right after the event: its wire object when the event is recorded, JSON when it is read back.</summary>
    public required object Object { get; init; }

    /// <summary>On updates: the changed members with the values that they had before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public object? PreviousAttributes { get; init; }
}

/// <summary>The request that caused an event; both are null where none did.</summary>
public sealed record EventRequest(string? Id, string? IdempotencyKey);
