using System.Text.Json;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// What <see cref="DeliveryStore"/> does for one delivery, for a batch of them: in one statement each on PostgreSQL, where a statement is a journey; one by one in the
/// embedded database.
/// </summary>
internal sealed class BatchStore(Database database, DeliveryStore deliveries, DeliveryClaim claim, DeliveryRecord record, FaultStore faults)
{
    /// <summary>
    /// Inside a write unit: takes pending deliveries for one sender, each only as it was read, and writes their attempts. Answers the ids of those
    /// that were taken.
    /// </summary>
    public async Task<HashSet<string>> ClaimAsync(IReadOnlyList<ClaimedDelivery> batch, DateTimeOffset now)
    {
        if (database.HasSingleOwner)
        {
            var own = await claim.TakeAsync(batch, now);
            return [.. own.Select(one => one.Delivery.Id)];
        }

        var taken = (await database.QueryAsync<string>(
            """
            UPDATE deliveries d SET claimed_until = @until, attempts = d.attempts + 1
            FROM unnest(@ids, @attempts, @triggers, @due, @claimed) AS r (id, attempts, trigger_kind, due, claimed)
            WHERE d.id = r.id AND d.status = 'pending' AND d.attempts = r.attempts AND d.trigger_kind = r.trigger_kind
                AND d.next_attempt_at = r.due AND COALESCE(d.claimed_until, 0) = r.claimed
            RETURNING d.id
            """,
            new
            {
                ids = Each(batch, claimed => claimed.Delivery.Id),
                attempts = Each(batch, claimed => claimed.Delivery.Attempts),
                triggers = Each(batch, claimed => claimed.Delivery.TriggerKind.Wire()),
                due = Each(batch, claimed => claimed.Delivery.NextAttemptAt!.Value.ToUnixTimeMilliseconds()),
                claimed = Each(batch, claimed => claimed.Delivery.ClaimedUntil?.ToUnixTimeMilliseconds() ?? 0),
                until = claim.Until(now, batch.Select(claimed => claimed.Endpoint)),
            })).ToHashSet();
        var mine = batch.Where(claimed => taken.Contains(claimed.Delivery.Id)).ToList();
        await MarkInterruptedAsync([.. mine.Where(claimed => claimed.Delivery.ClaimedUntil is not null).Select(claimed => claimed.Delivery.Id)]);
        await InsertAttemptsAsync(mine, now);
        // In one order everywhere, so that two that count for the same endpoints wait for one another instead of each for the other.
        foreach (var claimed in mine.Where(claimed => claimed.Faults is not null).OrderBy(claimed => claimed.Endpoint.Id, StringComparer.Ordinal))
            await faults.PlayAsync(claimed);
        return taken;
    }

    /// <summary>Inside a write unit: they have arrived, whatever became of them meanwhile.</summary>
    public async Task SucceedAsync(IReadOnlyList<SentDelivery> batch, DateTimeOffset now)
    {
        if (batch.Count == 0) return;
        if (database.HasSingleOwner)
        {
            await record.SuccessAsync(batch, now);
            return;
        }

        await database.ExecuteAsync(
            """
            UPDATE delivery_attempts a SET outcome = 'succeeded', response_status = r.status, response_headers = r.headers, response_body = r.body,
                response_truncated = r.truncated, error_class = NULL, error = NULL, duration_ms = r.duration, timings = r.timings
            FROM unnest(@ids, @numbers, @statuses, @headers, @bodies, @truncated, @durations, @timings)
                AS r (id, number, status, headers, body, truncated, duration, timings)
            WHERE a.delivery_id = r.id AND a.number = r.number
            """,
            new
            {
                ids = Each(batch, sent => sent.Claimed.Delivery.Id),
                numbers = Each(batch, sent => sent.Claimed.Attempt),
                statuses = Each(batch, sent => (long)sent.Result.Status!.Value),
                headers = Each(batch, sent => Json(sent.Result.Headers!)),
                bodies = Each(batch, sent => sent.Result.Body),
                truncated = Each(batch, sent => sent.Result.IsTruncated),
                durations = Each(batch, sent => (long)sent.Result.Duration.TotalMilliseconds),
                timings = Each(batch, sent => Json(sent.Result.Timings!)),
            });
        await deliveries.SetAlteredAsync(batch);
        await database.ExecuteAsync(
            $"""
            UPDATE deliveries SET status = 'succeeded', next_attempt_at = NULL, claimed_until = NULL, last_error = NULL, completed_at = @now
            WHERE {database.AnyOf("id", "@ids")}
            """,
            new { ids = Each(batch, sent => sent.Claimed.Delivery.Id), now });
        await record.ArrivedAsync(Each(batch, sent => sent.Claimed), now);
    }

    private async Task MarkInterruptedAsync(string[] ids)
    {
        if (ids.Length == 0) return;
        await database.ExecuteAsync(
            $"UPDATE delivery_attempts SET outcome = 'interrupted' WHERE {database.AnyOf("delivery_id", "@ids")} AND outcome = 'open'", new { ids });
    }

    private async Task InsertAttemptsAsync(IReadOnlyList<ClaimedDelivery> batch, DateTimeOffset now)
    {
        if (batch.Count == 0) return;
        await database.ExecuteAsync(
            """
            INSERT INTO delivery_attempts (delivery_id, number, trigger_kind, outcome, url, request_headers, started_at)
            SELECT r.id, r.number, r.trigger_kind, 'open', r.url, r.headers, @now
            FROM unnest(@ids, @numbers, @triggers, @urls, @headers) AS r (id, number, trigger_kind, url, headers)
            """,
            new
            {
                ids = Each(batch, claimed => claimed.Delivery.Id),
                numbers = Each(batch, claimed => claimed.Attempt),
                triggers = Each(batch, claimed => claimed.Delivery.TriggerKind.Wire()),
                urls = Each(batch, claimed => claimed.Endpoint.Url),
                headers = Each(batch, claimed => Json(claimed.Webhook.SentHeaders)),
                now,
            });
    }

    private static T[] Each<TItem, T>(IReadOnlyList<TItem> batch, Func<TItem, T> column) => [.. batch.Select(column)];

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, CoreJson.Options);
}
