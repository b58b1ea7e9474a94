using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Webhooks;

/// <summary>The endpoints' SQL.</summary>
internal sealed class WebhookEndpointStore(Database database)
{
    public Task InsertAsync(WebhookEndpoint endpoint) => database.ExecuteAsync(
        """
        INSERT INTO webhook_endpoints (id, merchant_id, url, enabled_events, status, disabled_reason, api_version, pinned_version,
            description, metadata, secret, created_at)
        VALUES (@Id, @MerchantId, @Url, @EnabledEvents, @Status, @DisabledReason, @ApiVersion, @PinnedVersion,
            @Description, @Metadata, @Secret, @CreatedAt)
        """,
        Row(endpoint));

    public Task UpdateAsync(WebhookEndpoint endpoint) => database.ExecuteAsync(
        """
        UPDATE webhook_endpoints SET url = @Url, enabled_events = @EnabledEvents, status = @Status, disabled_reason = @DisabledReason,
            description = @Description, metadata = @Metadata
        WHERE merchant_id = @MerchantId AND id = @Id
        """,
        Row(endpoint));

    public Task<int> DeleteAsync(string merchantId, string id) =>
        database.ExecuteAsync("DELETE FROM webhook_endpoints WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    public Task<WebhookEndpoint?> FindAsync(string merchantId, string id) => database.FirstOrDefaultAsync<WebhookEndpoint>(
        "SELECT * FROM webhook_endpoints WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    /// <exception cref="ProblemException">This merchant has no such endpoint.</exception>
    public async Task<WebhookEndpoint> GetAsync(string merchantId, string id) =>
        await FindAsync(merchantId, id) ?? throw new ProblemException(Problem.Missing("webhook endpoint", id));

    public Task<IReadOnlyList<WebhookEndpoint>> ListEnabledAsync(string merchantId) => database.QueryAsync<WebhookEndpoint>(
        "SELECT * FROM webhook_endpoints WHERE merchant_id = @merchantId AND status = 'enabled'", new { merchantId });

    public Task<Page<WebhookEndpoint>> ListAsync(string merchantId, ListWebhookEndpoints query) => database.PageAsync<WebhookEndpoint>(
        ("webhook_endpoints", "webhook endpoint"), query, merchantId, [], new { }, endpoint => endpoint.Id);

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
