using System.Collections.Concurrent;
using System.Text.Json;
using Bogus;
using Dapper;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>The process is killed under load, again and again: what was acknowledged is there, and everything that is there has been told.</summary>
public sealed class CrashTests
{
    private const int Clients = 16;
    private const int Rounds = 3;
    private const string Key = "sk_test_crash";

    private static readonly string[] Settings =
    [
        "--Webhooks:RetrySchedule=1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s", "--Webhooks:Timeout=5s", "--Webhooks:SweepInterval=500ms", "--Logging:LogLevel:Default=Warning",
    ];

    [EngineTheory]
    [InlineData(20250615)]
    [InlineData(7)]
    public async Task After_kill_9_under_load_every_acknowledged_charge_is_there_once_and_every_webhook_arrives(int seed)
    {
        using var folder = new TempFolder();
        var random = new Randomizer(seed);
        var count = 0;
        // Every 7th request fails, every 11th is slow.
        await using var receiver = await Receiver.StartAsync(async context =>
        {
            var n = Interlocked.Increment(ref count);
            if (n % 11 == 0) await Task.Delay(300);
            context.Response.StatusCode = n % 7 == 0 ? 500 : 200;
        });
        var acknowledged = new ConcurrentDictionary<string, string>();
        var (secret, settings) = ("", Settings);

        for (var round = 0; round < Rounds; round++)
        {
            await using var process = await SimulatorProcess.ServeAsync(folder, settings);
            settings = [.. Settings, $"--urls={process.Url}"];
            using var http = new HttpClient { BaseAddress = new Uri(process.Url) };
            var merchant = new Merchant(Key, http);
            if (round == 0) secret = (await merchant.AddEndpointAsync(receiver.Url)).Secret;

            var (enough, before) = (random.Int(60, 250), acknowledged.Count);
            var load = Task.WhenAll(Enumerable.Range(0, Clients).Select(client => ChargeUntilItDiesAsync(merchant, $"round-{round}-client-{client}", acknowledged)));
            await Eventually.HoldsAsync(() => Task.FromResult(acknowledged.Count >= before + enough), $"{enough} charges are acknowledged");
            await process.KillAsync();
            await load;
        }

        await using var last = await SimulatorProcess.ServeAsync(folder, settings);
        using var client = new HttpClient { BaseAddress = new Uri(last.Url) };
        var survivor = new Merchant(Key, client);

        // What was acknowledged is there, once; its key answers with it still.
        var charges = await survivor.IdsAsync("/v1/charges");
        charges.Distinct().Count().ShouldBe(charges.Count);
        acknowledged.Values.Except(charges).ShouldBeEmpty();
        foreach (var (key, id) in acknowledged.Where((_, i) => i % 10 == 0))
        {
            var replay = (await survivor.ChargeAsync(idempotencyKey: key)).ShouldBe(200);
            (replay.Id, replay.Header("Idempotent-Replayed")).ShouldBe((id, "true"));
        }

        (await survivor.IdsAsync("/v1/charges")).Count.ShouldBe(charges.Count);

        // Each charge has one event, also those whose answer never came back, and each event has arrived.
        var events = await survivor.IdsAsync("/v1/events");
        events.Count.ShouldBe(charges.Count);
        await Eventually.HoldsAsync(
            async () => (await survivor.IdsAsync("/v1/events?delivery_success=false")).Count == 0 && receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct().Count() == events.Count,
            "all webhooks have arrived",
            TimeSpan.FromSeconds(60));
        receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct().Order().ShouldBe(events.Order());
        receiver.Requests.Select(request => JsonDocument.Parse(request.Body).RootElement.At("data.object.id").GetString()!).Distinct().Order().ShouldBe(charges.Order());
        foreach (var request in receiver.Requests) request.ShouldVerify(secret);
        await Eventually.HoldsAsync(() => Task.FromResult(Count(folder, "SELECT COUNT(*) FROM deliveries WHERE status <> 'succeeded'") == 0), "all are recorded as arrived");

        await last.KillAsync();
        if (Engines.Current == Engine.Sqlite) Count(folder, "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'").ShouldBe(1);
        else Count(folder, "SELECT COUNT(*) FROM hangfire.job WHERE invocationdata->>'Type' LIKE '%.WebhookBatchJob,%'").ShouldBeGreaterThan(0, "jobs with several webhooks were killed, too");
        Count(folder, "SELECT COUNT(*) FROM delivery_attempts WHERE outcome = 'open'").ShouldBe(0);
        Count(folder, "SELECT COUNT(*) FROM (SELECT event_id FROM deliveries GROUP BY event_id HAVING COUNT(*) > 1) AS repeated").ShouldBe(0);
    }

    private static async Task ChargeUntilItDiesAsync(Merchant merchant, string name, ConcurrentDictionary<string, string> acknowledged)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                var key = $"{name}-charge-{i}";
                var answer = await merchant.ChargeAsync(idempotencyKey: key);
                acknowledged[key] = answer.ShouldBe(200).Id;
            }
            catch (Exception gone) when (gone is HttpRequestException or IOException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private static long Count(TempFolder folder, string sql)
    {
        using var connection = Databases.OpenRawOfEngine(folder);
        return connection.ExecuteScalar<long>(sql);
    }
}
