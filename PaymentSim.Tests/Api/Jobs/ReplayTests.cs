using System.Net;
using System.Text.Json;
using Hangfire;
using Hangfire.States;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Jobs;

/// <summary>Replays by the API, and what becomes of the jobs that QA sees.</summary>
public sealed class ReplayTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>, IDisposable
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();
    private readonly DashboardBrowser _browser = new(fixture.Simulator);

    public void Dispose() => _browser.Dispose();

    [EngineFact]
    public async Task A_failed_delivery_is_replayed_by_the_job_that_failed()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        var failed = await _merchant.DeliveryAsync(made.Id, "failed");
        var (job, _) = await _browser.FindJobAsync("jobs/failed", made.Id);
        receiver.Answer = Receiver.Status(200);

        var replayed = (await ReplayAsync(failed)).ShouldBe(200);

        replayed.Text("object").ShouldBe("test_helpers.webhook_delivery");
        replayed.Id.ShouldBe(failed.GetProperty("id").GetString());
        var delivery = await _merchant.DeliveryAsync(made.Id, "succeeded");
        delivery.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("trigger").GetString()).ShouldBe(["automatic", "automatic", "automatic", "replay"]);
        (await _browser.FindJobAsync("jobs/succeeded", made.Id)).Id.ShouldBe(job);
        (await _browser.HasJobAsync("jobs/failed", made.Id)).ShouldBeFalse();
        receiver.Requests.Count.ShouldBe(4);
        receiver.Requests[3].ShouldVerify(endpoint.Secret);
    }

    [EngineFact]
    public async Task A_planned_retry_is_brought_forward_by_its_own_job_and_planned_again_for_its_time_if_that_fails()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Busy("3600"));
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        var (job, _) = await _browser.FindJobAsync("jobs/scheduled", made.Id);
        var planned = await _merchant.DeliveryAsync(made.Id, "pending");
        receiver.Answer = Receiver.Status(500);

        (await ReplayAsync(planned)).ShouldBe(200);

        await Eventually.HoldsAsync(
            ReadAsync,
            delivery => delivery.At("attempts.1.outcome").ValueKind == JsonValueKind.String && delivery.At("attempts.1.outcome").GetString() == "failed",
            "the replay has failed");
        // Read once more: a delivery and its attempts are read one after the other.
        (await ReadAsync()).GetProperty("next_attempt_at").GetInt64().ShouldBe(planned.GetProperty("next_attempt_at").GetInt64());
        (await _browser.FindJobAsync("jobs/scheduled", made.Id)).Id.ShouldBe(job);
        receiver.Answer = Receiver.Status(200);
        (await ReplayAsync(planned)).ShouldBe(200);
        await _merchant.DeliveryAsync(made.Id, "succeeded");
        (await _browser.FindJobAsync("jobs/succeeded", made.Id)).Id.ShouldBe(job);
        (await _browser.HasJobAsync("jobs/scheduled", made.Id)).ShouldBeFalse();
        receiver.Requests.Count.ShouldBe(3);

        async Task<JsonElement> ReadAsync() => (await _merchant.GetAsync($"/v1/test_helpers/events/{made.Id}/deliveries")).Data.ShouldHaveSingleItem();
    }

    [EngineFact]
    public async Task A_webhook_that_arrived_is_sent_once_more()
    {
        await using var receiver = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");

        (await ReplayAsync(await _merchant.DeliveryAsync(made.Id, "succeeded"))).ShouldBe(200);

        await receiver.WaitForAsync(2);
        (await _merchant.DeliveryAsync(made.Id, "succeeded")).At("attempts.1.trigger").GetString().ShouldBe("replay");
    }

    [EngineFact]
    public async Task A_deleted_job_is_brought_back()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Busy("3600"));
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        var (job, _) = await _browser.FindJobAsync("jobs/scheduled", made.Id);
        (await _browser.PressAsync("jobs/scheduled", "jobs/scheduled/delete", jobs: job)).ShouldBe(HttpStatusCode.NoContent);
        receiver.Answer = Receiver.Status(200);

        (await ReplayAsync(await _merchant.DeliveryAsync(made.Id, "canceled"))).ShouldBe(200);

        await _merchant.DeliveryAsync(made.Id, "succeeded");
        (await _browser.FindJobAsync("jobs/succeeded", made.Id)).Id.ShouldBe(job);
    }

    [EngineFact]
    public async Task Fifty_replays_by_the_API_and_the_dashboard_at_once_make_one_sending_at_a_time_and_no_second_job()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        var failed = await _merchant.DeliveryAsync(made.Id, "failed");
        var (job, _) = await _browser.FindJobAsync("jobs/failed", made.Id);
        int under = 0, together = 0;
        var release = new TaskCompletionSource();
        receiver.Answer = async context =>
        {
            if (Interlocked.Increment(ref under) > 1) Interlocked.Increment(ref together);
            await release.Task;
            Interlocked.Decrement(ref under);
            context.Response.StatusCode = 200;
        };

        var replays = Enumerable.Range(0, 50).Select(_ => ReplayAsync(failed)).ToList();
        var presses = Enumerable.Range(0, 5).Select(_ => _browser.PressAsync("jobs/failed", "jobs/failed/requeue", jobs: job)).ToList();
        foreach (var answer in await Task.WhenAll(replays)) answer.ShouldBe(200);
        foreach (var status in await Task.WhenAll(presses)) status.ShouldBe(HttpStatusCode.NoContent);
        await receiver.WaitForAsync(4);
        release.SetResult();

        (await _merchant.DeliveryAsync(made.Id, "succeeded")).GetProperty("attempts").GetArrayLength().ShouldBe(4);
        // A press that found it at work has had it look once more whether there is anything to do.
        var jobs = await Eventually.HoldsAsync(
            () => _browser.PageAsync("jobs/succeeded?count=500"), page => page.Contains(made.Id, StringComparison.Ordinal), "its job has come to its end");
        jobs.Split(made.Id).Length.ShouldBe(2, "there is one job for it");
        (await _browser.FindJobAsync("jobs/succeeded", made.Id)).Id.ShouldBe(job);
        (together, receiver.Requests.Count).ShouldBe((0, 4));
    }

    [EngineFact]
    public async Task A_job_that_a_worker_has_is_not_taken_from_it_and_runs_once_it_is_left()
    {
        // Where jobs are in the payments' own file, a replay's unit has its job requeued itself.
        string[] elsewhere = Engines.Current == Engine.Sqlite ? ["--Jobs:Storage=memory"] : [];
        await using var simulator = await Simulator.StartAsync(["--Webhooks:RetrySchedule=", .. elsewhere]);
        var merchant = simulator.NewMerchant();
        using var browser = new DashboardBrowser(simulator);
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        await merchant.AddEndpointAsync(receiver.Url);
        (await merchant.ChargeAsync()).ShouldBe(200);
        var made = await merchant.EventAsync("charge.succeeded");
        var failed = await merchant.DeliveryAsync(made.Id, "failed");
        var (job, _) = await browser.FindJobAsync("jobs/failed", made.Id);
        receiver.Answer = Receiver.Status(200);
        var client = simulator.Get<IBackgroundJobClient>();
        client.ChangeState(job, new TakenByWorker()).ShouldBeTrue();

        (await merchant.PostAsync($"/v1/test_helpers/deliveries/{failed.GetProperty("id").GetString()}/replay")).ShouldBe(200);
        await Task.Delay(300);
        StateOfJob().ShouldBe(ProcessingState.StateName);
        client.ChangeState(job, new SucceededState(null, 0, 0)).ShouldBeTrue();

        (await merchant.DeliveryAsync(made.Id, "succeeded")).GetProperty("attempts").GetArrayLength().ShouldBe(2);
        await Eventually.HoldsAsync(() => Task.FromResult(StateOfJob() == SucceededState.StateName), "its job has come to its end");

        string StateOfJob() => simulator.Get<JobStorage>().GetMonitoringApi().JobDetails(job).History[0].StateName;
    }

    [EngineFact]
    public async Task Replayed_while_it_is_being_sent_it_follows_only_if_that_fails()
    {
        var answers = new[] { new TaskCompletionSource<int>(), new TaskCompletionSource<int>() };
        var asked = -1;
        await using var receiver = await Receiver.StartAsync(async context => context.Response.StatusCode = await answers[Interlocked.Increment(ref asked)].Task);
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        await receiver.WaitForAsync(1);
        var made = await _merchant.EventAsync("charge.succeeded");
        var sending = (await _merchant.GetAsync($"/v1/test_helpers/events/{made.Id}/deliveries")).Data.ShouldHaveSingleItem();

        (await ReplayAsync(sending)).ShouldBe(200);
        answers[0].SetResult(500);
        await receiver.WaitForAsync(2);
        (await ReplayAsync(sending)).ShouldBe(200);
        answers[1].SetResult(200);

        (await _merchant.DeliveryAsync(made.Id, "succeeded")).GetProperty("attempts").EnumerateArray()
            .Select(attempt => attempt.GetProperty("trigger").GetString()).ShouldBe(["automatic", "replay"]);
        receiver.Requests.Count.ShouldBe(2);
    }

    [EngineFact]
    public async Task An_event_is_resent_as_the_official_CLI_asks_for_it()
    {
        await using var receiver = await Receiver.StartAsync();
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        var one = await _merchant.AddEndpointAsync(receiver.Url + "one");
        await _merchant.AddEndpointAsync(receiver.Url + "two");

        var answer = (await _merchant.PostAsync($"/v1/events/{made.Id}/retry", ("for_stripecli", "true"))).ShouldBe(200);

        (answer.Text("object"), answer.Id, answer.Number("pending_webhooks")).ShouldBe(("event", made.Id, 2));
        (await receiver.WaitForAsync(2)).Select(request => request.Path).Order().ShouldBe(["/one", "/two"]);
        await Eventually.HoldsAsync(async () => (await _merchant.GetAsync($"/v1/events/{made.Id}")).Number("pending_webhooks") == 0, "both have arrived");
        (await _merchant.PostAsync($"/v1/events/{made.Id}/retry", ("webhook_endpoint", one.Id))).ShouldBe(200).Number("pending_webhooks").ShouldBe(1);
        (await receiver.WaitForAsync(3))[2].Path.ShouldBe("/one");
        receiver.Requests.ShouldAllBe(request => request.Headers["webhook-id"] == made.Id);

        var account = (await _merchant.PostAsync("/v1/accounts")).ShouldBe(200).Id;
        (await _merchant.PostAsync($"/v1/events/{made.Id}/retry", ("account", account))).ShouldBeError(404, "invalid_request_error", "resource_missing", "id");
        (await _merchant.PostAsync($"/v1/events/{made.Id}/retry", ("account", "acct_other"))).ShouldBeError(403, "invalid_request_error", "account_invalid");
        (await _merchant.PostAsync($"/v1/events/{made.Id}/retry", ("webhook_endpoint", "we_none"))).ShouldBeError(404, "invalid_request_error", "resource_missing", "webhook_endpoint");
    }

    [EngineFact]
    public async Task Everything_that_failed_since_a_time_is_recovered_by_the_jobs_that_failed()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);
        var since = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 1;
        for (var i = 0; i < 12; i++) (await _merchant.ChargeAsync()).ShouldBe(200);
        var events = await _merchant.IdsAsync("/v1/events");
        var jobs = new List<string>();
        foreach (var id in events) jobs.Add((await _browser.FindJobAsync("jobs/failed", id)).Id);
        receiver.Answer = Receiver.Status(200);

        (await RecoverAsync(endpoint.Id, ("since", $"{since + 1000}"))).Number("replayed").ShouldBe(0);
        var answer = await RecoverOnceAsync();

        (answer.Text("object"), answer.Text("webhook_endpoint"), answer.Number("replayed")).ShouldBe(("test_helpers.webhook_recovery", endpoint.Id, 12));
        foreach (var id in events) await _merchant.DeliveryAsync(id, "succeeded");
        (await RecoverAsync(endpoint.Id, ("since", $"{since}"))).Number("replayed").ShouldBe(0);
        foreach (var (id, job) in events.Zip(jobs)) (await _browser.FindJobAsync("jobs/succeeded", id)).Id.ShouldBe(job);
        receiver.Requests.Count.ShouldBe(12 * 3 + 12);
        (await RecoverOnceAsync()).Body.ShouldBe(answer.Body, "it is the same request");

        async Task<ApiAnswer> RecoverOnceAsync() => (await _merchant.PostAsync(
            $"/v1/test_helpers/webhook_endpoints/{endpoint.Id}/recover", "recover", ("since", $"{since}"), ("event_types[]", "charge.*"))).ShouldBe(200);
    }

    [EngineFact]
    public async Task Nobody_replays_what_is_not_his_or_cannot_be_sent()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        var delivery = await _merchant.DeliveryAsync(made.Id, "succeeded");
        var id = delivery.GetProperty("id").GetString();
        var other = fixture.Simulator.NewMerchant();

        (await other.PostAsync($"/v1/test_helpers/deliveries/{id}/replay")).ShouldBeError(404, "invalid_request_error", "resource_missing", "id");
        (await other.PostAsync($"/v1/events/{made.Id}/retry")).ShouldBeError(404, "invalid_request_error", "resource_missing", "id");
        (await other.PostAsync($"/v1/test_helpers/webhook_endpoints/{endpoint.Id}/recover", ("since", "0"))).ShouldBeError(404, "invalid_request_error", "resource_missing", "id");
        (await _merchant.PostAsync($"/v1/test_helpers/webhook_endpoints/{endpoint.Id}/recover")).ShouldBeError(400, "invalid_request_error", "parameter_missing", "since");
        (await _merchant.PostAsync($"/v1/test_helpers/webhook_endpoints/{endpoint.Id}/recover", ("since", "yesterday"))).ShouldBeError(400, "invalid_request_error", param: "since");
        (await _merchant.PostAsync($"/v1/webhook_endpoints/{endpoint.Id}", ("disabled", "true"))).ShouldBe(200);
        (await ReplayAsync(delivery)).ShouldBeError(400, "invalid_request_error");
        (await _merchant.PostAsync($"/v1/test_helpers/webhook_endpoints/{endpoint.Id}/recover", ("since", "0"))).ShouldBeError(400, "invalid_request_error");
        (await _merchant.DeleteAsync($"/v1/webhook_endpoints/{endpoint.Id}")).ShouldBe(200);
        (await ReplayAsync(delivery)).ShouldBeError(400, "invalid_request_error");
        receiver.Requests.Count.ShouldBe(1);
    }

    [EngineFact]
    public async Task Under_an_idempotency_key_a_replay_is_made_once()
    {
        await using var receiver = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        var id = (await _merchant.DeliveryAsync(made.Id, "succeeded")).GetProperty("id").GetString();

        (await _merchant.PostAsync($"/v1/test_helpers/deliveries/{id}/replay", "again")).ShouldBe(200);
        await receiver.WaitForAsync(2);
        await _merchant.DeliveryAsync(made.Id, "succeeded");
        (await _merchant.PostAsync($"/v1/test_helpers/deliveries/{id}/replay", "again")).ShouldBe(200).Header("Idempotent-Replayed").ShouldBe("true");

        (await _merchant.DeliveryAsync(made.Id, "succeeded")).GetProperty("attempts").GetArrayLength().ShouldBe(2);
    }

    private Task<ApiAnswer> ReplayAsync(JsonElement delivery) => _merchant.PostAsync($"/v1/test_helpers/deliveries/{delivery.GetProperty("id").GetString()}/replay");

    private async Task<ApiAnswer> RecoverAsync(string endpoint, params (string Name, string Value)[] form) =>
        (await _merchant.PostAsync($"/v1/test_helpers/webhook_endpoints/{endpoint}/recover", form)).ShouldBe(200);

    /// <summary>A worker has the job, and has not claimed its delivery yet. Hangfire's own class for that is made by its workers only.</summary>
    private sealed class TakenByWorker : IState
    {
        public string Name => ProcessingState.StateName;

        public string Reason => "";

        public bool IsFinal => false;

        public bool IgnoreJobLoadException => false;

        public Dictionary<string, string> SerializeData() => [];
    }
}
