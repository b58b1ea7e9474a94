using System.Text;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>A delivery that is to be sent now.</summary>
internal sealed record DueDelivery
{
    public required string Id { get; init; }

    public required long Failures { get; init; }

    public required DeliveryTrigger TriggerKind { get; init; }
}

/// <summary>Deliveries to one endpoint that wait for one another.</summary>
internal sealed record OrderLine
{
    public required string EndpointId { get; init; }

    public required string OrderKey { get; init; }
}

/// <summary>A delivery that has attempts to show.</summary>
internal sealed record AttemptedDelivery
{
    public required string Id { get; init; }

    /// <summary>Null where the delivery itself is gone.</summary>
    public DeliveryStatus? Status { get; init; }
}

/// <summary>The deliveries' and attempts' SQL.</summary>
internal sealed class DeliveryStore(Database database)
{
    static DeliveryStore() => TypeHandlers.AddJson<AttemptTimings>();

    public Task InsertAsync(Delivery delivery) => database.SendAsync(
        """
        INSERT INTO deliveries (id, merchant_id, event_id, event_type, endpoint_id, status, trigger_kind, attempts, failures, next_attempt_at, last_error,
            order_key, created_at)
        VALUES (@Id, @MerchantId, @EventId, @EventType, @EndpointId, @Status, @TriggerKind, @Attempts, @Failures, @NextAttemptAt, @LastError,
            @OrderKey, @CreatedAt)
        """,
        new
        {
            delivery.Id,
            delivery.MerchantId,
            delivery.EventId,
            delivery.EventType,
            delivery.EndpointId,
            Status = delivery.Status.Wire(),
            TriggerKind = delivery.TriggerKind.Wire(),
            delivery.Attempts,
            delivery.Failures,
            delivery.NextAttemptAt,
            delivery.LastError,
            delivery.OrderKey,
            delivery.CreatedAt,
        });

    public Task<Delivery?> FindAsync(string id) =>
        database.FirstOrDefaultAsync<Delivery>("SELECT * FROM deliveries WHERE id = @id", new { id });

    /// <summary>Inside a write unit that is going to change it.</summary>
    public Task<Delivery?> FindToChangeAsync(string id) =>
        database.FirstOrDefaultAsync<Delivery>($"SELECT * FROM deliveries WHERE id = @id {database.ForUpdate}", new { id });

    /// <summary>Those of these that there are, in the order of their ids.</summary>
    public Task<IReadOnlyList<Delivery>> ListAsync(IReadOnlyList<string> ids) =>
        database.QueryAsync<Delivery>($"SELECT * FROM deliveries WHERE {database.AnyOf("id", "@ids")} ORDER BY id", new { ids = ids.ToArray() });

    /// <summary>Inside a write unit that is going to change them.</summary>
    public Task<IReadOnlyList<Delivery>> ListToChangeAsync(IReadOnlyList<string> ids) => database.QueryAsync<Delivery>(
        $"SELECT * FROM deliveries WHERE {database.AnyOf("id", "@ids")} ORDER BY id {database.ForUpdate}", new { ids = ids.ToArray() });

    /// <summary>Takes a pending delivery for one sender. False: something has happened to it since it was read.</summary>
    public async Task<bool> ClaimAsync(Delivery delivery, DateTimeOffset until) => await database.ExecuteAsync(
        """
        UPDATE deliveries SET claimed_until = @until, attempts = attempts + 1
        WHERE id = @Id AND status = 'pending' AND attempts = @Attempts AND trigger_kind = @TriggerKind
            AND next_attempt_at = @NextAttemptAt AND COALESCE(claimed_until, 0) = @claimed
        """,
        new
        {
            delivery.Id,
            delivery.Attempts,
            TriggerKind = delivery.TriggerKind.Wire(),
            delivery.NextAttemptAt,
            claimed = delivery.ClaimedUntil?.ToUnixTimeMilliseconds() ?? 0,
            until,
        }) == 1;

