using System.Net;
using System.Text.Json;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Dashboard;

/// <summary>What QA does on Hangfire's own pages, by the requests that those pages make.</summary>
public sealed class JobsDashboardTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>, IDisposable
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();
    private readonly DashboardBrowser _browser = new(fixture.Simulator);

    public void Dispose() => _browser.Dispose();

    [EngineFact]
    public async Task A_webhook_whose_retries_are_used_up_stands_among_the_failed_jobs_by_name_and_reason()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var (eventId, _) = await FailAsync(receiver);

        var (_, row) = await _browser.FindJobAsync("jobs/failed", eventId);

        row.ShouldContain($"charge.succeeded {eventId} → {receiver.Url}");
        row.ShouldContain($"HTTP 500 from {receiver.Url}");
        row.ShouldNotContain("at PaymentSim.");
        receiver.Requests.Count.ShouldBe(3);
    }

    [EngineFact]
    public async Task A_job_that_waits_for_its_retry_says_why()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Busy("3600"));
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");

        await _browser.FindJobAsync("jobs/scheduled", made.Id);
        var (id, row) = await _browser.FindJobAsync("retries", made.Id);

        row.ShouldContain($"charge.succeeded {made.Id} → {receiver.Url}");
        (await _browser.PageAsync($"jobs/details/{id}")).ShouldContain($"Retry attempt 1 of 2: HTTP 503 from {receiver.Url}");
    }

    [EngineFact]
    public async Task Requeue_sends_it_again_with_the_same_id_and_a_full_new_retry_budget()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var (eventId, endpoint) = await FailAsync(receiver);
        var (job, _) = await _browser.FindJobAsync("jobs/failed", eventId);

        (await _browser.PressAsync("jobs/failed", "jobs/failed/requeue", jobs: job)).ShouldBe(HttpStatusCode.NoContent);

        await receiver.WaitForAsync(6);
        (await _browser.FindJobAsync("jobs/failed", eventId)).Id.ShouldBe(job);
        var delivery = await _merchant.DeliveryAsync(eventId, "failed");
        delivery.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("trigger").GetString())
            .ShouldBe(["automatic", "automatic", "automatic", "replay", "automatic", "automatic"]);
        receiver.Requests.Count.ShouldBe(6);
        receiver.Requests.ShouldAllBe(request => request.Headers["webhook-id"] == eventId && request.Body.SequenceEqual(receiver.Requests[0].Body));
        foreach (var request in receiver.Requests) request.ShouldVerify(endpoint.Secret);

        // And once more, to a receiver that is well again.
        receiver.Answer = Receiver.Status(200);
        (await _browser.PressAsync("jobs/failed", "jobs/failed/requeue", jobs: job)).ShouldBe(HttpStatusCode.NoContent);
        delivery = await _merchant.DeliveryAsync(eventId, "succeeded");
        delivery.At("attempts.6.trigger").GetString().ShouldBe("replay");
        delivery.GetProperty("last_error").ValueKind.ShouldBe(JsonValueKind.Null);
        receiver.Requests.Count.ShouldBe(7);
        (await _merchant.GetAsync($"/v1/events/{eventId}")).Number("pending_webhooks").ShouldBe(0);
        await Eventually.HoldsAsync(() => _browser.HasJobAsync("jobs/succeeded", eventId), "the job stands among those that succeeded");
        (await _browser.HasJobAsync("jobs/failed", eventId)).ShouldBeFalse();
    }

    [EngineFact]
    public async Task Many_failed_jobs_are_requeued_with_one_press()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        await _merchant.AddEndpointAsync(receiver.Url);
        for (var i = 0; i < 5; i++) (await _merchant.ChargeAsync()).ShouldBe(200);
        var events = await _merchant.IdsAsync("/v1/events");
        var jobs = new List<string>();
        foreach (var id in events) jobs.Add((await _browser.FindJobAsync("jobs/failed", id)).Id);
        receiver.Answer = Receiver.Status(200);

        (await _browser.PressAsync("jobs/failed", "jobs/failed/requeue", jobs: [.. jobs])).ShouldBe(HttpStatusCode.NoContent);

        foreach (var id in events) await _merchant.DeliveryAsync(id, "succeeded");
        receiver.Requests.Count.ShouldBe(5 * 3 + 5);
    }

    [EngineFact]
    public async Task A_webhook_that_arrived_can_be_sent_again_from_its_page()
    {
        await using var receiver = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        await _merchant.DeliveryAsync(made.Id, "succeeded");
        var job = await JobIdOnPageAsync("jobs/succeeded", made.Id);

        (await _browser.PressAsync($"jobs/details/{job}", $"jobs/actions/requeue/{job}")).ShouldBe(HttpStatusCode.NoContent);

        await receiver.WaitForAsync(2);
        (await _merchant.DeliveryAsync(made.Id, "succeeded")).At("attempts.1.trigger").GetString().ShouldBe("replay");
    }

    [EngineFact]
    public async Task A_planned_retry_can_be_made_at_once_and_is_planned_again_for_its_time_if_that_fails()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Busy("3600"));
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        var (job, _) = await _browser.FindJobAsync("jobs/scheduled", made.Id);
        var planned = (await _merchant.DeliveryAsync(made.Id, "pending")).GetProperty("next_attempt_at").GetInt64();
        receiver.Answer = Receiver.Status(500);

        (await _browser.PressAsync("jobs/scheduled", "jobs/scheduled/enqueue", jobs: job)).ShouldBe(HttpStatusCode.NoContent);

        await receiver.WaitForAsync(2);
        (await _browser.FindJobAsync("jobs/scheduled", made.Id)).Id.ShouldBe(job);
        var after = await _merchant.DeliveryAsync(made.Id, "pending");
        (after.At("attempts.1.trigger").GetString(), after.GetProperty("next_attempt_at").GetInt64()).ShouldBe(("replay", planned));
    }

    [EngineFact]
    public async Task A_requeue_without_the_pages_token_is_refused_and_sends_nothing()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var (eventId, _) = await FailAsync(receiver);
        var (job, _) = await _browser.FindJobAsync("jobs/failed", eventId);

        (await _browser.PressAsync("jobs/failed", "jobs/failed/requeue", withToken: false, job)).ShouldBe(HttpStatusCode.Forbidden);
        (await _browser.PressAsync("jobs/failed", "jobs/failed/delete", withToken: false, job)).ShouldBe(HttpStatusCode.Forbidden);

        (await _browser.FindJobAsync("jobs/failed", eventId)).Id.ShouldBe(job);
        receiver.Requests.Count.ShouldBe(3);
    }

    [EngineFact]
    public async Task Deleting_a_planned_job_cancels_its_webhook_for_good()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Busy("2"));
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        var (job, _) = await _browser.FindJobAsync("jobs/scheduled", made.Id);
        var planned = await _merchant.DeliveryAsync(made.Id, "pending");

        (await _browser.PressAsync("jobs/scheduled", "jobs/scheduled/delete", jobs: job)).ShouldBe(HttpStatusCode.NoContent);

        var due = planned.GetProperty("next_attempt_at").GetInt64();
        (await _merchant.DeliveryAsync(made.Id, "canceled")).GetProperty("last_error").GetString().ShouldBe("Its job was deleted.");
        await Eventually.HoldsAsync(() => Task.FromResult(DateTimeOffset.UtcNow.ToUnixTimeSeconds() > due), "the next attempt would have been due");
        await SweepAsync();
        receiver.Requests.Count.ShouldBe(1);
        await _merchant.DeliveryAsync(made.Id, "canceled");
        (await _merchant.GetAsync($"/v1/events/{made.Id}")).Number("pending_webhooks").ShouldBe(0);
    }

    [EngineFact]
    public async Task Deleting_a_job_while_it_sends_cancels_its_webhook_for_good()
    {
        var release = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(async context =>
        {
            await release.Task;
            await Receiver.Status(500)(context);
        });
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        await receiver.WaitForAsync(1);
        var made = await _merchant.EventAsync("charge.succeeded");
        var job = await JobIdOnPageAsync("jobs/processing", made.Id);

        (await _browser.PressAsync("jobs/processing", "jobs/processing/delete", jobs: job)).ShouldBe(HttpStatusCode.NoContent);
        await _merchant.DeliveryAsync(made.Id, "canceled");
        release.SetResult();

        var closed = await Eventually.HoldsAsync(
            async () => (await _merchant.GetAsync($"/v1/test_helpers/events/{made.Id}/deliveries")).Data.ShouldHaveSingleItem(),
            delivery => delivery.At("attempts.0.outcome").GetString() != "open",
            "the attempt is recorded");
        closed.GetProperty("status").GetString().ShouldBe("canceled");
        await SweepAsync();
        receiver.Requests.Count.ShouldBe(1);
        await _merchant.DeliveryAsync(made.Id, "canceled");
    }

    [EngineFact]
    public async Task A_deleted_job_can_be_requeued_and_sends_then()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Busy("3600"));
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        var (job, _) = await _browser.FindJobAsync("jobs/scheduled", made.Id);
        (await _browser.PressAsync("jobs/scheduled", "jobs/scheduled/delete", jobs: job)).ShouldBe(HttpStatusCode.NoContent);
        receiver.Answer = Receiver.Status(200);

        (await _browser.PressAsync("jobs/deleted", $"jobs/actions/requeue/{job}")).ShouldBe(HttpStatusCode.NoContent);

        await _merchant.DeliveryAsync(made.Id, "succeeded");
        receiver.Requests.Count.ShouldBe(2);
    }

    [EngineTheory]
    [InlineData("Host", "evil.example")]
    [InlineData("Host", "192.168.1.5:5080")]
    [InlineData("Host", "127.0.0.1.evil.example")]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    [InlineData("Forwarded", "for=203.0.113.9")]
    public async Task The_dashboard_is_closed_to_who_is_not_a_browser_on_this_machine(string header, string value)
    {
        foreach (var path in new[] { "/hangfire", "/hangfire/jobs/failed", "/hangfire/stats" })
        {
            using var request = new HttpRequestMessage(path == "/hangfire/stats" ? HttpMethod.Post : HttpMethod.Get, path);
            if (header == "Host") request.Headers.Host = value;
            else request.Headers.Add(header, value);
            using var response = await fixture.Simulator.Http.SendAsync(request);
            response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, path);
            (await response.Content.ReadAsStringAsync()).ShouldNotContain("PaymentSim jobs");
        }
    }

    [EngineTheory]
    [InlineData("localhost")]
    [InlineData("[::1]")]
    [InlineData("127.0.0.1:9")]
    public async Task The_dashboard_is_open_under_this_machines_names(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/hangfire/jobs/failed") { Headers = { Host = host } };
        using var response = await fixture.Simulator.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [EngineTheory]
    [InlineData("garbage")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("%27%20OR%201=1")]
    [InlineData("%F0%9F%92%B3")]
    public async Task A_garbage_job_id_is_no_internal_error(string id)
    {
        ((int)await _browser.StatusAsync($"jobs/details/{id}")).ShouldBeLessThan(500);
        ((int)await _browser.PressAsync("jobs/failed", $"jobs/actions/requeue/{id}")).ShouldBeLessThan(500);
        ((int)await _browser.PressAsync("jobs/failed", "jobs/failed/requeue", jobs: [Uri.UnescapeDataString(id), ""])).ShouldBeLessThan(500);
        ((int)await _browser.PressAsync("jobs/failed", "jobs/failed/delete", jobs: Uri.UnescapeDataString(id))).ShouldBeLessThan(500);
    }

    [EngineFact]
    public async Task Every_page_of_the_dashboard_opens_and_asks_no_other_host()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        await FailAsync(receiver);

        foreach (var page in new[]
                 {
                     "", "jobs/enqueued", "jobs/enqueued/webhooks", "jobs/enqueued/fetched/webhooks", "jobs/scheduled", "jobs/processing", "jobs/succeeded", "jobs/failed",
                     "jobs/deleted", "jobs/awaiting", "recurring", "retries", "servers",
                 })
        {
            var html = await _browser.PageAsync(page);
            html.ShouldContain("PaymentSim jobs");
            System.Text.RegularExpressions.Regex.Matches(html, """<(?:script|link|img)[^>]+(?:src|href)="(https?:)?//""").ShouldBeEmpty(page);
        }
    }

    private async Task<(string EventId, Endpoint Endpoint)> FailAsync(Receiver receiver)
    {
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        await _merchant.DeliveryAsync(made.Id, "failed");
        return (made.Id, endpoint);
    }

    private async Task<string> JobIdOnPageAsync(string page, string text) => (await _browser.FindJobAsync(page, text)).Id;

    /// <summary>Looks for lost work, and waits until a webhook that was made after it has gone the whole way: what was found is gone before it.</summary>
    private async Task SweepAsync()
    {
        await fixture.Simulator.SweepAsync(atStart: true);

        await using var receiver = await Receiver.StartAsync();
        var probe = fixture.Simulator.NewMerchant();
        await probe.AddEndpointAsync(receiver.Url);
        (await probe.ChargeAsync()).ShouldBe(200);
        await probe.DeliveryAsync((await probe.EventAsync("charge.succeeded")).Id, "succeeded");
    }
}
