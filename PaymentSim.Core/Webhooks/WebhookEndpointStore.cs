using System.Collections.Concurrent;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Webhooks;

/// <summary>The endpoints' SQL.</summary>
internal sealed class WebhookEndpointStore(Database database)
{
    private const int MostMerchants = 10_000;

    static WebhookEndpointStore() => TypeHandlers.AddJson<FaultPlan>();

    /// <summary>
    /// What <see cref="ListEnabledAsync"/> found: every event asks, and endpoints change seldom. It is filled and emptied inside write units alone,
    /// which one owner of the data runs one after the other; where there are several, each unit says which version it goes by.
    /// </summary>
    private readonly ConcurrentDictionary<string, Known> _enabled = new();

    public Task InsertAsync(WebhookEndpoint endpoint) => WriteAsync(
        endpoint.MerchantId,
        """
        INSERT INTO webhook_endpoints (id, merchant_id, url, enabled_events, status, disabled_reason, api_version, pinned_version,
            description, metadata, secret, timeout_ms, retry_schedule, rate_limit, headers, ordered, created_at)
        VALUES (@Id, @MerchantId, @Url, @EnabledEvents, @Status, @DisabledReason, @ApiVersion, @PinnedVersion,
            @Description, @Metadata, @Secret, @TimeoutMs, @RetrySchedule, @RateLimit, @Headers, @Ordered, @CreatedAt)
        """,
        Row(endpoint));

    public Task UpdateAsync(WebhookEndpoint endpoint) => WriteAsync(
        endpoint.MerchantId,
        """
        UPDATE webhook_endpoints SET url = @Url, enabled_events = @EnabledEvents, status = @Status, disabled_reason = @DisabledReason,
            api_version = @ApiVersion, pinned_version = @PinnedVersion, description = @Description, metadata = @Metadata,
            secret = @Secret, previous_secret = @PreviousSecret, previous_secret_until = @PreviousSecretUntil, timeout_ms = @TimeoutMs,
            retry_schedule = @RetrySchedule, rate_limit = @RateLimit, headers = @Headers, ordered = @Ordered, failing_since = @FailingSince
        WHERE merchant_id = @MerchantId AND id = @Id
        """,
        Row(endpoint));

    /// <summary>Inside a write unit: what is to go wrong with its webhooks from now on; null: nothing.</summary>
    public Task SetFaultsAsync(WebhookEndpoint endpoint, FaultPlan? plan) => WriteAsync(
        endpoint.MerchantId,
        "UPDATE webhook_endpoints SET faults = @plan WHERE merchant_id = @MerchantId AND id = @Id",
        new { endpoint.MerchantId, endpoint.Id, plan });