    public Task InsertAttemptsAsync(IEnumerable<DeliveryAttempt> attempts) => database.ExecuteAsync(
        """
        INSERT INTO delivery_attempts (delivery_id, number, trigger_kind, outcome, url, request_headers, started_at)
        VALUES (@DeliveryId, @Number, @TriggerKind, @Outcome, @Url, @RequestHeaders, @StartedAt)
        """,
        attempts.Select(attempt => new
        {
            attempt.DeliveryId,
            attempt.Number,
            TriggerKind = attempt.TriggerKind.Wire(),
            Outcome = attempt.Outcome.Wire(),
            attempt.Url,
            attempt.RequestHeaders,
            attempt.StartedAt,
        }));

    /// <summary>Attempts that a crash left open.</summary>
    public Task MarkInterruptedAsync(string deliveryId) => database.ExecuteAsync(
        "UPDATE delivery_attempts SET outcome = 'interrupted' WHERE delivery_id = @deliveryId AND outcome = 'open'", new { deliveryId });

    /// <summary>All attempts that the process that is gone was making.</summary>
    public Task MarkAllInterruptedAsync() => database.ExecuteAsync(
        """
        UPDATE delivery_attempts SET outcome = 'interrupted'
        WHERE outcome = 'open' AND delivery_id IN (SELECT id FROM deliveries WHERE status = 'pending' AND claimed_until IS NOT NULL)
        """);

    /// <param name="attempts">What came of them.</param>
    /// <param name="outcome">How they ended.</param>
    /// <param name="next">The next attempt, where one is planned.</param>
    public async Task CompleteAttemptsAsync(IReadOnlyCollection<SentDelivery> attempts, AttemptOutcome outcome, DateTimeOffset? next = null)
    {
        await database.ExecuteAsync(
            """
            UPDATE delivery_attempts SET outcome = @Outcome, response_status = @Status, response_headers = @Headers, response_body = @Body,
                response_truncated = @IsTruncated, error_class = @ErrorClass, error = @Error, duration_ms = @DurationMs, timings = @Timings,
                next_attempt_at = @next
            WHERE delivery_id = @Id AND number = @Attempt
            """,
            attempts.Select(sent => new
            {
                sent.Claimed.Delivery.Id,
                sent.Claimed.Attempt,
                Outcome = outcome.Wire(),
                sent.Result.Status,
                sent.Result.Headers,
                sent.Result.Body,
                sent.Result.IsTruncated,
                ErrorClass = sent.Result.ErrorClass?.Wire(),
                sent.Result.Error,
                DurationMs = (long)sent.Result.Duration.TotalMilliseconds,
                sent.Result.Timings,
                next,
            }));
        await SetAlteredAsync(attempts);
    }

    /// <summary>Keeps the requests of those that were sent otherwise than their attempts say.</summary>
    public async Task SetAlteredAsync(IEnumerable<SentDelivery> attempts)
    {
        foreach (var (claimed, result) in attempts)
        {
            if (result.Altered is { } sent) await SetRequestAsync(claimed.Delivery.Id, claimed.Attempt, sent);
        }
    }

    /// <summary>Keeps a request that was changed since its attempt was written.</summary>
    public Task SetRequestAsync(string deliveryId, long number, SignedWebhook sent) => database.ExecuteAsync(
        "UPDATE delivery_attempts SET request_headers = @SentHeaders, request_body = @body WHERE delivery_id = @deliveryId AND number = @number",
        new { deliveryId, number, sent.SentHeaders, body = Encoding.UTF8.GetString(sent.Body).Replace('\0', '\uFFFD') });

    /// <summary>They have arrived, whatever became of them meanwhile.</summary>
    public Task SucceedAsync(IEnumerable<string> ids, DateTimeOffset now) => database.ExecuteAsync(
        """
        UPDATE deliveries SET status = 'succeeded', next_attempt_at = NULL, claimed_until = NULL, last_error = NULL, completed_at = @now
        WHERE id = @id
        """,
        ids.Select(id => new { id, now }));

    /// <summary>Stores where the delivery stands now, and gives its claim back.</summary>
    public Task SetStateAsync(Delivery delivery) => database.ExecuteAsync(
        """
        UPDATE deliveries SET status = @Status, trigger_kind = @TriggerKind, failures = @Failures, next_attempt_at = @NextAttemptAt,
            automatic_at = @AutomaticAt, claimed_until = @ClaimedUntil, last_error = @LastError, order_key = @OrderKey, completed_at = @CompletedAt
        WHERE id = @Id
        """,
        new
        {
            delivery.Id,
            Status = delivery.Status.Wire(),
            TriggerKind = delivery.TriggerKind.Wire(),
            delivery.Failures,
            delivery.NextAttemptAt,
            delivery.AutomaticAt,
            delivery.ClaimedUntil,
            delivery.LastError,
            delivery.OrderKey,
            delivery.CompletedAt,
        });

