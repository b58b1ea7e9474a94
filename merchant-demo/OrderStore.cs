using Dapper;

namespace MerchantDemo;

/// <summary>
/// What checkout and the pages read and write. None of it sets a status: only a webhook does, in
/// <see cref="Webhooks.WebhookInbox"/>, and it may arrive before the answer to the charge.
/// </summary>
internal sealed class OrderStore(Database database, TimeProvider time)
{
    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Insert(Order order)
    {
        using var connection = database.Open();
        connection.Execute(
            """
            INSERT INTO orders (id, product_id, product, amount, currency, source, idempotency_key, status,
                                fail_webhooks_left, created, updated)
            VALUES (@Id, @ProductId, @Product, @Amount, @Currency, @Source, @IdempotencyKey, @Status,
                    @FailWebhooksLeft, @Created, @Updated)
            """,
            order);
    }

    public Order? Find(string id)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<Order>("SELECT * FROM orders WHERE id = @id", new { id });
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Order> Newest(int count)
    {
        using var connection = database.Open();
        return connection
            .Query<Order>("SELECT * FROM orders ORDER BY created DESC, rowid DESC LIMIT @count", new { count })
            .AsList();
    }

    /// <summary>The deliveries for one order, in the order they arrived.</summary>
    public IReadOnlyList<WebhookDelivery> Deliveries(string orderId) => [.. Deliveries([orderId])[orderId]];

    /// <summary>The same for many orders with one query.</summary>
    public ILookup<string, WebhookDelivery> Deliveries(IReadOnlyList<string> orderIds)
    {
        using var connection = database.Open();
        return connection
            .Query<string, WebhookDelivery, (string OrderId, WebhookDelivery Delivery)>(
                """
                SELECT order_id, webhook_id AS id, type, received, answer
                FROM webhook_log WHERE order_id IN @orderIds ORDER BY number
                """,
                (orderId, delivery) => (orderId, delivery),
                new { orderIds },
                splitOn: "id")
            .ToLookup(row => row.OrderId, row => row.Delivery);
    }

    public void StoreCharge(string id, string chargeId)
    {
        using var connection = database.Open();
        connection.Execute(
            """
            UPDATE orders SET charge_id = COALESCE(charge_id, @chargeId), api_problem = NULL, updated = @Now
            WHERE id = @id
            """,
            new { id, chargeId, Now });
    }

    /// <summary>Does nothing if a webhook has meanwhile shown that the charge was made after all.</summary>
    public void StoreProblem(string id, string problem)
    {
        using var connection = database.Open();
        connection.Execute(
            """
            UPDATE orders SET api_problem = @problem, updated = @Now
            WHERE id = @id AND charge_id IS NULL AND status = @Pending
            """,
            new { id, problem, Now, OrderStatus.Pending });
    }

    /// <returns>False if there is nothing to retry, also for the second of two clicks.</returns>
    public bool ClearProblem(string id)
    {
        using var connection = database.Open();
        return connection.Execute(
            """
            UPDATE orders SET api_problem = NULL, updated = @Now
            WHERE id = @id AND api_problem IS NOT NULL AND charge_id IS NULL AND status = @Pending
            """,
            new { id, Now, OrderStatus.Pending }) == 1;
    }

    /// <summary>Orders whose charge was under way when the shop was killed: nobody waits for the answer any more.</summary>
    public void OfferRetryOfInterrupted(DateTimeOffset shopStarted)
    {
        using var connection = database.Open();
        connection.Execute(
            """
            UPDATE orders SET api_problem = @problem, updated = @Now
            WHERE charge_id IS NULL AND api_problem IS NULL AND status = @Pending AND created < @before
            """,
            new
            {
                problem = "The shop was stopped before the payment processor answered. " + Checkout.RetryIsSafe,
                before = shopStarted.ToUnixTimeMilliseconds(),
                Now,
                OrderStatus.Pending,
            });
    }

    public string? Setting(string name)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<string>("SELECT value FROM settings WHERE name = @name", new { name });
    }

    public void StoreSettings(IReadOnlyDictionary<string, string> settings)
    {
        using var connection = database.Open();
        using var transaction = connection.BeginTransaction();
        connection.Execute(
            "INSERT INTO settings (name, value) VALUES (@Key, @Value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            settings,
            transaction);
        transaction.Commit();
    }
}
