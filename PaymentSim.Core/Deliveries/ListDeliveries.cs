using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// One page of the deliveries of all merchants that a person looks for: for the dashboard, whose readers may see them all. It looks at a
/// limited number of rows, so that it is fast whatever there is; where that finds less than a page there is more to look at behind
/// <see cref="DeliveryList.Next"/>.
/// </summary>
public sealed record ListDeliveries(DeliveryFilter Filter) : IQuery<DeliveryList>
{
    /// <summary>A delivery's id: the page begins right behind it.</summary>
    public string? Behind { get; init; }

    /// <summary>How many at most.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>A page of deliveries, in the order of <see cref="DeliveryFilter.OldestFirst"/>.</summary>
/// <param name="Next">What to go on behind; null: that is all.</param>
/// <param name="SearchedTo">Where the search stopped before the page was full; null: it did not.</param>
public sealed record DeliveryList(IReadOnlyList<ListedDelivery> Rows, string? Next, DateTimeOffset? SearchedTo);

/// <summary>A delivery in a list for people.</summary>
public sealed record ListedDelivery
{
    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    /// <summary>Null where the merchant is gone.</summary>
    public string? MerchantName { get; init; }

    public required string EventId { get; init; }

    public required string EventType { get; init; }

    /// <summary>What the event is about: <c>ch_…</c>; null where the event is gone.</summary>
    public string? ObjectId { get; init; }

    public required string EndpointId { get; init; }

    /// <summary>Null where the endpoint was deleted.</summary>
    public string? Url { get; init; }

    public required DeliveryStatus Status { get; init; }

    public required long Attempts { get; init; }

    public DateTimeOffset? NextAttemptAt { get; init; }

    public string? LastError { get; init; }

    /// <inheritdoc cref="Delivery.IsHeld"/>
    public bool IsHeld => Status == DeliveryStatus.Pending && NextAttemptAt is null;

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Of the latest attempt.</summary>
    public long? ResponseStatus { get; init; }

    /// <summary>Of the latest attempt, in milliseconds.</summary>
    public long? DurationMs { get; init; }
}

internal sealed class ListDeliveriesHandler(Database database) : IRequestHandler<ListDeliveries, DeliveryList>
{
    /// <summary>So many rows take tens of milliseconds.</summary>
    private const int Rows = 20_000;

    /// <summary>Where each row's event has to be read, too.</summary>
    private const int RowsWithEvents = 10_000;

    public async Task<DeliveryList> Handle(ListDeliveries request, CancellationToken cancellationToken)
    {
        var search = await DeliverySearch.OfAsync(database, request.Filter);
        search.GoOnBehind(request.Behind);
        var last = await search.StopAfterAsync(request.Filter.OldestFirst ? RowsWithEvents : Rows);
        search.Args.Add("limit", request.Limit + 1);
        var rows = await database.QueryAsync<ListedDelivery>(
            $"""
            SELECT d.id, d.merchant_id, m.name AS merchant_name, d.event_id, d.event_type, v.object_id, d.endpoint_id, w.url, d.status, d.attempts,
                d.next_attempt_at, d.last_error, d.created_at, a.response_status, a.duration_ms
            FROM (SELECT d.* FROM {search.Source} WHERE {search.Where} ORDER BY {search.Order} LIMIT @limit) d
            LEFT JOIN merchants m ON m.id = d.merchant_id
            LEFT JOIN events v ON v.merchant_id = d.merchant_id AND v.id = d.event_id
            LEFT JOIN webhook_endpoints w ON w.merchant_id = d.merchant_id AND w.id = d.endpoint_id
            LEFT JOIN delivery_attempts a ON a.delivery_id = d.id AND a.number = d.attempts
            ORDER BY {search.Order}
            """,
            search.Args);
        return rows.Count > request.Limit
            ? new DeliveryList([.. rows.Take(request.Limit)], rows[request.Limit - 1].Id, SearchedTo: null)
            : new DeliveryList(rows, last, last is null ? null : Ids.TimeOf(last));
    }
}