    /// <summary>Gives a claim back and changes nothing else.</summary>
    public Task ReleaseAsync(string id) => database.ExecuteAsync("UPDATE deliveries SET claimed_until = NULL WHERE id = @id", new { id });

    /// <summary>Claims of a process that is gone: its deliveries may be sent again at once.</summary>
    public Task<int> ReleaseClaimsAsync() =>
        database.ExecuteAsync("UPDATE deliveries SET claimed_until = NULL WHERE status = 'pending' AND claimed_until IS NOT NULL");

    /// <summary>Due deliveries that nobody is sending and whose endpoint takes them (or is gone, so that they can be cancelled).</summary>
    public Task<IReadOnlyList<DueDelivery>> ListDueAsync(DateTimeOffset now, string afterId, int limit) => database.QueryAsync<DueDelivery>(
        """
        SELECT d.id, d.failures, d.trigger_kind FROM deliveries d
        LEFT JOIN webhook_endpoints w ON w.merchant_id = d.merchant_id AND w.id = d.endpoint_id
        WHERE d.status = 'pending' AND d.id > @afterId AND d.next_attempt_at <= @now
            AND (d.claimed_until IS NULL OR d.claimed_until <= @now) AND (w.id IS NULL OR w.status = 'enabled')
        ORDER BY d.id LIMIT @limit
        """,
        new { now, afterId, limit });

    /// <summary>The delivery behind which a new one of this line would stand.</summary>
    public Task<string?> FindLastInLineAsync(string endpointId, string orderKey) => database.FirstOrDefaultAsync<string>(
        "SELECT id FROM deliveries WHERE endpoint_id = @endpointId AND order_key = @orderKey AND status = 'pending' ORDER BY id DESC LIMIT 1",
        new { endpointId, orderKey });

    /// <summary>Lets the first one that is held back of a line go, if no other of it is on its way. Answers its id.</summary>
    public Task<IReadOnlyList<string>> LetNextGoAsync(string endpointId, string orderKey, DateTimeOffset now) => database.QueryAsync<string>(
        """
        UPDATE deliveries SET next_attempt_at = @now, last_error = NULL
        WHERE id = (SELECT MIN(id) FROM deliveries WHERE endpoint_id = @endpointId AND order_key = @orderKey AND status = 'pending' AND next_attempt_at IS NULL)
            AND NOT EXISTS (
                SELECT 1 FROM deliveries o
                WHERE o.endpoint_id = @endpointId AND o.order_key = @orderKey AND o.status = 'pending' AND o.next_attempt_at IS NOT NULL)
        RETURNING id
        """,
        new { endpointId, orderKey, now });

    /// <summary>Lets those of these that are held back go, out of their lines. Answers which they were.</summary>
    public Task<IReadOnlyList<string>> LetGoAsync(IReadOnlyList<string> ids, DateTimeOffset now) => database.QueryAsync<string>(
        $"""
        UPDATE deliveries SET next_attempt_at = @now, last_error = NULL, order_key = NULL
        WHERE {database.AnyOf("id", "@ids")} AND status = 'pending' AND next_attempt_at IS NULL
        RETURNING id
        """,
        new { ids = ids.ToArray(), now });

    /// <summary>Those that are held back for an endpoint that wants no order, or is not there.</summary>
    public Task<IReadOnlyList<string>> ListHeldWithoutOrderAsync(int limit) => database.QueryAsync<string>(
        """
        SELECT d.id FROM deliveries d
        LEFT JOIN webhook_endpoints w ON w.merchant_id = d.merchant_id AND w.id = d.endpoint_id
        WHERE d.status = 'pending' AND d.order_key IS NOT NULL AND d.next_attempt_at IS NULL AND (w.id IS NULL OR NOT w.ordered)
        LIMIT @limit
        """,
        new { limit });

