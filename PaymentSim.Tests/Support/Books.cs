using System.Data;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace PaymentSim.Tests.Support;

/// <summary>
/// What is true of a simulator's data at every moment, whatever happens to its process or its disk, where every charge was made with a key of
/// its own and after one endpoint for all events had been added.
/// </summary>
internal static class Books
{
    private const string Live = "state NOT IN ('Succeeded', 'Failed', 'Deleted')";

    private const string PendingPayments =
        "SELECT (SELECT COUNT(*) FROM charges WHERE status = 'pending') + (SELECT COUNT(*) FROM deliveries WHERE status = 'pending')";

    private const string PendingJobs = " + (SELECT COUNT(*) FROM jobs WHERE state <> 'Succeeded') + (SELECT COUNT(*) FROM job_queue)";

    /// <summary>What another node was doing is done again when its claim has run out.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private static (string What, string Sql)[] OfPayments =>
    [
        ("charges without an event", "SELECT id FROM charges WHERE id NOT IN (SELECT object_id FROM events)"),
        ("events without a charge", "SELECT id FROM events WHERE object_id NOT IN (SELECT id FROM charges)"),
        ("charges without a key", $"SELECT id FROM charges WHERE id NOT IN (SELECT charge FROM ({Keys}) AS keys)"),
        ("keys without a charge", $"SELECT idempotency_key FROM ({Keys}) AS keys WHERE charge NOT IN (SELECT id FROM charges)"),
        ("charges of several keys", $"SELECT charge FROM ({Keys}) AS keys GROUP BY charge HAVING COUNT(*) > 1"),
        ("events without a delivery", "SELECT id FROM events WHERE id NOT IN (SELECT event_id FROM deliveries)"),
        ("deliveries without an event", "SELECT id FROM deliveries WHERE event_id NOT IN (SELECT id FROM events)"),
        ("events with several deliveries", "SELECT event_id FROM deliveries GROUP BY event_id HAVING COUNT(*) > 1"),
    ];

    /// <summary>Where the jobs are in the payments' own file, they agree with them at every moment, too.</summary>
    private static readonly (string What, string Sql)[] OfTheFile =
    [
        ("damage", "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
        ("deliveries without a job", $"SELECT id FROM deliveries WHERE id NOT IN ({JobsOfDeliveries()})"),
        ("pending deliveries whose job is over", $"SELECT id FROM deliveries WHERE status = 'pending' AND id NOT IN ({JobsOfDeliveries(Live)})"),
        ("pending charges whose job is over", $"SELECT id FROM charges WHERE status = 'pending' AND id NOT IN ({Jobs("SettlementJob", 1)} AND {Live})"),
        ("jobs without a delivery", $"SELECT about FROM ({JobsOfDeliveries()}) WHERE about NOT IN (SELECT id FROM deliveries)"),
        ("jobs without a charge", $"SELECT about FROM ({Jobs("SettlementJob", 1)}) WHERE about NOT IN (SELECT id FROM charges)"),
        ("jobs to be run that are in no queue", "SELECT id FROM jobs WHERE state IN ('Enqueued', 'Processing') AND id NOT IN (SELECT job_id FROM job_queue)"),
        // When its time has come, Hangfire's scheduler moves a job to its queue and leaves its state to the worker that takes it.
        ("jobs that wait for no time", """
            SELECT id FROM jobs WHERE state = 'Scheduled' AND id NOT IN (SELECT job_id FROM job_queue)
                AND 'webhooks:' || id NOT IN (SELECT value FROM job_sets WHERE key = 'schedule')
            """),
    ];

    private static string Keys =>
        $"SELECT idempotency_key, coalesce({(IsFile ? "json_extract(result, '$.charge.id')" : "result::json #>> '{charge,id}'")}, 'none') AS charge FROM idempotency_keys";

    private static bool IsFile => Engines.Current == Engine.Sqlite;

    /// <summary>Fails, and says what is wrong, unless all of it agrees. It may be called while the simulator runs.</summary>
    public static void ShouldBalance(TempFolder folder)
    {
        using var connection = Open(folder);
        using var snapshot = connection is SqliteConnection file ? file.BeginTransaction(deferred: true) : connection.BeginTransaction(IsolationLevel.RepeatableRead);
        OfPayments.Concat(IsFile ? OfTheFile : [])
            .SelectMany(rule => connection.Query<string>(rule.Sql, transaction: snapshot).Select(id => $"{rule.What}: {id}")).ToList().ShouldBeEmpty();
    }

    /// <summary>Waits until nothing is left to be settled, sent or recorded; then all of it must agree.</summary>
    public static async Task ShouldCloseAsync(TempFolder folder)
    {
        await Eventually.HoldsAsync(
            () => Task.FromResult(Count(folder, IsFile ? PendingPayments + PendingJobs : PendingPayments)), left => left == 0, "nothing is left to be settled, sent or recorded", Limit);
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

    private static DbConnection Open(TempFolder folder)
    {
        if (!IsFile) return Databases.OpenRawOfEngine(folder);
        var connection = new SqliteConnection($"Data Source={folder.File("paymentsim.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>What the jobs of a class are about: one of their arguments, each of which Hangfire keeps as JSON in JSON.</summary>
    private static string Jobs(string type, int argument) =>
        $"SELECT trim(json_extract(arguments, '$[{argument}]'), '\"') AS about FROM jobs WHERE type LIKE '%.{type},%'";

    /// <summary>The deliveries of jobs, whether they have one or several.</summary>
    private static string JobsOfDeliveries(string where = "true") =>
        $"{Jobs("WebhookJob", 0)} AND {where} UNION ALL SELECT value FROM (SELECT json_extract(arguments, '$[0]') AS batch FROM jobs WHERE type LIKE '%.WebhookBatchJob,%' AND {where}), json_each(batch)";
}
