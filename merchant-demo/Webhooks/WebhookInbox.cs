using Dapper;
using Microsoft.Data.Sqlite;

namespace MerchantDemo.Webhooks;

/// <summary>
/// Applies an event to its order, exactly once. Webhooks are delivered at least once, in any order, and sometimes
/// twice at the same moment; all three are normal.
/// </summary>
internal sealed class WebhookInbox(Database database, OrderUpdates updates, TimeProvider time)
{
    /// <param name="webhookId">Of the header webhook-id: the same for every delivery of the same webhook.</param>
    public WebhookAnswer Receive(string webhookId, WebhookEvent received)
    {
        using var connection = database.Open();

        // BEGIN IMMEDIATE: the write lock is taken before anything is read, so of two deliveries at the same moment
        // the second waits here and then finds the first one's row. Remembering the webhook and changing the order
        // are one transaction: a crash leaves both undone, and the webhook is sent again.
        using var transaction = connection.BeginTransaction(deferred: false);
        var answer = Apply(transaction, webhookId, received);
        connection.Execute(
            """
            INSERT INTO webhook_log (webhook_id, order_id, type, answer, received)
            VALUES (@webhookId, @OrderId, @Type, @Summary, @now)
            """,
            new { webhookId, received.OrderId, received.Type, answer.Summary, now = Now },
            transaction);
        transaction.Commit();

        if (received.OrderId is not null)
            updates.Notify(received.OrderId);
        return answer;
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private WebhookAnswer Apply(SqliteTransaction transaction, string webhookId, WebhookEvent received)
    {
        var connection = transaction.Connection!;
        if (connection.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM webhooks WHERE id = @webhookId)", new { webhookId }, transaction))
            return WebhookAnswer.Duplicate;

        var order = connection.QuerySingleOrDefault<Order>(
            "SELECT * FROM orders WHERE id = @OrderId", new { received.OrderId }, transaction);

        if (order?.FailWebhooksLeft > 0)
        {
            // Not remembered as received: the next attempt must find it new.
            connection.Execute(
                "UPDATE orders SET fail_webhooks_left = fail_webhooks_left - 1, updated = @now WHERE id = @Id",
                new { order.Id, now = Now },
                transaction);
            return WebhookAnswer.FailOnPurpose(order.FailWebhooksLeft - 1);
        }

        connection.Execute(
            "INSERT INTO webhooks (id, event_id, type, received) VALUES (@webhookId, @Id, @Type, @now)",
            new { webhookId, received.Id, received.Type, now = Now },
            transaction);

        // Refusing what does not concern the shop would only have it sent again.
        if (order is null || received.Charge is not { } charge)
            return WebhookAnswer.Ignored;

        // The metadata names the order, but the money decides: a charge of another amount does not pay for it.
        if (charge.Amount != order.Amount || charge.Currency != order.Currency)
            return WebhookAnswer.AmountMismatch;

        var status = WebhookEvent.StatusByType[received.Type];
        if (IsOlder(received, status, order))
            return WebhookAnswer.IgnoredAsOlder;
        if (OrderStatus.IsFinal(order.Status) && !OrderStatus.IsFinal(status))
            return WebhookAnswer.IgnoredAsFinal(order.Status);

        connection.Execute(
            """
            UPDATE orders
            SET status = @status, charge_id = COALESCE(charge_id, @ChargeId), failure_message = @failureMessage,
                api_problem = NULL, last_event_created = @Created, updated = @now
            WHERE id = @OrderId
            """,
            new
            {
                OrderId = order.Id,
                status,
                ChargeId = charge.Id,
                failureMessage = status == OrderStatus.Failed ? charge.FailureMessage ?? "The payment failed." : null,
                received.Created,
                now = Now,
            },
            transaction);
        return WebhookAnswer.Processed;
    }

    /// <summary>By the time the event happened, not the time it arrived; within one second by rank.</summary>
    private static bool IsOlder(WebhookEvent received, string status, Order order) =>
        received.Created < order.LastEventCreated
        || (received.Created == order.LastEventCreated && OrderStatus.Rank(status) < OrderStatus.Rank(order.Status));
}

/// <param name="StatusCode">Any 2xx means "do not send it again", anything else "try later".</param>
/// <param name="Text">The body of the answer; PaymentSim shows it next to the attempt.</param>
/// <param name="Summary">What the order page shows.</param>
internal sealed record WebhookAnswer(int StatusCode, string Text, string Summary)
{
    public static WebhookAnswer Processed { get; } = new(200, "processed", "200");

    public static WebhookAnswer Duplicate { get; } = Ok("duplicate");

    public static WebhookAnswer Ignored { get; } = Ok("ignored");

    public static WebhookAnswer IgnoredAsOlder { get; } = Ok("ignored (older)");

    public static WebhookAnswer AmountMismatch { get; } = Ok("amount mismatch");

    public static WebhookAnswer IgnoredAsFinal(string status) => Ok($"ignored (already {status})");

    public static WebhookAnswer FailOnPurpose(long left) => new(500, $"failing on purpose, {left} left", "500 on purpose");

    private static WebhookAnswer Ok(string text) => new(200, text, text);
}