    /// <summary>Lines in which some are held back and none is on its way.</summary>
    public Task<IReadOnlyList<OrderLine>> ListStrandedLinesAsync(int limit) => database.QueryAsync<OrderLine>(
        """
        SELECT DISTINCT d.endpoint_id, d.order_key FROM deliveries d
        WHERE d.status = 'pending' AND d.order_key IS NOT NULL AND d.next_attempt_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM deliveries o
            WHERE o.endpoint_id = d.endpoint_id AND o.order_key = d.order_key AND o.status = 'pending' AND o.next_attempt_at IS NOT NULL)
        LIMIT @limit
        """,
        new { limit });
    /// <summary>The earliest time after this one at which one is due; null: never.</summary>
    public Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after) => database.FirstTimeAsync(
        """
        SELECT MIN(d.next_attempt_at) FROM deliveries d
        LEFT JOIN webhook_endpoints w ON w.merchant_id = d.merchant_id AND w.id = d.endpoint_id
        WHERE d.status = 'pending' AND d.next_attempt_at > @after AND (w.id IS NULL OR w.status = 'enabled')
        """,
        new { after });

    /// <summary>
    /// Inside a write unit that is going to change them: what an endpoint has not taken, which is to say that it failed for good or waits for a retry,
    /// in the order of ids.
    /// </summary>
    /// <param name="time">When they were made: from the first time on, before the second.</param>
    public Task<IReadOnlyList<Delivery>> ListMissedToChangeAsync(
        WebhookEndpoint endpoint, (DateTimeOffset Since, DateTimeOffset Until) time, DateTimeOffset now, string afterId, int limit) => database.QueryAsync<Delivery>(
        $"""
        SELECT * FROM deliveries
        WHERE endpoint_id = @Id AND merchant_id = @MerchantId AND failures > 0 AND id > @afterId AND created_at >= @Since AND created_at < @Until
            AND (status = 'failed' OR (status = 'pending' AND next_attempt_at > @now AND claimed_until IS NULL))
        ORDER BY id LIMIT @limit {database.ForUpdate}
        """,
        new { endpoint.Id, endpoint.MerchantId, time.Since, time.Until, now, afterId, limit });

    /// <summary>Inside a write unit that is going to change them.</summary>
    public Task<IReadOnlyList<Delivery>> ListOfEventToChangeAsync(string merchantId, string eventId) => database.QueryAsync<Delivery>(
        $"SELECT * FROM deliveries WHERE event_id = @eventId AND merchant_id = @merchantId ORDER BY id {database.ForUpdate}", new { merchantId, eventId });

    public Task<IReadOnlyList<Delivery>> ListOfEventAsync(string merchantId, string eventId) => database.QueryAsync<Delivery>(
        "SELECT * FROM deliveries WHERE event_id = @eventId AND merchant_id = @merchantId ORDER BY id", new { merchantId, eventId });

    /// <summary>Deliveries with attempts, made before a floor of ids, in the order of their ids.</summary>
    public Task<IReadOnlyList<AttemptedDelivery>> ListWithAttemptsAsync(string afterId, string floor, int limit) => database.QueryAsync<AttemptedDelivery>(
        """
        SELECT a.delivery_id AS id, d.status FROM (
            SELECT DISTINCT delivery_id FROM delivery_attempts WHERE delivery_id > @afterId AND delivery_id < @floor ORDER BY delivery_id LIMIT @limit) a
        LEFT JOIN deliveries d ON d.id = a.delivery_id
        ORDER BY a.delivery_id
        """,
        new { afterId, floor, limit });

    /// <summary>Inside a write unit: forgets those attempts of these deliveries that are older, unless they are to be sent again meanwhile.</summary>
    public Task<int> PruneAttemptsAsync(string[] ids, DateTimeOffset before) => database.ExecuteAsync(
        $"""
        DELETE FROM delivery_attempts WHERE {database.AnyOf("delivery_id", "@ids")} AND started_at < @before
            AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.id = delivery_attempts.delivery_id AND d.status = 'pending')
        """,
        new { ids, before });

    public Task<IReadOnlyList<DeliveryAttempt>> ListAttemptsAsync(string deliveryId) => database.QueryAsync<DeliveryAttempt>(
        "SELECT * FROM delivery_attempts WHERE delivery_id = @deliveryId ORDER BY number", new { deliveryId });
}
