using System.Collections.Concurrent;
using System.Net;
using Dapper;
using Hangfire;
using Hangfire.States;
using Hangfire.Storage;
using PaymentSim.Api.Jobs;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Jobs;

/// <summary>Many webhooks in one job: what becomes of each is what would have become of it alone.</summary>
public sealed class BatchTests
{
    /// <summary>No sweep in the way of jobs that a test makes or loses itself.</summary>
    private const string NoSweep = "--Webhooks:SweepInterval=1h";

    [EngineFact]
    public async Task Mixed_outcomes_end_alike_in_one_job_and_in_a_job_for_each()
    {
        await using var simulator = await Simulator.StartAsync("--Webhooks:Timeout=2s");
        using var dashboard = new DashboardBrowser(simulator);
        var flaky = new ConcurrentDictionary<string, bool>();
        var never = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(context => context.Request.Path.Value switch
        {
            "/flaky" => Receiver.Status(flaky.TryAdd(context.Request.Headers["webhook-id"]!, true) ? 500 : 200)(context),
            "/down" => Receiver.Status(500)(context),
            "/busy" => Receiver.Busy("3600")(context),
            "/slow" => never.Task,
            "/gone" => Receiver.Status(410)(context),
            _ => Task.CompletedTask,
        });
        var (merchant, other) = (simulator.NewMerchant(), simulator.NewMerchant());
        var endpoints = new Dictionary<string, string>();
        foreach (var path in new[] { "ok", "flaky", "down", "busy", "slow" }) endpoints[path] = (await merchant.AddEndpointAsync(receiver.Url + path)).Id;
        endpoints["gone"] = (await other.AddEndpointAsync(receiver.Url + "gone")).Id;

        await simulator.ChargeTogetherAsync([merchant, merchant, merchant, merchant, other]);

        foreach (var id in await merchant.IdsAsync("/v1/events"))
        {
            await EndsAsync(merchant, id, "ok", "succeeded", "1 automatic succeeded 200");
            await EndsAsync(merchant, id, "flaky", "succeeded", "1 automatic failed 500", "2 automatic succeeded 200");
            await EndsAsync(merchant, id, "down", "failed", "1 automatic failed 500", "2 automatic failed 500", "3 automatic failed 500");
            await EndsAsync(merchant, id, "busy", "pending", "1 automatic failed 503");
            await EndsAsync(merchant, id, "slow", "failed", "1 automatic failed ", "2 automatic failed ", "3 automatic failed ");

            (await dashboard.FindJobAsync("jobs/failed", $"{id} → {receiver.Url}down")).Row.ShouldContain($"HTTP 500 from {receiver.Url}down");
            (await dashboard.FindJobAsync("jobs/failed", $"{id} → {receiver.Url}slow")).Row.ShouldContain($"no answer within 2s from {receiver.Url}slow");
            await dashboard.FindJobAsync("jobs/succeeded", $"{id} → {receiver.Url}flaky");
            await dashboard.FindJobAsync("jobs/scheduled", $"{id} → {receiver.Url}busy");
            var (busy, _) = await dashboard.FindJobAsync("retries", $"{id} → {receiver.Url}busy");
            (await dashboard.PageAsync($"jobs/details/{busy}")).ShouldContain($"Retry attempt 1 of 2: HTTP 503 from {receiver.Url}busy");
            simulator.Get<JobStorage>().GetMonitoringApi().JobDetails(busy).Properties["RetryCount"].ShouldBe("1");
        }

        var refused = (await other.IdsAsync("/v1/events?type=charge.succeeded")).ShouldHaveSingleItem();
        await EndsAsync(other, refused, "gone", "failed", "1 automatic failed 410");
        (await dashboard.FindJobAsync("jobs/failed", $"{refused} → {receiver.Url}gone")).Row.ShouldContain($"HTTP 410 from {receiver.Url}gone");
        (await other.GetAsync($"/v1/webhook_endpoints/{endpoints["gone"]}")).Text("status").ShouldBe("disabled");
        receiver.Requests.CountBy(request => request.Path).ToDictionary().ShouldBe(
            new Dictionary<string, int> { ["/busy"] = 4, ["/down"] = 12, ["/flaky"] = 8, ["/gone"] = 1, ["/ok"] = 4, ["/slow"] = 12 }, ignoreOrder: true);

        var monitor = simulator.Get<JobStorage>().GetMonitoringApi();
        await Eventually.HoldsAsync(() => Task.FromResult(monitor.ProcessingCount() + monitor.EnqueuedCount(WebhookJob.Queue) == 0), "all jobs are done");
        monitor.FailedCount().ShouldBe(9);
        monitor.ScheduledCount().ShouldBe(4);
        monitor.SucceededJobs(0, 100).Any(job => HangfireJobs.BatchOf(job.Value.Job) is not null).ShouldBeTrue("they shared jobs");

        // And what failed is replayed from the dashboard.
        receiver.Answer = Receiver.Status(200);
        var last = (await merchant.IdsAsync("/v1/events"))[0];
        var (failed, _) = await dashboard.FindJobAsync("jobs/failed", $"{last} → {receiver.Url}down");
        (await dashboard.PressAsync("jobs/failed", "jobs/failed/requeue", jobs: failed)).ShouldBe(HttpStatusCode.NoContent);
        await EndsAsync(
            merchant, last, "down", "succeeded", "1 automatic failed 500", "2 automatic failed 500", "3 automatic failed 500", "4 replay succeeded 200");

        async Task EndsAsync(Merchant of, string eventId, string path, string status, params string[] attempts)
        {
            var delivery = await Eventually.HoldsAsync(
                async () => (await of.GetAsync($"/v1/test_helpers/events/{eventId}/deliveries")).Data.Single(
                    one => one.GetProperty("webhook_endpoint").GetString() == endpoints[path]),
                one => one.GetProperty("status").GetString() == status && one.GetProperty("attempts").GetArrayLength() == attempts.Length
                    && one.GetProperty("attempts").EnumerateArray().All(attempt => attempt.GetProperty("outcome").GetString() != "open"),
                $"the webhook of {eventId} to {path} is {status}");
            delivery.GetProperty("attempts").EnumerateArray().Select(attempt =>
                $"{attempt.GetProperty("number")} {attempt.GetProperty("trigger")} {attempt.GetProperty("outcome")} {attempt.GetProperty("response_status")}").ShouldBe(attempts);
        }
    }

