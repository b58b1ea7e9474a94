using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>
/// The disk fills up while the program works, on a real small disk. Requests are refused with the reason, nothing is half written, and when
/// there is space again everything goes on by itself.
/// </summary>
public sealed class FullDiskTests(SmallDisks disks) : IClassFixture<SmallDisks>
{
    private const int Workers = 8;

    private const int Megabytes = 48;
    private const string Key = "sk_test_disk";
    private const string Reason = "The database cannot be used right now, and nothing was changed: SQLite Error 13: 'database or disk is full'";

    private static readonly string[] Settings =
    [
        "--Webhooks:RetrySchedule=1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s", "--Webhooks:Timeout=60s", "--Webhooks:SweepInterval=500ms",
        "--PaymentSim:BankDebitDelay=1s", $"--Jobs:Workers={Workers}",
    ];

    [SkippableFact]
    public async Task While_the_disk_is_full_requests_are_refused_and_with_new_space_everything_goes_on_by_itself()
    {
        await using var disk = await disks.MountAsync(Megabytes);
        await using var receiver = await Receiver.StartAsync();
        await using var load = NewLoad();
        await using var process = await SimulatorProcess.ServeAsync(disk.Folder, Settings);
        using var http = new HttpClient { BaseAddress = new Uri(process.Url) };
        var merchant = new Merchant(Key, http);
        var endpoint = await merchant.AddEndpointAsync(receiver.Url);

        var held = await FillUnderLoadAsync(disk, receiver, load, process);
        foreach (var refused in load.Refusals) refused.ShouldBeError(503, "api_error").Text("error.message")!.ShouldStartWith(Reason);
        (await merchant.GetAsync($"/v1/charges/{load.Acknowledged.First().Id}")).ShouldBe(200);
        // The last answers may still be on their way.
        await Eventually.HoldsAsync(
            async () => (await merchant.IdsAsync("/v1/charges")).ToHashSet().SetEquals(load.Acknowledged.Select(charge => charge.Id)),
            "the charges that are there are those that were acknowledged");
        (await ReadyAsync(http)).ShouldBe((503, Reason));
        (await http.GetAsync("/health/live")).EnsureSuccessStatusCode();
        (await http.GetAsync("/")).EnsureSuccessStatusCode();
        (await http.GetAsync("/hangfire")).EnsureSuccessStatusCode();
        Books.ShouldBalance(disk.Folder);

        // Their webhooks arrive now, and nobody can write that down; retries become due, and nobody can write that either. It stays so for
        // longer than Hangfire tries to change a job's state before it gives the job up.
        var beingSent = held.Release();
        await Eventually.PassesAsync(TimeSpan.FromSeconds(9));
        Books.ShouldBalance(disk.Folder);
        disk.Empty();

        await load.FinishAsync();
        await ShouldHaveToldAllAsync(disk.Folder, receiver, load, merchant);
        (await ReadyAsync(http)).ShouldBe((200, null));
        foreach (var id in beingSent) held.Webhooks.Count(webhook => webhook == id).ShouldBe(1, "its answer was not forgotten");
        foreach (var request in receiver.Requests) request.ShouldVerify(endpoint.Secret);
        var log = process.Output.Split('\n');
        log.ShouldContain(line => line.Contains("The database cannot be written: SQLite Error 13"));
        log.ShouldContain(line => line.Contains("The database can be written again"));
        log.Count(line => line.Contains("disk is full")).ShouldBeLessThan(50, "it is not said at every try");
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_process_that_ended_while_the_disk_was_full_has_lost_nothing(bool killed)
    {
        await using var disk = await disks.MountAsync(Megabytes);
        await using var receiver = await Receiver.StartAsync();
        await using var load = NewLoad();
        // A stop may take as long as a webhook may.
        string[] settings = [.. Settings, "--Webhooks:Timeout=3s"];
        await using (var process = await SimulatorProcess.ServeAsync(disk.Folder, settings))
        {
            using var http = new HttpClient { BaseAddress = new Uri(process.Url) };
            await new Merchant(Key, http).AddEndpointAsync(receiver.Url);
            (await FillUnderLoadAsync(disk, receiver, load, process)).Release();
            if (killed)
            {
                await process.KillAsync();
            }
            else
            {
                await process.TerminateAsync();
                (await process.WaitForExitAsync(TimeSpan.FromSeconds(20))).ShouldBe(0, process.Output + process.Errors);
            }

            load.Use(null);
        }

        // What the process was sending must be written down before anything is sent again.
        var (code, output, errors) = await SimulatorProcess.RunAsync(["serve", "--urls=http://127.0.0.1:0", $"--PaymentSim:DataDirectory={disk.Folder.Path}", .. settings]);
        code.ShouldBe(1, output + errors);
        errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain("database or disk is full");
        disk.Empty();

        await using var next = await SimulatorProcess.ServeAsync(disk.Folder, settings);
        using var client = new HttpClient { BaseAddress = new Uri(next.Url) };
        load.Use(next.Url);
        await load.FinishAsync();
        await ShouldHaveToldAllAsync(disk.Folder, receiver, load, new Merchant(Key, client));
    }

    [SkippableFact]
    public async Task Space_for_less_than_a_payment_is_not_enough_to_be_ready()
    {
        await using var disk = await disks.MountAsync(Megabytes);
        await using var process = await SimulatorProcess.ServeAsync(disk.Folder, Settings);
        using var http = new HttpClient { BaseAddress = new Uri(process.Url) };
        var merchant = new Merchant(Key, http);
        var charge = (await merchant.ChargeAsync()).ShouldBe(200);
        (await ReadyAsync(http)).ShouldBe((200, null));

        disk.Fill(but: 3);
        (await ReadyAsync(http)).ShouldBe((503, Reason));
        (await merchant.ChargeAsync()).ShouldBeError(503, "api_error").Text("error.message")!.ShouldStartWith(Reason);
        (await ReadyAsync(http)).ShouldBe((503, Reason));
        disk.Empty();

        (await ReadyAsync(http)).ShouldBe((200, null));
        var next = (await merchant.ChargeAsync()).ShouldBe(200);
        (await merchant.IdsAsync("/v1/charges")).ShouldBe([next.Id, charge.Id]);
    }

    private static ChargeLoad NewLoad() => new(Key, clients: 8, TimeSpan.FromMilliseconds(20));

    /// <summary>
    /// Charges, with some webhooks failing and then as many of them being sent as the endpoint is given, until nothing can be written any more.
    /// </summary>
    private static async Task<HeldWebhooks> FillUnderLoadAsync(SmallDisk disk, Receiver receiver, ChargeLoad load, SimulatorProcess process)
    {
        receiver.Answer = Receiver.Status(500);
        await ChargeAsync(20);
        // The disk is not to fill up by itself, before that many webhooks were sent.
        load.Use(null);
        await receiver.WaitForAsync(20);

        var held = new HeldWebhooks();
        receiver.Answer = held.AnswerAsync;
        await ChargeAsync(20);
        await Eventually.HoldsAsync(() => Task.FromResult(!held.Webhooks.IsEmpty), "a webhook is being sent");
        disk.Fill();
        await Eventually.HoldsAsync(() => Task.FromResult(load.Refusals.Count > 2 * Workers), "charges are refused");
        return held;

        async Task ChargeAsync(int count)
        {
            var already = load.Acknowledged.Count;
            load.Use(process.Url);
            await Eventually.HoldsAsync(() => Task.FromResult(load.Acknowledged.Count >= already + count), "charges are acknowledged");
        }
    }

    /// <summary>Every charge that was asked for is there once, its key still answers with it, and each of its webhooks has arrived.</summary>
    private static async Task ShouldHaveToldAllAsync(TempFolder folder, Receiver receiver, ChargeLoad load, Merchant merchant)
    {
        var charges = load.Acknowledged.Select(charge => charge.Id).ToList();
        (await merchant.IdsAsync("/v1/charges")).ShouldBeTheIds(charges);
        await load.ShouldReplayAsync(merchant);
        await Books.ShouldCloseAsync(folder);
        var events = await merchant.IdsAsync("/v1/events");
        events.Count.ShouldBe(charges.Count + load.Acknowledged.Count(charge => charge.IsDebit));
        receiver.Requests.Select(request => request.Headers["webhook-id"]).ToHashSet().ShouldBeTheIds(events);
    }

    private static async Task<(int Status, string? Reason)> ReadyAsync(HttpClient http)
    {
        var answer = await ApiAnswer.ReadAsync(await http.GetAsync("/health/ready"));
        return (answer.Status, answer.Text("reasons.storage")?[..Reason.Length]);
    }

    /// <summary>Answers that are held back until they are released.</summary>
    private sealed class HeldWebhooks
    {
        private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The ids of those that came so far, also after the release.</summary>
        public ConcurrentQueue<string> Webhooks { get; } = [];

        public Task AnswerAsync(HttpContext context)
        {
            Webhooks.Enqueue(context.Request.Headers["webhook-id"].ToString());
            return _release.Task;
        }

        /// <summary>Answers those that waited, and from now on all at once.</summary>
        public IReadOnlyList<string> Release()
        {
            IReadOnlyList<string> waited = [.. Webhooks];
            _release.SetResult();
            return waited;
        }
    }
}
