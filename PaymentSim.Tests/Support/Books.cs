using Dapper;
using Microsoft.Data.Sqlite;

namespace PaymentSim.Tests.Support;

/// <summary>
/// What is true of a simulator's file at every moment, whatever happens to its process or its disk, where every charge was made with a key of
/// its own and after one endpoint for all events had been added.
/// </summary>
internal static class Books
{
    private const string Live = "state NOT IN ('Succeeded', 'Failed', 'Deleted')";

    private const string LeftOver =
        """
        SELECT (SELECT COUNT(*) FROM charges WHERE status = 'pending') + (SELECT COUNT(*) FROM deliveries WHERE status = 'pending')
            + (SELECT COUNT(*) FROM jobs WHERE state <> 'Succeeded') + (SELECT COUNT(*) FROM job_queue)
        """;

    private static readonly (string What, string Sql)[] Rules =
    [
        ("damage", "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
        ("charges without an event", "SELECT id FROM charges WHERE id NOT IN (SELECT object_id FROM events)"),
        ("events without a charge", "SELECT id FROM events WHERE object_id NOT IN (SELECT id FROM charges)"),
        ("charges without a key", $"SELECT id FROM charges WHERE id NOT IN (SELECT charge FROM ({Keys}))"),
        ("keys without a charge", $"SELECT idempotency_key FROM ({Keys}) WHERE charge NOT IN (SELECT id FROM charges)"),
        ("charges of several keys", $"SELECT charge FROM ({Keys}) GROUP BY charge HAVING COUNT(*) > 1"),
        ("events without a delivery", "SELECT id FROM events WHERE id NOT IN (SELECT event_id FROM deliveries)"),
        ("deliveries without an event", "SELECT id FROM deliveries WHERE event_id NOT IN (SELECT id FROM events)"),
        ("events with several deliveries", "SELECT event_id FROM deliveries GROUP BY event_id HAVING COUNT(*) > 1"),
        ("deliveries without a job", $"SELECT id FROM deliveries WHERE id NOT IN ({Jobs("WebhookJob", 0)})"),
        ("pending deliveries whose job is over", $"SELECT id FROM deliveries WHERE status = 'pending' AND id NOT IN ({Jobs("WebhookJob", 0)} AND {Live})"),
        ("pending charges whose job is over", $"SELECT id FROM charges WHERE status = 'pending' AND id NOT IN ({Jobs("SettlementJob", 1)} AND {Live})"),
        ("jobs without a delivery", $"SELECT about FROM ({Jobs("WebhookJob", 0)}) WHERE about NOT IN (SELECT id FROM deliveries)"),
        ("jobs without a charge", $"SELECT about FROM ({Jobs("SettlementJob", 1)}) WHERE about NOT IN (SELECT id FROM charges)"),
        ("jobs to be run that are in no queue", "SELECT id FROM jobs WHERE state IN ('Enqueued', 'Processing') AND id NOT IN (SELECT job_id FROM job_queue)"),
        ("jobs that wait for no time", "SELECT id FROM jobs WHERE state = 'Scheduled' AND 'webhooks:' || id NOT IN (SELECT value FROM job_sets WHERE key = 'schedule')"),
    ];

    private static string Keys => "SELECT idempotency_key, coalesce(json_extract(result, '$.charge.id'), 'none') AS charge FROM idempotency_keys";

    /// <summary>Fails, and says what is wrong, unless all of it agrees. It may be called while the simulator runs.</summary>
    public static void ShouldBalance(TempFolder folder)
    {
        using var connection = Open(folder);
        using var snapshot = connection.BeginTransaction(deferred: true);
        Rules.SelectMany(rule => connection.Query<string>(rule.Sql, transaction: snapshot).Select(id => $"{rule.What}: {id}")).ToList().ShouldBeEmpty();
    }

    /// <summary>Waits until nothing is left to be settled, sent or recorded; then all of it must agree.</summary>
    public static async Task ShouldCloseAsync(TempFolder folder)
    {
        await Eventually.HoldsAsync(
            () => Task.FromResult(Count(folder, LeftOver)), left => left == 0, "nothing is left to be settled, sent or recorded", TimeSpan.FromSeconds(60));
        ShouldBalance(folder);
        Count(folder, "SELECT COUNT(*) FROM deliveries WHERE status <> 'succeeded'").ShouldBe(0);
        Count(folder, "SELECT COUNT(*) FROM delivery_attempts WHERE outcome = 'open'").ShouldBe(0);
    }

    /// <summary>The number that a query answers.</summary>
    public static long Count(TempFolder folder, string sql)
    {
        using var connection = Open(folder);
        return connection.ExecuteScalar<long>(sql);
    }

    private static SqliteConnection Open(TempFolder folder)
    {
        var connection = new SqliteConnection($"Data Source={folder.File("paymentsim.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>What the jobs of a class are about: one of their arguments, each of which Hangfire keeps as JSON in JSON.</summary>
    private static string Jobs(string type, int argument) =>
        $"SELECT trim(json_extract(arguments, '$[{argument}]'), '\"') AS about FROM jobs WHERE type LIKE '%.{type},%'";
}