    [EngineFact]
    public async Task Few_webhooks_have_a_job_each_and_many_share_jobs()
    {
        await using var simulator = await Simulator.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var merchant = simulator.NewMerchant();
        var endpoint = await merchant.AddEndpointAsync(receiver.Url);
        var monitor = simulator.Get<JobStorage>().GetMonitoringApi();

        for (var i = 0; i < 5; i++) (await merchant.ChargeAsync()).ShouldBe(200);
        await Eventually.HoldsAsync(() => Task.FromResult(monitor.SucceededListCount() == 5), "each had a job");
        monitor.SucceededJobs(0, 100).ShouldAllBe(job => HangfireJobs.DeliveryOf(job.Value.Job) != null);

        await simulator.ChargeTogetherAsync(Enumerable.Repeat(merchant, 250));

        await Eventually.HoldsAsync(async () => (await merchant.IdsAsync("/v1/events?delivery_success=true")).Count == 255 && receiver.Requests.Count >= 255, "all have arrived");
        await Eventually.HoldsAsync(() => Task.FromResult(monitor.ProcessingCount() + monitor.EnqueuedCount(WebhookJob.Queue) == 0), "all jobs are done");
        var jobs = monitor.SucceededJobs(0, 1000).Select(job => job.Value.Job).ToList();
        jobs.SelectMany(HangfireJobs.KeysOf).Order().ShouldBe(await simulator.DeliveryIdsAsync());
        jobs.Count.ShouldBeLessThan(30);
        jobs.Max(job => HangfireJobs.KeysOf(job).Length).ShouldBeLessThanOrEqualTo(100);
        receiver.Requests.Select(request => request.Headers["webhook-id"]).Order().ShouldBe((await merchant.IdsAsync("/v1/events")).Order());
        foreach (var request in receiver.Requests) request.ShouldVerify(endpoint.Secret);
        (await CountAsync(simulator, "SELECT COUNT(*) FROM delivery_attempts WHERE outcome <> 'succeeded'")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task What_waits_for_its_job_when_the_program_stops_is_written_out()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync();
        await using (var first = await Simulator.StartAsync(folder, NoSweep, "--Jobs:DeliveryBatch=2"))
        {
            var merchant = first.NewMerchant();
            await merchant.AddEndpointAsync(receiver.Url);
            await first.ChargeTogetherAsync(Enumerable.Repeat(merchant, 200));
        }

        await using var raw = Databases.OpenRawOfEngine(folder);
        var jobs = (await raw.QueryAsync<string>("SELECT arguments::text FROM hangfire.job")).ToList();
        jobs.Sum(arguments => arguments.Split("whd_").Length - 1).ShouldBe(200);
    }

    [PostgresFact]
    public async Task Jobs_of_the_same_webhooks_on_two_nodes_send_each_once()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync();
        await using var first = await Simulator.StartAsync(folder);
        await using var second = await Simulator.StartAsync(folder);
        Simulator[] nodes = [first, second];
        var merchant = first.NewMerchant();
        await merchant.AddEndpointAsync(receiver.Url);

        for (var round = 0; round < 5; round++)
        {
            await first.ChargeTogetherAsync(Enumerable.Repeat(merchant, 30));
            var ids = (await first.DeliveryIdsAsync()).TakeLast(30).ToArray();
            for (var i = 0; i < 6; i++) Enqueue(nodes[i % 2], i < 3 ? ids : [.. ids.Reverse()]);
        }

        await Eventually.HoldsAsync(async () => (await merchant.IdsAsync("/v1/events?delivery_success=true")).Count == 150 && receiver.Requests.Count >= 150, "all have arrived");
        var monitor = first.Get<JobStorage>().GetMonitoringApi();
        await Eventually.HoldsAsync(() => Task.FromResult(monitor.ProcessingCount() + monitor.EnqueuedCount(WebhookJob.Queue) == 0), "all jobs are done");
        receiver.Requests.Count.ShouldBe(150);
        (await CountAsync(first, "SELECT COUNT(*) FROM delivery_attempts")).ShouldBe(150);
        monitor.ScheduledCount().ShouldBe(0, "none of them failed");
    }

