using System.Text.Json;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Events;

/// <summary>Where features and webhooks meet: who wants to know of events is told inside the transaction that records them.</summary>
internal interface IEventSubscriber
{
    /// <summary>Prepares whatever the event shall set off, in the same write unit. Answers how many webhooks that are.</summary>
    Task<int> OnEventAsync(EventHead head);
}

/// <summary>An event that is being recorded.</summary>
/// <param name="ObjectId">The object's id.</param>
/// <param name="WireObject">The object as the wire shows it now.</param>
internal sealed record EventHead(string Id, string MerchantId, string Type, DateTimeOffset CreatedAt, string ObjectId, object WireObject)
{
    private string? _subject;

    /// <summary>
    /// The payment that the event is about: the payment intent that its object names, or the charge, or else the object itself. Null where it has no id.
    /// </summary>
    public string? Subject => _subject ??= Text.NullIfEmpty(Find());

    private string Find()
    {
        var shown = JsonSerializer.SerializeToElement(WireObject, WireObject.GetType(), CoreJson.Options);
        return IdIn(shown, "payment_intent") ?? IdIn(shown, "charge") ?? ObjectId;
    }

    /// <summary>Of a member that is an id, or an object that has one.</summary>
    private static string? IdIn(JsonElement shown, string name)
    {
        if (shown.ValueKind != JsonValueKind.Object || !shown.TryGetProperty(name, out var member)) return null;
        if (member.ValueKind == JsonValueKind.Object && member.TryGetProperty("id", out var id)) member = id;
        return member.ValueKind == JsonValueKind.String ? Text.NullIfEmpty(member.GetString()) : null;
    }
}

/// <summary>The merchant's default API version: the one whose shapes the simulator writes.</summary>
/// <param name="Default">The version of objects and events where neither request nor endpoint names one.</param>
public sealed record ApiVersionOptions(string Default);

/// <summary>Records events, inside the write unit of what they report.</summary>
internal sealed class EventLog(
    Database database, IEventSubscriber subscriber, RequestContext context, ApiVersionOptions versions, Ids ids, TimeProvider clock)
{
    /// <param name="merchantId">Whose object.</param>
    /// <param name="type">One of <see cref="EventTypes"/>.</param>
    /// <param name="objectId">The object's id.</param>
    /// <param name="wireObject">The object as the wire shows it now.</param>
    /// <param name="previousAttributes">For updates: the changed members with their former values.</param>
    /// <returns>The event's id.</returns>
    public async Task<string> AppendAsync(string merchantId, string type, string objectId, object wireObject, object? previousAttributes = null)
    {
        var head = new EventHead(ids.New("evt"), merchantId, type, clock.GetUtcNow(), objectId, wireObject);
        var webhooks = await subscriber.OnEventAsync(head);
        var payload = StoredText.Json(
            new EventObject
            {
                Id = head.Id,
                ApiVersion = versions.Default,
                Created = head.CreatedAt.ToUnixTimeSeconds(),
                Data = new EventData { Object = wireObject, PreviousAttributes = previousAttributes },
                PendingWebhooks = webhooks,
                Request = new EventRequest(context.RequestId, context.IdempotencyKey),
                Type = type,
            },
            EventObject.Write);

        await database.SendAsync(
            """
            INSERT INTO events (id, merchant_id, type, object_id, api_version, payload, created_at)
            VALUES (@Id, @MerchantId, @Type, @objectId, @Default, @payload, @CreatedAt)
            """,
            new { head.Id, head.MerchantId, head.Type, objectId, versions.Default, payload, head.CreatedAt });
        return head.Id;
    }
}
