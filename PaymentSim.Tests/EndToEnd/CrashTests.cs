using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Bogus;
using PaymentSim.Tests.Support;
using HttpContext = Microsoft.AspNetCore.Http.HttpContext;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>
/// The process is killed again and again, at moments that only chance knows: while charges are made, webhooks sent and jobs retried, and
/// while it starts and recovers. What was acknowledged is there, once; and everything that is there has been told.
/// </summary>
public sealed class CrashTests
{
    private const int Seed = 20250615;
    private const int Workers = 8;

    /// <summary>First attempts that one job makes at most, on PostgreSQL.</summary>
    private const int Batch = 4;
    private const int Clients = 8;
    private const string Key = "sk_test_crash";

    private static readonly string[] Settings =
    [
        "--Webhooks:RetrySchedule=1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s", "--Webhooks:Timeout=5s", "--Webhooks:SweepInterval=500ms",
        "--PaymentSim:BankDebitDelay=1s", $"--Jobs:Workers={Workers}", $"--Jobs:DeliveryBatch={Batch}", "--Logging:LogLevel:Default=Warning",
    ];

    /// <summary>On PostgreSQL there may be other nodes, so that what a kill broke off must wait until its claim has run out: there a few have to do.</summary>
    private static int Kills => Engines.Current == Engine.Sqlite ? 20 : 6;

    [EngineFact]
    public async Task After_kill_9_at_any_moment_every_acknowledged_charge_is_there_once_and_every_webhook_arrives()
    {
        using var folder = new TempFolder();
        var random = new Randomizer(Seed);
        var answers = new ConcurrentQueue<(string Webhook, bool Success)>();
        await using var receiver = await Receiver.StartAsync(Answer(answers));
        await using var load = new ChargeLoad(Key, Clients, TimeSpan.FromMilliseconds(80));

        var (endpoint, startTime) = await AddEndpointAsync(folder, receiver.Url);
        for (var kill = 0; kill < Kills; kill++)
        {
            if (kill % 4 == 3) await KillWhileItStartsAsync(folder, startTime * random.Double(0.2, 1.1));
            else if (kill % 4 == 1) await KillWhileItSendsAsync(folder, load, receiver);
            else await KillUnderLoadAsync(folder, load, () => Task.Delay(random.Int(50, 1500)));
        }

        await using var last = await SimulatorProcess.ServeAsync(folder, Settings);
        using var http = new HttpClient { BaseAddress = new Uri(last.Url) };
        var survivor = new Merchant(Key, http);
        load.Use(last.Url);
        await load.FinishAsync();

        // What was acknowledged is there, once, and nothing else; its key answers with it still.
        load.Refusals.ShouldBeEmpty();
        var charges = load.Acknowledged.Select(charge => charge.Id).ToList();
        (await survivor.IdsAsync("/v1/charges")).ShouldBeTheIds(charges);
        await load.ShouldReplayAsync(survivor);

        // Every debit is settled, and every event of every charge arrives.
        await Books.ShouldCloseAsync(folder);
        (await survivor.IdsAsync("/v1/charges")).ShouldBeTheIds(charges);
        var events = await survivor.IdsAsync("/v1/events");
        events.Count.ShouldBe(charges.Count + load.Acknowledged.Count(charge => charge.IsDebit));
        var received = receiver.Requests;
        received.Select(request => request.Headers["webhook-id"]).ToHashSet().ShouldBeTheIds(events);
        received.Select(request => JsonDocument.Parse(request.Body).RootElement.At("data.object.id").GetString()!).ToHashSet().ShouldBeTheIds(charges);
        foreach (var request in received) request.ShouldVerify(endpoint.Secret);

        await last.KillAsync();
        Books.ShouldBalance(folder);

        // Nothing is sent without an attempt; what was sent again although it had arrived is what a kill broke off, and each worker has one attempt, or a batch of them.
        received.Count.ShouldBeLessThanOrEqualTo((int)Books.Count(folder, "SELECT COUNT(*) FROM delivery_attempts"));
        var again = answers.GroupBy(answer => answer.Webhook).Sum(webhook => webhook.Count(answer => answer.Success) - 1);
        var interrupted = Books.Count(folder, "SELECT COUNT(*) FROM delivery_attempts WHERE outcome = 'interrupted'");
        again.ShouldBeLessThanOrEqualTo((int)interrupted);
        interrupted.ShouldBeInRange(1, Workers * Kills * (Engines.Current == Engine.Sqlite ? 1 : Batch));
        if (Engines.Current == Engine.Sqlite) load.Broken.ShouldBeGreaterThan(0, "so many kills met requests that were under way");
    }

    /// <summary>Every 7th request fails, every 11th is slow.</summary>
    private static Func<HttpContext, Task> Answer(ConcurrentQueue<(string Webhook, bool Success)> answers)
    {
        var count = 0;
        return async context =>
        {
            var n = Interlocked.Increment(ref count);
            if (n % 11 == 0) await Task.Delay(300);
            var success = n % 7 != 0;
            context.Response.StatusCode = success ? 200 : 500;
            answers.Enqueue((context.Request.Headers["webhook-id"].ToString(), success));
        };
    }

    /// <summary>The first start, which makes the database; answers how long a start takes on this machine now.</summary>
    private static async Task<(Endpoint Endpoint, TimeSpan StartTime)> AddEndpointAsync(TempFolder folder, string url)
    {
        var started = Stopwatch.GetTimestamp();
        await using var process = await SimulatorProcess.ServeAsync(folder, Settings);
        var startTime = Stopwatch.GetElapsedTime(started);
        using var http = new HttpClient { BaseAddress = new Uri(process.Url) };
        return (await new Merchant(Key, http).AddEndpointAsync(url), startTime);
    }

    /// <summary>While endpoints have requests that they have not answered.</summary>
    private static async Task KillWhileItSendsAsync(TempFolder folder, ChargeLoad load, Receiver receiver)
    {
        var (usual, held, before) = (receiver.Answer, new TaskCompletionSource(), receiver.Requests.Count);
        receiver.Answer = _ => held.Task;
        await KillUnderLoadAsync(folder, load, () => receiver.WaitForAsync(before + 1, TimeSpan.FromSeconds(60)));
        receiver.Answer = usual;
        held.SetResult();
    }

    private static async Task KillUnderLoadAsync(TempFolder folder, ChargeLoad load, Func<Task> moment)
    {
        await using var process = await SimulatorProcess.ServeAsync(folder, Settings);
        load.Use(process.Url);
        await moment();
        var dead = process.KillAsync();
        load.Use(null);
        await dead;
    }

    private static async Task KillWhileItStartsAsync(TempFolder folder, TimeSpan after)
    {
        await using var process = SimulatorProcess.Launch(folder, Settings);
        await Task.Delay(after);
        await process.KillAsync();
    }
}
