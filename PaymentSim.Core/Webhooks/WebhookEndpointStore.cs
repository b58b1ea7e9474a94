using System.Collections.Concurrent;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Webhooks;

/// <summary>The endpoints' SQL.</summary>
internal sealed class WebhookEndpointStore(Database database)
{
    private const int MostMerchants = 10_000;

    /// <summary>
    /// What <see cref="ListEnabledAsync"/> found: every event asks, and endpoints change seldom. It is filled and emptied inside write units alone,
    /// which one owner of the data runs one after the other.
    /// </summary>
    private readonly ConcurrentDictionary<string, IReadOnlyList<WebhookEndpoint>> _enabled = new();

    public Task InsertAsync(WebhookEndpoint endpoint) => WriteAsync(
        endpoint.MerchantId,
        """
        INSERT INTO webhook_endpoints (id, merchant_id, url, enabled_events, status, disabled_reason, api_version, pinned_version,
            description, metadata, secret, created_at)
        VALUES (@Id, @MerchantId, @Url, @EnabledEvents, @Status, @DisabledReason, @ApiVersion, @PinnedVersion,
            @Description, @Metadata, @Secret, @CreatedAt)
        """,
        Row(endpoint));

    public Task UpdateAsync(WebhookEndpoint endpoint) => WriteAsync(
        endpoint.MerchantId,
        """
        UPDATE webhook_endpoints SET url = @Url, enabled_events = @EnabledEvents, status = @Status, disabled_reason = @DisabledReason,
            description = @Description, metadata = @Metadata
        WHERE merchant_id = @MerchantId AND id = @Id
        """,
        Row(endpoint));

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
    public async Task<WebhookEndpoint> GetAsync(string merchantId, string id) =>
        await FindAsync(merchantId, id) ?? throw new ProblemException(Problem.Missing("webhook endpoint", id));

    /// <summary>The endpoint, from memory where it is enabled and remembered: a sender does not mind a change that is being committed.</summary>
    public async Task<WebhookEndpoint?> FindForSendingAsync(string merchantId, string id) =>
        _enabled.TryGetValue(merchantId, out var known) && known.FirstOrDefault(endpoint => endpoint.Id == id) is { } enabled
            ? enabled
            : await FindAsync(merchantId, id);

    /// <summary>Those of these endpoints, of any of these merchants, that there are.</summary>
    public Task<IReadOnlyList<WebhookEndpoint>> ListAsync(string[] merchantIds, IEnumerable<string> ids) => database.QueryAsync<WebhookEndpoint>(
        $"SELECT * FROM webhook_endpoints WHERE {database.AnyOf("merchant_id", "@merchantIds")} AND {database.AnyOf("id", "@ids")}",
        new { merchantIds, ids = ids.Distinct().ToArray() });

    public async Task<IReadOnlyList<WebhookEndpoint>> ListEnabledAsync(string merchantId)
    {
        var remembers = database is { HasSingleOwner: true, AmbientUnit: not null };
        if (remembers && _enabled.TryGetValue(merchantId, out var known)) return known;

        var found = await database.QueryAsync<WebhookEndpoint>(
            "SELECT * FROM webhook_endpoints WHERE merchant_id = @merchantId AND status = 'enabled'", new { merchantId });
        if (!remembers) return found;
        if (_enabled.Count >= MostMerchants) _enabled.Clear();
        return _enabled[merchantId] = found;
    }

    public Task<Page<WebhookEndpoint>> ListAsync(string merchantId, ListWebhookEndpoints query) => database.PageAsync<WebhookEndpoint>(
        ("webhook_endpoints", "webhook endpoint"), query, merchantId, [], new { }, endpoint => endpoint.Id);

    /// <summary>Forgets what is known of the merchant's endpoints at once, and again when the unit has ended, for it may be rolled back.</summary>
    private Task<int> WriteAsync(string merchantId, string sql, object args)
    {
        _enabled.TryRemove(merchantId, out _);
        database.AtEnd(_ => _enabled.TryRemove(merchantId, out IReadOnlyList<WebhookEndpoint>? _));
        return database.ExecuteAsync(sql, args);
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
        endpoint.CreatedAt,
    };
}
