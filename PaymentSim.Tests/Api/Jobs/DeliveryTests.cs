using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Jobs;

/// <summary>From a charge to the merchant's server: what arrives, how often, and what is kept of it.</summary>
public sealed class DeliveryTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task A_webhook_is_the_signed_event()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url + "hooks?a=b");

        var charge = (await _merchant.ChargeAsync()).ShouldBe(200);

        var webhook = (await receiver.WaitForAsync(1))[0];
        webhook.ShouldVerify(endpoint.Secret);
        webhook.Method.ShouldBe("POST");
        webhook.Path.ShouldBe("/hooks?a=b");
        webhook.Headers["Content-Type"].ShouldBe("application/json; charset=utf-8");
        webhook.Headers["User-Agent"].ShouldNotBeNullOrEmpty();
        var body = JsonDocument.Parse(webhook.Body).RootElement;
        webhook.Headers["webhook-id"].ShouldBe(body.GetProperty("id").GetString());
        body.GetProperty("object").GetString().ShouldBe("event");
        body.GetProperty("type").GetString().ShouldBe("charge.succeeded");
        body.GetProperty("pending_webhooks").GetInt64().ShouldBe(1);
        body.At("data.object").GetRawText().ShouldBe(charge.Body);
        body.At("request.id").GetString().ShouldBe(charge.Header("Request-Id"));

        var made = await _merchant.EventAsync("charge.succeeded");
        await _merchant.DeliveryAsync(made.Id, "succeeded");
        (await _merchant.GetAsync($"/v1/events/{made.Id}")).Body.ShouldBe(webhook.Text.Replace("\"pending_webhooks\":1", "\"pending_webhooks\":0"));
    }

    [EngineFact]
    public async Task Attempts_go_on_until_one_succeeds_with_the_same_bytes_and_new_signatures()
    {
        var statuses = new Queue<int>([500, 503, 200]);
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.Headers["X-Trace"] = "t-1";
            return Receiver.Status(statuses.Dequeue(), "answer ä")(context);
        });
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);

        (await _merchant.PostJsonAsync("/v1/charges", """{"amount":2000,"currency":"usd","source":"tok_visa","description":"ä 💳 </script> \u2028"}""")).ShouldBe(200);

        var made = await _merchant.EventAsync("charge.succeeded");
        var delivery = await _merchant.DeliveryAsync(made.Id, "succeeded");
        var requests = receiver.Requests;
        requests.Count.ShouldBe(3);
        requests.ShouldAllBe(request => request.Body.SequenceEqual(requests[0].Body));
        requests.ShouldAllBe(request => request.Headers["webhook-id"] == made.Id);
        var times = requests.Select(request => request.ShouldVerify(endpoint.Secret)).ToList();
        times.Distinct().Count().ShouldBe(3);
        times.ShouldBeInOrder();

        delivery.GetProperty("object").GetString().ShouldBe("test_helpers.webhook_delivery");
        delivery.GetProperty("event").GetString().ShouldBe(made.Id);
        delivery.GetProperty("event_type").GetString().ShouldBe("charge.succeeded");
        delivery.GetProperty("webhook_endpoint").GetString().ShouldBe(endpoint.Id);
        delivery.GetProperty("next_attempt_at").ValueKind.ShouldBe(JsonValueKind.Null);
        delivery.GetProperty("completed_at").GetInt64().ShouldBeGreaterThanOrEqualTo(times[2]);
        var attempts = delivery.GetProperty("attempts").EnumerateArray().ToList();
        attempts.Select(attempt => attempt.GetProperty("number").GetInt64()).ShouldBe([1, 2, 3]);
        attempts.Select(attempt => attempt.GetProperty("response_status").GetInt64()).ShouldBe([500, 503, 200]);
        attempts.Select(attempt => attempt.GetProperty("outcome").GetString()).ShouldBe(["failed", "failed", "succeeded"]);
        attempts.Select(attempt => attempt.GetProperty("error").ToString()).ShouldBe([$"HTTP 500 from {receiver.Url}", $"HTTP 503 from {receiver.Url}", ""]);
        for (var i = 0; i < 3; i++)
        {
            attempts[i].GetProperty("trigger").GetString().ShouldBe("automatic");
            attempts[i].GetProperty("url").GetString().ShouldBe(receiver.Url);
            attempts[i].GetProperty("response_body").GetString().ShouldBe("answer ä");
            attempts[i].At("response_headers.X-Trace").GetString().ShouldBe("t-1");
            attempts[i].GetProperty("duration_ms").GetInt64().ShouldBeGreaterThanOrEqualTo(0);
            attempts[i].At("request_headers.Stripe-Signature").GetString().ShouldBe(requests[i].Headers["Stripe-Signature"]);
            attempts[i].At("request_headers.webhook-signature").GetString().ShouldBe(requests[i].Headers["webhook-signature"]);
            attempts[i].GetProperty("created").GetInt64().ShouldBe(times[i]);
        }
    }

    [EngineTheory]
    [InlineData(199 + 1)]
    [InlineData(204)]
    [InlineData(299)]
    public async Task Every_2xx_is_a_success(int status)
    {
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        await _merchant.AddEndpointAsync(receiver.Url);

        (await _merchant.ChargeAsync()).ShouldBe(200);

        await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.succeeded")).Id, "succeeded");
        receiver.Requests.Count.ShouldBe(1);
    }

    [EngineFact]
    public async Task A_redirect_is_a_failure_and_is_not_followed()
    {
        await using var target = await Receiver.StartAsync();
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.Redirect(target.Url);
            return Task.CompletedTask;
        });
        await _merchant.AddEndpointAsync(receiver.Url);

        (await _merchant.ChargeAsync()).ShouldBe(200);

        var delivery = await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.succeeded")).Id, "failed");
        delivery.GetProperty("last_error").GetString().ShouldBe($"HTTP 302 from {receiver.Url}");
        receiver.Requests.Count.ShouldBe(3);
        target.Requests.ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_port_that_nobody_listens_on_is_refused()
    {
        var receiver = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(receiver.Url);
        await receiver.DisposeAsync();

        (await _merchant.ChargeAsync()).ShouldBe(200);

        var attempt = await FirstAttemptAsync();
        attempt.GetProperty("error_class").GetString().ShouldBe("refused");
        attempt.GetProperty("error").GetString().ShouldBe($"connection refused: {receiver.Url}");
        attempt.GetProperty("response_status").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [EngineFact]
    public async Task A_connection_that_breaks_is_a_reset()
    {
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await _merchant.AddEndpointAsync(receiver.Url);

        (await _merchant.ChargeAsync()).ShouldBe(200);

        (await FirstAttemptAsync()).GetProperty("error_class").GetString().ShouldBe("reset");
    }

    [EngineFact]
    public async Task Https_to_a_server_without_is_no_secure_connection()
    {
        await using var receiver = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(receiver.Url.Replace("http:", "https:"));

        (await _merchant.ChargeAsync()).ShouldBe(200);

        (await FirstAttemptAsync()).GetProperty("error_class").GetString().ShouldBe("tls");
        receiver.Requests.ShouldBeEmpty();
    }

    [EngineTheory]
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Retry_after_is_honoured_where_the_endpoint_asks_for_time(int status)
    {
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = "3600";
            return Receiver.Status(status)(context);
        });
        await _merchant.AddEndpointAsync(receiver.Url);

        (await _merchant.ChargeAsync()).ShouldBe(200);

        await FirstAttemptAsync();
        var delivery = (await DeliveriesAsync()).ShouldHaveSingleItem();
        delivery.GetProperty("status").GetString().ShouldBe("pending");
        var started = delivery.At("attempts.0.created").GetInt64();
        delivery.GetProperty("next_attempt_at").GetInt64().ShouldBeInRange(started + 3600, started + 3700);
    }

    [EngineFact]
    public async Task Retry_after_can_be_a_date()
    {
        var date = DateTimeOffset.UtcNow.AddHours(2);
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = date.ToString("R");
            return Receiver.Status(503)(context);
        });
        await _merchant.AddEndpointAsync(receiver.Url);

        (await _merchant.ChargeAsync()).ShouldBe(200);

        await FirstAttemptAsync();
        (await DeliveriesAsync())[0].GetProperty("next_attempt_at").GetInt64().ShouldBeInRange(date.ToUnixTimeSeconds(), date.ToUnixTimeSeconds() + 60);
    }

    [EngineTheory]
    [InlineData("nonsense")]
    [InlineData("-5")]
    [InlineData("99999999999999999999")]
    [InlineData("Mon, 01 Jan 1990 00:00:00 GMT")]
    public async Task Retry_after_that_makes_no_sense_leaves_the_schedule_as_it_is(string value)
    {
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = value;
            return Receiver.Status(503)(context);
        });
        await _merchant.AddEndpointAsync(receiver.Url);

        (await _merchant.ChargeAsync()).ShouldBe(200);

        await receiver.WaitForAsync(2);
    }

    [EngineFact]
    public async Task Retry_after_plays_no_part_in_an_ordinary_failure()
    {
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = "3600";
            return Receiver.Status(500)(context);
        });
        await _merchant.AddEndpointAsync(receiver.Url);

        (await _merchant.ChargeAsync()).ShouldBe(200);

        await receiver.WaitForAsync(2);
    }

    [EngineFact]
    public async Task Two_endpoints_get_the_event_each_with_its_own_signature()
    {
        await using var first = await Receiver.StartAsync();
        await using var second = await Receiver.StartAsync();
        var one = await _merchant.AddEndpointAsync(first.Url);
        var two = await _merchant.AddEndpointAsync(second.Url, "charge.succeeded", "charge.failed");

        (await _merchant.ChargeAsync()).ShouldBe(200);

        var (a, b) = ((await first.WaitForAsync(1))[0], (await second.WaitForAsync(1))[0]);
        a.ShouldVerify(one.Secret);
        b.ShouldVerify(two.Secret);
        a.Body.ShouldBe(b.Body);
        JsonDocument.Parse(a.Body).RootElement.GetProperty("pending_webhooks").GetInt64().ShouldBe(2);
        (await DeliveriesAsync()).Count.ShouldBe(2);
    }

    [EngineFact]
    public async Task A_slow_endpoint_does_not_hold_up_another()
    {
        var release = new TaskCompletionSource();
        await using var slow = await Receiver.StartAsync(_ => release.Task);
        await using var quick = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(slow.Url);
        await _merchant.AddEndpointAsync(quick.Url);

        for (var i = 0; i < 3; i++) (await _merchant.ChargeAsync()).ShouldBe(200);

        await quick.WaitForAsync(3);
        release.SetResult();
    }

    [EngineFact]
    public async Task An_endpoint_gets_only_the_events_that_it_asked_for()
    {
        await using var receiver = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(receiver.Url, "charge.failed");

        (await _merchant.ChargeAsync()).ShouldBe(200);
        (await _merchant.ChargeAsync("tok_chargeDeclined")).ShouldBe(402);

        await receiver.WaitForAsync(1);
        (await _merchant.GetAsync($"/v1/test_helpers/events/{(await _merchant.EventAsync("charge.succeeded")).Id}/deliveries")).Data.ShouldBeEmpty();
        JsonDocument.Parse(receiver.Requests.ShouldHaveSingleItem().Body).RootElement.GetProperty("type").GetString().ShouldBe("charge.failed");
    }

    [EngineTheory]
    [InlineData("2024-06-20", null, "2024-06-20")]
    [InlineData(null, "2025-03-31.basil", "2025-03-31.basil")]
    [InlineData("2024-06-20", "2025-03-31.basil", "2024-06-20")]
    [InlineData(null, null, "2026-10-28.endive")]
    public async Task An_endpoint_gets_its_own_version_or_the_one_of_the_request_that_made_it(string? own, string? ofRequest, string expected)
    {
        await using var receiver = await Receiver.StartAsync();
        var parameters = new List<(string, string)> { ("url", receiver.Url), ("enabled_events[]", "*") };
        if (own is not null) parameters.Add(("api_version", own));
        var made = await _merchant.SendAsync(
            HttpMethod.Post, "/v1/webhook_endpoints", Merchant.Form([.. parameters]), ofRequest is null ? [] : [("Stripe-Version", ofRequest)]);
        made.ShouldBe(200).Text("api_version").ShouldBe(own);

        // What the charge's metadata says must not be taken for the event's own version.
        (await _merchant.PostJsonAsync(
            "/v1/charges", """{"amount":2000,"currency":"usd","source":"tok_visa","metadata":{"api_version":"2026-10-28.endive"},"description":"\"api_version\":\"2026-10-28.endive\""}""")).ShouldBe(200);

        var webhook = (await receiver.WaitForAsync(1))[0];
        webhook.ShouldVerify(made.Text("secret")!);
        var body = JsonDocument.Parse(webhook.Body).RootElement;
        body.GetProperty("api_version").GetString().ShouldBe(expected);
        body.At("data.object.metadata.api_version").GetString().ShouldBe("2026-10-28.endive");
        body.At("data.object.description").GetString().ShouldBe("\"api_version\":\"2026-10-28.endive\"");
    }

    [EngineFact]
    public async Task A_disabled_endpoint_gets_nothing_and_its_waiting_webhooks_go_on_when_it_is_enabled_again()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        await receiver.WaitForAsync(1);
        (await _merchant.PostAsync($"/v1/webhook_endpoints/{endpoint.Id}", ("disabled", "true"))).ShouldBe(200);
        var before = receiver.Requests.Count;
        receiver.Answer = Receiver.Status(200);

        // An event of that time is not for it; the attempt that was planned is not made.
        (await _merchant.ChargeAsync("tok_chargeDeclined")).ShouldBe(402);
        (await _merchant.GetAsync($"/v1/test_helpers/events/{(await _merchant.EventAsync("charge.failed")).Id}/deliveries")).Data.ShouldBeEmpty();
        var made = await _merchant.EventAsync("charge.succeeded");
        var waiting = await _merchant.DeliveryAsync(made.Id, "pending");
        var due = waiting.GetProperty("next_attempt_at").GetInt64();
        await Eventually.HoldsAsync(() => Task.FromResult(DateTimeOffset.UtcNow.ToUnixTimeSeconds() > due + 1), "the planned attempt's time has passed");
        receiver.Requests.Count.ShouldBe(before);

        (await _merchant.PostAsync($"/v1/webhook_endpoints/{endpoint.Id}", ("disabled", "false"))).ShouldBe(200);
        await _merchant.DeliveryAsync(made.Id, "succeeded");
        receiver.Requests.Count.ShouldBe(before + 1);
    }

    [EngineFact]
    public async Task A_deleted_endpoints_waiting_webhooks_are_cancelled()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        await receiver.WaitForAsync(1);
        var made = await _merchant.EventAsync("charge.succeeded");
        await Eventually.HoldsAsync(async () => (await DeliveriesAsync())[0].At("attempts.0.outcome").GetString() == "failed", "the first attempt has failed");

        (await _merchant.DeleteAsync($"/v1/webhook_endpoints/{endpoint.Id}")).ShouldBe(200);

        (await _merchant.DeliveryAsync(made.Id, "canceled")).GetProperty("last_error").GetString().ShouldBe("The endpoint was deleted.");
        receiver.Requests.Count.ShouldBe(1);
        (await _merchant.GetAsync($"/v1/events/{made.Id}")).Number("pending_webhooks").ShouldBe(0);
    }

    [EngineFact]
    public async Task An_answer_of_410_disables_the_endpoint_at_once()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(410));
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);

        (await _merchant.ChargeAsync()).ShouldBe(200);

        await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.succeeded")).Id, "failed");
        (await _merchant.GetAsync($"/v1/webhook_endpoints/{endpoint.Id}")).Text("status").ShouldBe("disabled");
        receiver.Requests.Count.ShouldBe(1);
    }

    [EngineFact]
    public async Task An_answer_of_410_does_not_undo_what_the_merchant_changed_meanwhile()
    {
        var release = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(async context =>
        {
            await release.Task;
            await Receiver.Status(410)(context);
        });
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        await receiver.WaitForAsync(1);

        (await _merchant.PostAsync($"/v1/webhook_endpoints/{endpoint.Id}", ("description", "changed"), ("enabled_events[]", "charge.failed"))).ShouldBe(200);
        release.SetResult();

        var after = await Eventually.HoldsAsync(
            () => _merchant.GetAsync($"/v1/webhook_endpoints/{endpoint.Id}"), now => now.Text("status") == "disabled", "the endpoint is disabled");
        after.Text("description").ShouldBe("changed");
        after.Text("enabled_events.0").ShouldBe("charge.failed");
    }

    [EngineFact]
    public async Task A_long_answer_is_kept_in_part_and_odd_bytes_do_no_harm()
    {
        await using var receiver = await Receiver.StartAsync(async context =>
        {
            await context.Response.Body.WriteAsync("\0\xFF"u8.ToArray());
            await context.Response.WriteAsync(new string('x', 1024 * 1024));
        });
        await _merchant.AddEndpointAsync(receiver.Url);

        (await _merchant.ChargeAsync()).ShouldBe(200);

        var delivery = await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.succeeded")).Id, "succeeded");
        var body = delivery.At("attempts.0.response_body").GetString()!;
        body.Length.ShouldBeInRange(1000, 64 * 1024);
        body.ShouldNotContain("\0");
    }

    [EngineFact]
    public async Task Hundreds_of_charges_at_once_each_arrive_once()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);

        var charges = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) => charges.Add((await _merchant.ChargeAsync()).ShouldBe(200).Id));

        var requests = await receiver.WaitForAsync(300, TimeSpan.FromSeconds(30));
        requests.Select(request => JsonDocument.Parse(request.Body).RootElement.At("data.object.id").GetString()!).Order().ShouldBe(charges.Order());
        foreach (var request in requests) request.ShouldVerify(endpoint.Secret);
        await Eventually.HoldsAsync(
            async () => (await _merchant.IdsAsync("/v1/events?delivery_success=true")).Count == 300
                && (await _merchant.GetAsync("/v1/events?limit=100")).Data.All(item => item.GetProperty("pending_webhooks").GetInt64() == 0),
            "all are recorded as arrived");
        receiver.Requests.Count.ShouldBe(300);
    }

    private async Task<IReadOnlyList<JsonElement>> DeliveriesAsync() =>
        (await _merchant.GetAsync($"/v1/test_helpers/events/{(await _merchant.EventAsync("charge.succeeded")).Id}/deliveries")).ShouldBe(200).Data;

    private async Task<JsonElement> FirstAttemptAsync() => await Eventually.HoldsAsync(
        async () => (await DeliveriesAsync()).ShouldHaveSingleItem().At("attempts.0"),
        attempt => attempt.ValueKind == JsonValueKind.Object && attempt.GetProperty("outcome").GetString() == "failed",
        "the first attempt has failed");
}