    [PostgresFact]
    public async Task The_dashboard_shows_what_is_in_a_batch()
    {
        await using var world = await World.StartAsync(3);
        var job = world.Enqueue();

        await world.Dashboard.FindJobAsync("jobs/succeeded", "3 webhooks");

        var page = await world.Dashboard.PageAsync($"jobs/details/{job}");
        page.ShouldContain("3 webhooks");
        page.ShouldContain("3 delivered, 0 failed, 0 postponed, 0 not sent");
        foreach (var id in await world.Merchant.IdsAsync("/v1/events")) page.ShouldContain($">charge.succeeded {id} → {world.Receiver.Url}</a></td><td><span class=\"label ps-label ps-success\">succeeded</span></td><td>1</td>");
    }

    [PostgresFact]
    public async Task Deleting_a_batch_that_waits_cancels_its_webhooks()
    {
        await using var world = await World.StartAsync(3);
        await world.OccupyWorkerAsync();
        var job = world.Enqueue();
        world.Scheduler.WithoutLiveJob([.. world.Ids.Select(id => new DeliverWebhook(id))]).ShouldBeEmpty("the sweep must see that a job has them");

        (await world.Dashboard.PressAsync("jobs/enqueued/webhooks", "jobs/enqueued/delete", jobs: job)).ShouldBe(HttpStatusCode.NoContent);

        (await world.StatesAsync()).ShouldAllBe(state => state == "canceled 0");
        world.ReleaseWorker();
        await world.IdleAsync();
        world.Receiver.Requests.ShouldBeEmpty();

        // A person who changes his mind gets them all.
        (await world.Dashboard.PressAsync("jobs/deleted", $"jobs/actions/requeue/{job}")).ShouldBe(HttpStatusCode.NoContent);
        await world.EndAsync("succeeded 1", "succeeded 1", "succeeded 1");
        world.Receiver.Requests.Count.ShouldBe(3);
    }

    [PostgresFact]
    public async Task Deleting_a_batch_that_is_being_sent_cancels_only_what_it_has_not_brought_to_an_end()
    {
        await using var world = await World.StartAsync(3);
        var (count, release) = (0, new TaskCompletionSource());
        world.Receiver.Answer = async context =>
        {
            var n = Interlocked.Increment(ref count);
            if (n == 3) await release.Task;
            await (n == 1 ? Receiver.Status(200) : Receiver.Busy("3600"))(context);
        };
        var job = world.Enqueue();
        await world.Receiver.WaitForAsync(3);
        await Eventually.HoldsAsync(async () => (await world.StatesAsync()).SequenceEqual(["pending 1", "pending 1", "succeeded 1"]), "two have been recorded while the third hangs");
        await Eventually.HoldsAsync(() => Task.FromResult(world.Monitor.ScheduledCount() == 1), "the one that failed has its job while the third hangs");

        (await world.Dashboard.PressAsync("jobs/processing", "jobs/processing/delete", jobs: job)).ShouldBe(HttpStatusCode.NoContent);

        (await world.StatesAsync()).ShouldBe(["canceled 1", "pending 1", "succeeded 1"]);
        release.SetResult();
        await Eventually.HoldsAsync(async () => await CountAsync(world.Simulator, "SELECT COUNT(*) FROM delivery_attempts WHERE outcome = 'open'") == 0, "the third is recorded");
        await world.IdleAsync();
        (await world.StatesAsync()).ShouldBe(["canceled 1", "pending 1", "succeeded 1"]);
        (world.Monitor.ScheduledCount(), world.Monitor.FailedCount()).ShouldBe((1, 0), "a webhook that was cancelled needs no job");

        // Requeued, it sends what was cancelled, and neither what has arrived nor what has a job of its own.
        world.Receiver.Answer = Receiver.Status(200);
        (await world.Dashboard.PressAsync("jobs/deleted", $"jobs/actions/requeue/{job}")).ShouldBe(HttpStatusCode.NoContent);
        await world.EndAsync("pending 1", "succeeded 1", "succeeded 2");
        world.Receiver.Requests.Count.ShouldBe(4);
    }

