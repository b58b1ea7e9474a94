using Dapper;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// A <see cref="DeliveryFilter"/> as SQL over <c>deliveries d</c>. Nothing that a webhook goes through pays for being found: there are no indexes for
/// it but for few deliveries (the pending and the failed ones). A search goes along the ids instead, which are in the order of time, and stops after
/// so many rows; the next one goes on from there.
/// </summary>
internal sealed class DeliverySearch
{
    /// <summary>How many merchants or endpoints a part of a name may stand for.</summary>
    private const int MostNames = 500;

    /// <summary>Ids are made a moment before or after the time that stands in their row, on clocks that are not quite the same.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly Database _database;
    private readonly List<string> _range = [];
    private readonly List<string> _conditions = [];
    private readonly bool _isDirect;

    private DeliverySearch(Database database, DeliveryFilter filter)
    {
        (_database, Filter) = (database, filter);
        var about = filter.About;
        _isDirect = filter.IsAboutEvent || filter.IsAboutDelivery;
        // As literals: only so are the partial indexes of these states used.
        if (filter.Status is DeliveryStatus.Failed or DeliveryStatus.Pending) _range.Add($"d.status = '{filter.Status.Value.Wire()}'");
        else if (filter.Status is { } status) Require("d.status = @status", "status", status.Wire());
        if (filter.IsAboutEvent) Require("d.event_id = @about", "about", about);
        if (filter.IsAboutDelivery) Require("d.id = @about", "about", about);
        if (filter.IsAboutObject)
        {
            Require("e.object_id = @about", "about", about);
            if (Ids.TimeOf(about!) is { } made) Bound("d.id >= @made", "made", Floor(made, -Margin));
        }

        if (filter.EventType is { Length: > 0 } type) Require("d.event_type LIKE @type ESCAPE '!'", "type", LikePattern.Literal(type.ToLowerInvariant()).Replace('*', '%'));
        if (filter.From is { } from)
        {
            Bound("d.id >= @fromId", "fromId", Floor(from, -Margin));
            Require("d.created_at >= @from", "from", from);
        }

        if (filter.To is { } to)
        {
            Bound("d.id < @toId", "toId", Floor(to, Margin));
            Require("d.created_at < @to", "to", to);
        }
    }

    public DeliveryFilter Filter { get; }

    public DynamicParameters Args { get; } = new();

    /// <summary>Where the search runs: with an object's id the events are looked at, too.</summary>
    public string Source => Filter.IsAboutObject ? "deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id" : "deliveries d";

    public string Order => Filter.OldestFirst ? "d.id" : "d.id DESC";

    /// <summary>All conditions; with <see cref="StopAfterAsync"/> also where to stop.</summary>
    public string Where => string.Join(" AND ", _range.Concat(_conditions).DefaultIfEmpty("1 = 1"));

    public static async Task<DeliverySearch> OfAsync(Database database, DeliveryFilter filter)
    {
        var search = new DeliverySearch(database, filter);
        if (filter.Merchant is { Length: > 0 } merchant) await search.AnyOfAsync("merchant_id", merchant, "merchants", "name");
        if (filter.Endpoint is { Length: > 0 } endpoint) await search.AnyOfAsync("endpoint_id", endpoint, "webhook_endpoints", "url");
        return search;
    }

    /// <summary>Goes on behind this delivery.</summary>
    public void GoOnBehind(string? id)
    {
        if (id is not null) Bound(Filter.OldestFirst ? "d.id > @behind" : "d.id < @behind", "behind", id);
    }

    /// <summary>Looks at so many rows at most. Answers the last of them, or null where that is all there are.</summary>
    public async Task<string?> StopAfterAsync(int rows)
    {
        if (_isDirect) return null;

        Args.Add("rows", rows - 1);
        var range = string.Join(" AND ", _range.DefaultIfEmpty("1 = 1"));
        var last = await _database.FirstOrDefaultAsync<string>($"SELECT d.id FROM deliveries d WHERE {range} ORDER BY {Order} LIMIT 1 OFFSET @rows", Args);
        if (last is not null) Bound(Filter.OldestFirst ? "d.id <= @last" : "d.id >= @last", "last", last);
        return last;
    }

    /// <summary>Sorts before every delivery that was made since then.</summary>
    private static string Floor(DateTimeOffset time, TimeSpan margin) =>
        Ids.Floor("whd", new DateTimeOffset(Math.Clamp(time.UtcTicks + margin.Ticks, 0, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero));

    private void Bound(string condition, string name, object? value)
    {
        _range.Add(condition);
        Args.Add(name, value);
    }

    private void Require(string condition, string name, object? value)
    {
        _conditions.Add(condition);
        Args.Add(name, value);
    }

    /// <summary>Of what has this id, or this text in its name.</summary>
    private async Task AnyOfAsync(string column, string text, string table, string name)
    {
        var ids = await _database.QueryAsync<string>(
            $"SELECT id FROM {table} WHERE LOWER({name}) LIKE @pattern ESCAPE '!' ORDER BY id DESC LIMIT @MostNames",
            new { pattern = LikePattern.Containing(text.ToLowerInvariant()), MostNames });
        // The id itself always: what it named may be gone.
        Require(_database.AnyOf($"d.{column}", $"@{column}"), column, ids.Append(text).ToArray());
    }
}
