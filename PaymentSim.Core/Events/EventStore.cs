using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Events;

/// <summary>Reads the log of events.</summary>
internal sealed class EventStore(Database database)
{
    public Task<Event?> FindAsync(string merchantId, string id) => database.FirstOrDefaultAsync<Event>(
        "SELECT * FROM events WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    /// <summary>Those of these events, of any of these merchants, that there are.</summary>
    public Task<IReadOnlyList<Event>> ListAsync(string[] merchantIds, IEnumerable<string> ids) => database.QueryAsync<Event>(
        $"SELECT * FROM events WHERE {database.AnyOf("merchant_id", "@merchantIds")} AND {database.AnyOf("id", "@ids")}",
        new { merchantIds, ids = ids.Distinct().ToArray() });

    public Task<Page<Event>> ListAsync(string merchantId, ListEvents query)
    {
        var filters = new List<string>(Paging.Created(query.Created));
        var types = query.Types ?? (query.Type is { } type ? [type] : []);
        if (types.Count > 0) filters.Add("(" + string.Join(" OR ", types.Select((_, i) => $"type LIKE @Type{i} ESCAPE '!'")) + ")");
        if (query.DeliverySuccess is { } success)
        {
            filters.Add((success ? "NOT " : "")
                + "EXISTS (SELECT 1 FROM deliveries d WHERE d.event_id = events.id AND d.status IN ('pending', 'failed'))");
        }

        var args = new Dictionary<string, object?>
        {
            ["CreatedFrom"] = query.Created?.FromMilliseconds,
            ["CreatedTo"] = query.Created?.ToMilliseconds,
        };
        for (var i = 0; i < types.Count; i++) args[$"Type{i}"] = Pattern(types[i]);
        return database.PageAsync<Event>(("events", "event"), query, merchantId, filters, args, stored => stored.Id);
    }

    /// <summary>How many webhooks of each of these events have not arrived yet; events with none are left out.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountPendingAsync(IReadOnlyList<string> eventIds) =>
        (await database.QueryAsync<PendingCount>(
            $"SELECT event_id, COUNT(*) AS pending FROM deliveries WHERE {database.AnyOf("event_id", "@eventIds")} AND status IN ('pending', 'failed') GROUP BY event_id",
            new { eventIds = eventIds.ToArray() }))
        .ToDictionary(row => row.EventId, row => row.Pending);

    /// <summary>
    /// <c>charge.*</c> and <c>*</c> stand for any characters, as in the real API's filters. Types have no capital letters, and only some engines'
    /// LIKE tells those apart.
    /// </summary>
    private static string Pattern(string type) => LikePattern.Literal(type.ToLowerInvariant()).Replace('*', '%');

    private sealed record PendingCount
    {
        public required string EventId { get; init; }

        public long Pending { get; init; }
    }
}