    [PostgresFact]
    public async Task Requeueing_a_batch_that_has_succeeded_sends_once_more_what_has_no_job_of_its_own()
    {
        await using var world = await World.StartAsync(3);
        var count = 0;
        world.Receiver.Answer = context => (Interlocked.Increment(ref count) == 1 ? Receiver.Busy("3600") : Receiver.Status(200))(context);
        var job = world.Enqueue();
        await world.Dashboard.FindJobAsync("jobs/succeeded", "3 webhooks");

        (await world.Dashboard.PressAsync("jobs/succeeded", $"jobs/actions/requeue/{job}")).ShouldBe(HttpStatusCode.NoContent);

        await world.EndAsync("pending 1", "succeeded 2", "succeeded 2");
        world.Receiver.Requests.Count.ShouldBe(5);
        (await CountAsync(world.Simulator, "SELECT COUNT(*) FROM delivery_attempts WHERE trigger_kind = 'replay'")).ShouldBe(2);

        // Deleting it when it is done takes nothing away.
        (await world.Dashboard.PressAsync("jobs/succeeded", $"jobs/actions/delete/{job}")).ShouldBe(HttpStatusCode.NoContent);
        await world.EndAsync("pending 1", "succeeded 2", "succeeded 2");
    }

    [PostgresFact]
    public async Task A_batch_that_is_run_again_makes_the_failed_jobs_that_it_had_not_come_to_make()
    {
        await using var world = await World.StartAsync(3, "--Webhooks:RetrySchedule=");
        // One of them cannot be sent, which is what makes the job run again; the others fail for good.
        await using var raw = Databases.OpenRawOfEngine(world.Folder);
        await raw.ExecuteAsync("UPDATE deliveries SET event_id = 'evt_lost' WHERE id = @id", new { id = world.Ids[0] });
        world.Receiver.Answer = Receiver.Status(500);
        var job = world.Enqueue();
        await Eventually.HoldsAsync(() => Task.FromResult(world.Monitor.ScheduledCount() == 1), "it is to be run again");
        (await world.Dashboard.PageAsync($"jobs/details/{job}")).ShouldContain($"Retry attempt after PaymentSim failed: Delivery {world.Ids[0]} has no event evt_lost.");
        world.FailedDeliveries().ShouldBe(world.Ids[1..]);

        // As if it had been killed after the first of them.
        await raw.ExecuteAsync("DELETE FROM hangfire.job WHERE statename = 'Failed' AND arguments::text LIKE @id", new { id = $"%{world.Ids[2]}%" });
        world.FailedDeliveries().ShouldBe([world.Ids[1]]);
        for (var run = 2; run < 4; run++)
        {
            (await world.Dashboard.PressAsync("jobs/scheduled", "jobs/scheduled/enqueue", jobs: job)).ShouldBe(HttpStatusCode.NoContent);
            await Eventually.HoldsAsync(
                () => Task.FromResult(world.Monitor.ScheduledCount() == 1 && world.Monitor.JobDetails(job).History.Count(state => state.StateName == ProcessingState.StateName) == run),
                "it has run again");
            world.FailedDeliveries().ShouldBe(world.Ids[1..]);
        }

        world.Receiver.Requests.Count.ShouldBe(2);
        (await world.Dashboard.FindJobAsync("jobs/failed", world.Receiver.Url)).Row.ShouldContain($"HTTP 500 from {world.Receiver.Url}");
    }