    public Task<int> DeleteAsync(string merchantId, string id) =>
        WriteAsync(merchantId, "DELETE FROM webhook_endpoints WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    public Task<int> DeleteAllAsync(string merchantId) =>
        WriteAsync(merchantId, "DELETE FROM webhook_endpoints WHERE merchant_id = @merchantId", new { merchantId });

    public Task<WebhookEndpoint?> FindAsync(string merchantId, string id) => database.FirstOrDefaultAsync<WebhookEndpoint>(
        "SELECT * FROM webhook_endpoints WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    /// <summary>Inside a write unit that is going to change it.</summary>
    public Task<WebhookEndpoint?> FindToChangeAsync(string merchantId, string id) => database.FirstOrDefaultAsync<WebhookEndpoint>(
        $"SELECT * FROM webhook_endpoints WHERE merchant_id = @merchantId AND id = @id {database.ForUpdate}", new { merchantId, id });

    /// <exception cref="ProblemException">This merchant has no such endpoint.</exception>
    public async Task<WebhookEndpoint> GetToChangeAsync(string merchantId, string id) =>
        await FindToChangeAsync(merchantId, id) ?? throw new ProblemException(Problem.Missing("webhook endpoint", id));

    /// <summary>
    /// Inside a write unit that is going to make or change an endpoint of this URL: others that want the same wait. Of several, which older programs let
    /// be made, the first.
    /// </summary>
    public async Task<WebhookEndpoint?> FindByUrlToChangeAsync(string merchantId, string url)
    {
        await database.LockAsync(merchantId, "webhook endpoint " + url);
        return await database.FirstOrDefaultAsync<WebhookEndpoint>(
            $"SELECT * FROM webhook_endpoints WHERE merchant_id = @merchantId AND url = @url ORDER BY id LIMIT 1 {database.ForUpdate}", new { merchantId, url });
    }

    /// <exception cref="ProblemException">This merchant has no such endpoint.</exception>
    public async Task<WebhookEndpoint> GetAsync(string merchantId, string id) =>
        await FindAsync(merchantId, id) ?? throw new ProblemException(Problem.Missing("webhook endpoint", id));

    /// <summary>Inside a write unit: notes when an endpoint, of which that was not known, began to fail.</summary>
    public Task BeginFailingAsync(WebhookEndpoint endpoint, DateTimeOffset now) => WriteHealthAsync(
        endpoint,
        "UPDATE webhook_endpoints SET failing_since = @now WHERE merchant_id = @MerchantId AND id = @Id AND url = @Url AND failing_since IS NULL",
        new { endpoint.MerchantId, endpoint.Id, endpoint.Url, now });

    /// <summary>Inside a write unit: something has arrived.</summary>
    public Task EndFailingAsync(WebhookEndpoint endpoint) => WriteHealthAsync(
        endpoint,
        "UPDATE webhook_endpoints SET failing_since = NULL WHERE merchant_id = @MerchantId AND id = @Id AND url = @Url AND failing_since IS NOT NULL",
        new { endpoint.MerchantId, endpoint.Id, endpoint.Url });

    /// <summary>The endpoint, from memory where it is enabled and remembered: a sender does not mind a change that is being committed.</summary>
    public async Task<WebhookEndpoint?> FindForSendingAsync(string merchantId, string id) =>
        database.HasSingleOwner && _enabled.TryGetValue(merchantId, out var known) && known.Endpoints.FirstOrDefault(endpoint => endpoint.Id == id) is { } enabled
            ? enabled
            : await FindAsync(merchantId, id);

    /// <summary>Those of these endpoints, of any of these merchants, that there are.</summary>
    public Task<IReadOnlyList<WebhookEndpoint>> ListAsync(string[] merchantIds, IEnumerable<string> ids) => database.QueryAsync<WebhookEndpoint>(
        $"SELECT * FROM webhook_endpoints WHERE {database.AnyOf("merchant_id", "@merchantIds")} AND {database.AnyOf("id", "@ids")}",
        new { merchantIds, ids = ids.Distinct().ToArray() });

    public async Task<IReadOnlyList<WebhookEndpoint>> ListEnabledAsync(string merchantId)
    {
        if (database.AmbientUnit is null) return await ReadEnabledAsync(merchantId);
        if (_enabled.TryGetValue(merchantId, out var known))
        {
            await GoByAsync(merchantId, known);
            return known.Endpoints;
        }

        // The version first: endpoints that are newer than theirs are read again, and older ones never go by it.
        var version = await database.FirstOrDefaultAsync<long?>("SELECT endpoints_version FROM merchants WHERE id = @merchantId", new { merchantId });
        var found = await ReadEnabledAsync(merchantId);
        if (version is null) return found;
        if (_enabled.Count >= MostMerchants) _enabled.Clear();
        _enabled[merchantId] = new Known(version.Value, found);
        return found;
    }

    public Task<Page<WebhookEndpoint>> ListAsync(string merchantId, ListWebhookEndpoints query) => database.PageAsync<WebhookEndpoint>(
        ("webhook_endpoints", "webhook endpoint"), query, merchantId, [], new { }, endpoint => endpoint.Id);

    /// <summary>In one order everywhere: so units that hold deliveries back for several of them wait for one another, and never each for the other.</summary>
    private Task<IReadOnlyList<WebhookEndpoint>> ReadEnabledAsync(string merchantId) => database.QueryAsync<WebhookEndpoint>(
        "SELECT * FROM webhook_endpoints WHERE merchant_id = @merchantId AND status = 'enabled' ORDER BY id", new { merchantId });

    /// <summary>Another node may have changed them: then this unit is not committed, and run again without what was known.</summary>
    private Task GoByAsync(string merchantId, Known known)
    {
        if (database.HasSingleOwner) return Task.CompletedTask;
        database.AtEnd(committed =>
        {
            if (!committed) _enabled.TryRemove(KeyValuePair.Create(merchantId, known));
        });
        return database.ExpectAsync("(SELECT endpoints_version FROM merchants WHERE id = @merchantId) = @Version", new { merchantId, known.Version });
    }

    /// <summary>
    /// What only senders want to know. Where nodes share the data they read it each time, so that the version, and with it what every node remembers for
    /// its events, stays.
    /// </summary>
    private async Task WriteHealthAsync(WebhookEndpoint endpoint, string sql, object args)
    {
        if (database.HasSingleOwner) Forget(endpoint.MerchantId);
        await database.SendAsync(sql, args);
    }

    /// <summary>At once, and again when the unit has ended, for it may be rolled back.</summary>
    private void Forget(string merchantId)
    {
        _enabled.TryRemove(merchantId, out _);
        database.AtEnd(_ => _enabled.TryRemove(merchantId, out Known? _));
    }

    private async Task<int> WriteAsync(string merchantId, string sql, object args)
    {
        Forget(merchantId);
        var changed = await database.ExecuteAsync(sql, args);
        await database.SendAsync("UPDATE merchants SET endpoints_version = endpoints_version + 1 WHERE id = @merchantId", new { merchantId });
        return changed;
    }

    private static object Row(WebhookEndpoint endpoint) => new
    {
        endpoint.Id,
        endpoint.MerchantId,
        endpoint.Url,
        endpoint.EnabledEvents,
        Status = endpoint.Status.Wire(),
        endpoint.DisabledReason,
        endpoint.ApiVersion,
        endpoint.PinnedVersion,
        endpoint.Description,
        endpoint.Metadata,
        endpoint.Secret,
        endpoint.PreviousSecret,
        endpoint.PreviousSecretUntil,
        endpoint.TimeoutMs,
        endpoint.RetrySchedule,
        endpoint.RateLimit,
        endpoint.Headers,
        endpoint.Ordered,
        endpoint.FailingSince,
        endpoint.CreatedAt,
    };

    private sealed record Known(long Version, IReadOnlyList<WebhookEndpoint> Endpoints);
}
