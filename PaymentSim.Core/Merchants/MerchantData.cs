using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Merchants;

/// <summary>All rows that belong to a merchant, whatever feature has written them: every table that has a merchant's id, but for its keys.</summary>
internal sealed class MerchantData(Database database, WebhookEndpointStore endpoints)
{
    private const int Batch = 500;

    /// <summary>Looked after in an order of their own.</summary>
    private static readonly string[] Apart = ["api_keys", "webhook_endpoints", "deliveries", "events"];

    /// <summary>Inside a write unit: deletes some of them. Answers how many; 0: there are none left.</summary>
    public async Task<int> DeleteSomeAsync(string merchantId)
    {
        // Endpoints first, so that nothing new is to be sent; an event after its deliveries, whose senders read it.
        if (await endpoints.DeleteAllAsync(merchantId) is > 0 and var deleted) return deleted;
        if (await DeleteSomeEventsAsync(merchantId) is > 0 and var told) return told;

        var tables = await database.TablesWithAsync("merchant_id");
        foreach (var table in tables.Except(Apart))
        {
            var rows = await database.ExecuteAsync(
                $"DELETE FROM {table} WHERE {database.RowId} IN (SELECT {database.RowId} FROM {table} WHERE merchant_id = @merchantId LIMIT @Batch)",
                new { merchantId, Batch });
            if (rows > 0) return rows;
        }

        return 0;
    }

    private async Task<int> DeleteSomeEventsAsync(string merchantId)
    {
        var events = (await database.QueryAsync<string>(
            "SELECT id FROM events WHERE merchant_id = @merchantId ORDER BY id LIMIT @Batch", new { merchantId, Batch })).ToArray();
        if (events.Length == 0) return 0;

        var deliveries = (await database.QueryAsync<string>(
            $"DELETE FROM deliveries WHERE {database.AnyOf("event_id", "@events")} RETURNING id", new { events })).ToArray();
        var attempts = await database.ExecuteAsync(
            $"DELETE FROM delivery_attempts WHERE {database.AnyOf("delivery_id", "@deliveries")}", new { deliveries });
        var rows = await database.ExecuteAsync(
            $"DELETE FROM events WHERE merchant_id = @merchantId AND {database.AnyOf("id", "@events")}", new { merchantId, events });
        return rows + deliveries.Length + attempts;
    }
}