    [PostgresFact]
    public async Task A_batch_that_is_being_sent_when_the_program_stops_is_brought_to_its_end()
    {
        await using var world = await World.StartAsync(3);
        var release = new TaskCompletionSource();
        world.Receiver.Answer = _ => release.Task;
        world.Enqueue();
        await world.Receiver.WaitForAsync(3);

        var stopping = world.StopAsync();
        release.SetResult();
        await stopping;

        await using var raw = Databases.OpenRawOfEngine(world.Folder);
        (await raw.QueryAsync<string>("SELECT status FROM deliveries")).ShouldBe(["succeeded", "succeeded", "succeeded"]);
        (await raw.QueryAsync<string>("SELECT outcome FROM delivery_attempts")).ShouldBe(["succeeded", "succeeded", "succeeded"]);
        world.Receiver.Requests.Count.ShouldBe(3);
    }

    private static Task<long> CountAsync(Simulator simulator, string sql) => simulator.Get<Database>().FirstOrDefaultAsync<long>(sql);

    private static string Enqueue(Simulator simulator, string[] ids) =>
        simulator.Get<IBackgroundJobClientV2>().Create(HangfireJobs.For(ids), new EnqueuedState(WebhookJob.Queue));

    /// <summary>A node with one worker, and webhooks that are due and have no job yet.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly TaskCompletionSource _occupied = new();
        private Receiver? _occupier;
        private bool _stopped;

        public TempFolder Folder { get; } = new();

        public Simulator Simulator { get; private set; } = null!;

        public Receiver Receiver { get; private set; } = null!;

        public Merchant Merchant { get; private set; } = null!;

        public DashboardBrowser Dashboard { get; private set; } = null!;

        /// <summary>The deliveries, oldest first.</summary>
        public string[] Ids { get; private set; } = [];

        public IMonitoringApi Monitor => Simulator.Get<JobStorage>().GetMonitoringApi();

        public IJobScheduler Scheduler => Simulator.Get<IJobScheduler>();

        public static async Task<World> StartAsync(int webhooks, params string[] settings)
        {
            var world = new World { Receiver = await Receiver.StartAsync() };
            world.Simulator = await Simulator.StartAsync(world.Folder, [NoSweep, "--Jobs:Workers=1", .. settings]);
            world.Dashboard = new DashboardBrowser(world.Simulator);
            world.Merchant = world.Simulator.NewMerchant();
            await world.Merchant.AddEndpointAsync(world.Receiver.Url);

            // Another node commits them, and dies before it makes their jobs.
            using var core = new CoreHost(world.Folder);
            var merchant = await core.SendAsync(new AuthenticateKey(world.Merchant.Key, Access.Sandbox));
            for (var i = 0; i < webhooks; i++)
                await core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") }, merchant: merchant);
            world.Ids = [.. core.Jobs.Enqueued.Select(entry => entry.Job.Key)];
            return world;
        }

        public string Enqueue() => BatchTests.Enqueue(Simulator, Ids);

        /// <summary>Gives the one worker something that takes until <see cref="ReleaseWorker"/>.</summary>
        public async Task OccupyWorkerAsync()
        {
            _occupier = await Receiver.StartAsync(_ => _occupied.Task);
            var merchant = Simulator.NewMerchant();
            await merchant.AddEndpointAsync(_occupier.Url);
            (await merchant.ChargeAsync()).ShouldBe(200);
            await _occupier.WaitForAsync(1);
        }

        public void ReleaseWorker() => _occupied.SetResult();

        public Task IdleAsync() => Eventually.HoldsAsync(
            () => Task.FromResult(Monitor.ProcessingCount() + Monitor.EnqueuedCount(WebhookJob.Queue) + Monitor.FetchedCount(WebhookJob.Queue) == 0), "no job waits or runs");

        /// <summary>Where each stands, and how many attempts of it were made: "succeeded 1".</summary>
        public async Task<IReadOnlyList<string>> StatesAsync() => await Simulator.Get<Database>().QueryAsync<string>(
            $"SELECT status || ' ' || attempts FROM deliveries WHERE {Simulator.Get<Database>().AnyOf("id", "@Ids")} ORDER BY 1", new { Ids });

        public Task EndAsync(params string[] states) => Eventually.HoldsAsync(
            StatesAsync, now => now.SequenceEqual(states) && Monitor.ProcessingCount() + Monitor.EnqueuedCount(WebhookJob.Queue) == 0, string.Join(", ", states));

        /// <summary>The deliveries that have a failed job.</summary>
        public IEnumerable<string> FailedDeliveries() => Monitor.FailedJobs(0, 100).Select(job => HangfireJobs.DeliveryOf(job.Value.Job)!).Order();

        public async Task StopAsync()
        {
            if (_stopped) return;
            _stopped = true;
            await Simulator.DisposeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            _occupied.TrySetResult();
            Dashboard.Dispose();
            await StopAsync();
            await Receiver.DisposeAsync();
            if (_occupier is not null) await _occupier.DisposeAsync();
            Folder.Dispose();
        }
    }
}
