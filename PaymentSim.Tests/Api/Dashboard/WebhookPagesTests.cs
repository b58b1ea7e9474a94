using System.Net;
using System.Text.RegularExpressions;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Dashboard;

/// <summary>Our own pages among Hangfire's, by the requests that they make.</summary>
public sealed partial class WebhookPagesTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>, IDisposable
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();
    private readonly DashboardBrowser _browser = new(fixture.Simulator);

    public void Dispose() => _browser.Dispose();

    [EngineFact]
    public async Task The_webhooks_page_shows_every_endpoint_and_how_it_is_doing()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var (_, endpoint) = await FailAsync(receiver);

        var row = await Eventually.HoldsAsync(
            async () => Row(await _browser.PageAsync($"webhooks?search={endpoint.Id}"), endpoint.Id), row => row.Contains("failing", StringComparison.Ordinal), "the endpoint fails");

        row.ShouldContain(receiver.Url);
        row.ShouldContain("0 %");
        row.ShouldContain("0 of 3");
        row.ShouldContain($"/hangfire/deliveries?endpoint={endpoint.Id}&status=failed");
        (await _browser.PageAsync("webhooks?search=no-such-endpoint")).ShouldContain("No endpoint has “no-such-endpoint”");
    }

    [EngineFact]
    public async Task An_endpoint_that_said_410_is_shown_disabled_with_the_reason()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(410));
        var (_, endpoint) = await FailAsync(receiver);

        var row = await Eventually.HoldsAsync(
            async () => Row(await _browser.PageAsync($"webhooks?search={endpoint.Id}"), endpoint.Id), row => row.Contains("disabled", StringComparison.Ordinal), "the endpoint is disabled");

        row.ShouldContain("410 Gone");
    }

    [EngineFact]
    public async Task Webhooks_are_broken_on_purpose_until_that_is_taken_back()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);
        var page = $"webhooks?search={endpoint.Id}";
        var row = await Eventually.HoldsAsync(async () => await _browser.PageAsync(page), text => text.Contains("Break on purpose", StringComparison.Ordinal), "the page knows the endpoint");
        var merchant = MerchantField().Match(row).Groups["id"].Value;

        (await SubmitAsync("webhooks/faults", ("kind", "drop"), ("next", "1"))).ShouldBe((HttpStatusCode.SeeOther, $"/hangfire/{page}&faults=set"));
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var dropped = await _merchant.DeliveryAsync((await _merchant.GetAsync("/v1/events")).Ids[0], "succeeded");
        dropped.At("attempts.0.fault").GetString().ShouldBe("drop");
        receiver.Requests.Count.ShouldBe(1, "the retry");

        (await SubmitAsync("webhooks/faults", ("kind", "drop"), ("next", "5"))).Status.ShouldBe(HttpStatusCode.SeeOther);
        (await SubmitAsync("webhooks/faults/clear")).ShouldBe((HttpStatusCode.SeeOther, $"/hangfire/{page}&faults=cleared"));
        (await _merchant.ChargeAsync()).ShouldBe(200);
        (await _merchant.DeliveryAsync((await _merchant.GetAsync("/v1/events")).Ids[0], "succeeded")).GetProperty("attempts").GetArrayLength().ShouldBe(1);

        (await SubmitAsync("webhooks/faults", ("kind", "nonsense"), ("next", "1"))).Location!.ShouldContain("refused=");
        (await _browser.SubmitAsync(page, "webhooks/faults", withToken: false, ("endpoint", endpoint.Id))).Status.ShouldBe(HttpStatusCode.Forbidden);

        Task<(HttpStatusCode Status, string? Location)> SubmitAsync(string command, params (string Name, string Value)[] fields) =>
            _browser.SubmitAsync(page, command, true, [.. fields, ("merchant", merchant), ("endpoint", endpoint.Id), ("back", "/" + page)]);
    }

    [GeneratedRegex("name=\"merchant\" value=\"(?<id>[^\"]+)\"")]
    private static partial Regex MerchantField();

    [EngineFact]
    public async Task A_failed_delivery_is_found_read_and_replayed()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500, """{"error":"the <shop> is on fire"}"""));
        var (eventId, _) = await FailAsync(receiver);
        var charge = (await _merchant.GetAsync($"/v1/events/{eventId}")).Text("data.object.id");

        var list = await _browser.PageAsync($"deliveries?about={charge}&status=failed");
        list.ShouldContain($"HTTP 500 from {receiver.Url}");
        var id = DeliveryId().Match(list).Value;
        var page = await _browser.PageAsync($"deliveries/{id}");
        page.ShouldContain("It failed for good:");
        page.ShouldContain("the <shop> is on fire");
        page.ShouldContain("webhook-signature");
        page.ShouldContain("#3");
        page.ShouldContain("<dt>first byte</dt>");
        page.ShouldContain($"curl --globoff -X POST '{receiver.Url}'");
        receiver.Answer = Receiver.Status(200);

        var answer = await _browser.SubmitAsync($"deliveries/{id}", "deliveries/replay", true, ("deliveries", id), ("back", $"/deliveries/{id}"));

        answer.ShouldBe((HttpStatusCode.SeeOther, $"/hangfire/deliveries/{id}?replayed=1"));
        (await _browser.PageAsync($"deliveries/{id}?replayed=1")).ShouldContain("1 webhook will be sent again now.");
        await _merchant.DeliveryAsync(eventId, "succeeded");
        (await _browser.PageAsync($"deliveries/{id}")).ShouldNotContain("It failed for good:");
    }

    [EngineFact]
    public async Task Ticked_deliveries_are_replayed_and_no_others()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var events = await FailManyAsync(receiver, 3);
        var ids = new List<string>();
        foreach (var id in events) ids.Add(await DeliveryOfAsync(id));
        receiver.Answer = Receiver.Status(200);

        var answer = await _browser.SubmitAsync("deliveries", "deliveries/replay", true, ("deliveries", ids[0]), ("deliveries", ids[2]), ("back", "/deliveries?status=failed"));

        answer.ShouldBe((HttpStatusCode.SeeOther, "/hangfire/deliveries?status=failed&replayed=2"));
        await _merchant.DeliveryAsync(events[0], "succeeded");
        await _merchant.DeliveryAsync(events[2], "succeeded");
        await _merchant.DeliveryAsync(events[1], "failed");
        (await _browser.SubmitAsync("deliveries", "deliveries/replay", true, ("deliveries", "whd_unknown"), ("back", "/deliveries"))).Location.ShouldBe("/hangfire/deliveries?replayed=0&left=1");
    }

    [EngineFact]
    public async Task All_that_match_are_replayed_after_a_page_that_says_how_many()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        await using var other = await Receiver.StartAsync(Receiver.Status(500));
        var events = await FailManyAsync(receiver, 60);
        var theirs = fixture.Simulator.NewMerchant();
        await theirs.AddEndpointAsync(other.Url);
        (await theirs.ChargeAsync()).ShouldBe(200);
        var foreign = (await theirs.EventAsync("charge.succeeded")).Id;
        await theirs.DeliveryAsync(foreign, "failed");
        receiver.Answer = other.Answer = Receiver.Status(200);
        var filter = $"endpoint={Uri.EscapeDataString(receiver.Url)}&type=charge.*";

        var confirm = await _browser.PageAsync($"deliveries/replay-all?{filter}");
        confirm.ShouldContain($"60 failed deliveries of charge.* to {receiver.Url}");
        confirm.ShouldContain("Replay 60 webhooks");
        var answer = await _browser.SubmitAsync(
            $"deliveries/replay-all?{filter}", "deliveries/replay-all/start", true, ("endpoint", receiver.Url), ("type", "charge.*"), ("status", "failed"));

        answer.Status.ShouldBe(HttpStatusCode.SeeOther);
        var progress = await Eventually.HoldsAsync(
            () => _browser.SourceAsync("deliveries/replays"), html => html.Contains("data-state=\"finished\"", StringComparison.Ordinal), "the replay has finished");
        progress.ShouldContain("60 of 60 sent again");
        foreach (var id in events) await _merchant.DeliveryAsync(id, "succeeded");
        receiver.Requests.Count.ShouldBe(60 * 3 + 60);
        await theirs.DeliveryAsync(foreign, "failed");
    }

    [EngineFact]
    public async Task Nothing_is_sent_to_an_endpoint_that_is_disabled_and_the_page_says_so()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var (eventId, endpoint) = await FailAsync(receiver);
        var id = await DeliveryOfAsync(eventId);
        (await _merchant.PostAsync($"/v1/webhook_endpoints/{endpoint.Id}", ("disabled", "true"))).ShouldBe(200);

        var answer = await _browser.SubmitAsync($"deliveries/{id}", "deliveries/replay", true, ("deliveries", id), ("back", $"/deliveries/{id}"));

        answer.Location.ShouldBe($"/hangfire/deliveries/{id}?replayed=0&left=1");
        (await _browser.PageAsync($"deliveries/{id}?replayed=0&left=1")).ShouldContain("1 webhook left out: nothing is sent to an endpoint that is disabled");
        await _merchant.DeliveryAsync(eventId, "failed");
    }

    [EngineFact]
    public async Task A_replay_of_many_can_be_stopped_and_is_found_again_by_whoever_opens_the_page()
    {
        // One worker, which a slow receiver keeps busy: the replay cannot begin yet.
        await using var simulator = await Simulator.StartAsync("--Jobs:Workers=1");
        using var browser = new DashboardBrowser(simulator);
        var release = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        await using var slow = await Receiver.StartAsync(async context =>
        {
            await release.Task;
            await Receiver.Status(200)(context);
        });
        var (merchant, other) = (simulator.NewMerchant(), simulator.NewMerchant());
        await merchant.AddEndpointAsync(receiver.Url);
        (await merchant.ChargeAsync()).ShouldBe(200);
        var eventId = (await merchant.EventAsync("charge.succeeded")).Id;
        await merchant.DeliveryAsync(eventId, "failed");
        await other.AddEndpointAsync(slow.Url);
        (await other.ChargeAsync()).ShouldBe(200);
        await slow.WaitForAsync(1);
        (await browser.SubmitAsync("deliveries/replay-all", "deliveries/replay-all/start", true, ("about", eventId))).Status.ShouldBe(HttpStatusCode.SeeOther);
        var running = await browser.SourceAsync("deliveries");
        running.ShouldContain("data-state=\"running\"");
        var run = RunId().Match(running).Groups[1].Value;

        (await browser.SubmitAsync("deliveries", "deliveries/replays/stop", true, ("run", run))).ShouldBe((HttpStatusCode.SeeOther, "/hangfire/deliveries"));
        (await browser.SourceAsync("deliveries")).ShouldContain("data-state=\"stopped\"");
        release.SetResult();

        await Eventually.HoldsAsync(() => browser.HasJobAsync("jobs/succeeded", run), "its job has come and gone");
        receiver.Requests.Count.ShouldBe(3);
        await merchant.DeliveryAsync(eventId, "failed");
    }

    [EngineTheory]
    [InlineData("deliveries/replay")]
    [InlineData("deliveries/replay-all/start")]
    [InlineData("deliveries/replays/stop")]
    public async Task A_command_without_the_pages_token_or_by_another_method_does_nothing(string command)
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var (eventId, _) = await FailAsync(receiver);
        var id = await DeliveryOfAsync(eventId);

        (await _browser.SubmitAsync("deliveries", command, withToken: false, ("deliveries", id), ("about", id), ("back", "/deliveries"))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await _browser.StatusAsync($"{command}?deliveries={id}&about={id}")).ShouldBe(HttpStatusCode.MethodNotAllowed);

        (await _merchant.DeliveryAsync(eventId, "failed")).At("attempts").GetArrayLength().ShouldBe(3);
    }

    [EngineTheory]
    [InlineData("https://evil.example/", "/hangfire/deliveries")]
    [InlineData("//evil.example/", "/hangfire/deliveries")]
    [InlineData("/deliveries\r\nSet-Cookie: a=b", "/hangfire/deliveries")]
    [InlineData("/déliveries", "/hangfire/deliveries")]
    [InlineData("", "/hangfire/deliveries")]
    [InlineData("/deliveries?type=a", "/hangfire/deliveries?type=a&replayed=0")]
    public async Task A_command_leads_back_to_the_dashboard_and_nowhere_else(string back, string location) =>
        (await _browser.SubmitAsync("deliveries", "deliveries/replay", true, ("back", back))).ShouldBe((HttpStatusCode.SeeOther, location));

    [EngineFact]
    public async Task What_others_chose_is_shown_and_never_run()
    {
        const string Evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.Headers["X-Evil"] = Evil;
            return Receiver.Status(500, Evil)(context);
        });
        var url = $"{receiver.Url}hook?a=<script>alert(3)</script>&b=\"'>";
        await _merchant.AddEndpointAsync(url);
        (await _merchant.PostAsync("/v1/charges", ("amount", "2000"), ("currency", "usd"), ("source", "tok_visa"), ("description", Evil), ("metadata[<script>]", Evil))).ShouldBe(200);
        var eventId = (await _merchant.EventAsync("charge.succeeded")).Id;
        await _merchant.DeliveryAsync(eventId, "failed");
        var id = await DeliveryOfAsync(eventId);
        var (job, _) = await _browser.FindJobAsync("jobs/failed", eventId);
        var typed = Uri.EscapeDataString(Evil);

        foreach (var path in new[]
                 {
                     "webhooks", $"webhooks?search={typed}", "deliveries", $"deliveries?about={typed}&type={typed}&endpoint={typed}&merchant={typed}&status={typed}&from={typed}&behind={typed}&replayed={typed}",
                     $"deliveries?about={eventId}", $"deliveries/{id}", $"deliveries/whd_{typed}", $"deliveries/replay-all?type={typed}&endpoint={typed}", $"jobs/details/{job}",
                 })
        {
            var html = await _browser.SourceAsync(path);
            html.ShouldNotContain("<script>alert", customMessage: path);
            html.ShouldNotContain("<img src=x", customMessage: path);
            html.ShouldNotContain("onerror=alert(2)>", customMessage: path);
        }

        (await _browser.PageAsync($"deliveries/{id}")).ShouldContain(Evil, customMessage: "it is shown");
    }

    [EngineFact]
    public async Task A_jobs_page_shows_the_attempts_and_its_arguments_hold_ids_alone()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500, "out of order"));
        var (eventId, endpoint) = await FailAsync(receiver);
        var (job, _) = await _browser.FindJobAsync("jobs/failed", eventId);

        var html = await _browser.PageAsync($"jobs/details/{job}");

        html.ShouldContain("It failed for good:");
        html.ShouldContain("out of order");
        html.ShouldContain("webhook-signature");
        // What Hangfire itself shows of the job, without our part of the page.
        var own = Report().Replace(html, "");
        own.ShouldNotContain("webhook-signature");
        own.ShouldContain("whd_");
        foreach (var page in new[] { own, await _browser.PageAsync("jobs/failed?count=500") })
        {
            page.ShouldNotContain("\"amount\"");
            page.ShouldNotContain("4242");
            page.ShouldNotContain("whsec_");
        }

        html.ShouldNotContain(endpoint.Secret);
        html.ShouldNotContain("4242424242424242");
    }

    [EngineFact]
    public async Task What_is_copied_is_exact_where_what_is_read_is_laid_out()
    {
        const string Exact = "{\"a\" :1.10,\r\n\"b\":\"<é>\"}\n";
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500, Exact));
        var (eventId, _) = await FailAsync(receiver);
        var id = await DeliveryOfAsync(eventId);

        var html = await _browser.SourceAsync($"deliveries/{id}");

        Exacts().Matches(html).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).ShouldContain(Exact);
        html.ShouldNotContain("data-exact=\"{&quot;a&quot; :1.10,\r", customMessage: "a browser would make one line end of the two");
        WebUtility.HtmlDecode(html).ShouldContain("{\n  \"a\": 1.10,\n  \"b\": \"<é>\"\n}");
    }

    [EngineFact]
    public async Task The_menu_leads_to_our_pages_once_and_counts_what_failed()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        await FailAsync(receiver);

        var html = await _browser.PageAsync("jobs/failed");

        MenuLinks().Matches(html).Select(match => match.Groups[1].Value).Where(link => link is "webhooks" or "deliveries").ShouldBe(["webhooks", "deliveries"]);
        html.ShouldContain("data-metric=\"paymentsim:failing-endpoints\"");
        html.ShouldContain("data-metric=\"paymentsim:failed-deliveries\"");
        var home = await _browser.PageAsync("");
        home.ShouldContain("Pending deliveries");
        home.ShouldContain("Failing endpoints");
    }

    [EngineTheory]
    [InlineData("deliveries?behind=garbage")]
    [InlineData("deliveries?behind=%00")]
    [InlineData("deliveries?about=%00&merchant=%00&type=%00")]
    [InlineData("deliveries?from=yesterday&to=99999-01-01&status=lost")]
    [InlineData("deliveries?from=0001-01-01T00:00&to=9999-12-31T23:59:59")]
    [InlineData("deliveries/whd_%27")]
    [InlineData("deliveries/whd_%F0%9F%92%B3")]
    [InlineData("deliveries/replay-all?status=lost")]
    [InlineData("webhooks?search=%00%25_!")]
    public async Task Garbage_in_an_address_is_no_internal_error(string path) => (await _browser.StatusAsync(path)).ShouldBe(HttpStatusCode.OK);

    /// <summary>The row of a list that holds a text; the field that was searched with may hold it too.</summary>
    private static string Row(string html, string text) => html.Split("<tr").Skip(1).FirstOrDefault(row => row.Contains(text, StringComparison.Ordinal)) ?? "";

    private async Task<string> DeliveryOfAsync(string eventId) =>
        (await _merchant.GetAsync($"/v1/test_helpers/events/{eventId}/deliveries")).Data.ShouldHaveSingleItem().GetProperty("id").GetString()!;

    private async Task<(string EventId, Endpoint Endpoint)> FailAsync(Receiver receiver)
    {
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        await _merchant.DeliveryAsync(made.Id, "failed");
        return (made.Id, endpoint);
    }

    private async Task<IReadOnlyList<string>> FailManyAsync(Receiver receiver, int count)
    {
        await _merchant.AddEndpointAsync(receiver.Url);
        for (var i = 0; i < count; i++) (await _merchant.ChargeAsync()).ShouldBe(200);
        var events = await _merchant.IdsAsync("/v1/events");
        events.Count.ShouldBe(count);
        foreach (var id in events) await _merchant.DeliveryAsync(id, "failed");
        return events;
    }

    [GeneratedRegex("whd_[0-9A-Za-z]{22}")]
    private static partial Regex DeliveryId();

    [GeneratedRegex("<div class=\"ps-report\">.*?(?=<h3>History</h3>|<div class=\"job-history|\\z)", RegexOptions.Singleline)]
    private static partial Regex Report();

    [GeneratedRegex("data-run=\"(rpl_[0-9A-Za-z]+)\"")]
    private static partial Regex RunId();

    [GeneratedRegex("data-exact=\"([^\"]*)\"")]
    private static partial Regex Exacts();

    [GeneratedRegex("<li[^>]*>\\s*<a href=\"/hangfire/([a-z]+)\"")]
    private static partial Regex MenuLinks();
}
