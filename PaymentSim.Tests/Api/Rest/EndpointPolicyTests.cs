using System.Text.Json;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary>An endpoint's policy, its secrets and the one endpoint that a URL has, over the wire.</summary>
public sealed class EndpointPolicyTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private const string Helpers = "/v1/test_helpers/webhook_endpoints";
    private const string Url = "http://127.0.0.1:9/hook";

    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task What_is_given_is_set_what_is_given_empty_is_unset_and_the_rest_stays()
    {
        var endpoint = await _merchant.AddEndpointAsync(Url);
        var path = $"{Helpers}/{endpoint.Id}";
        var none = (await _merchant.GetAsync(path)).ShouldBe(200);
        Policy(none).ShouldBe("""null null null {} "none" """.Trim());
        (none.Text("object"), none.Text("status"), none.Text("url"), none.Text("secret")).ShouldBe(("webhook_endpoint", "enabled", Url, null));
        foreach (var name in new[] { "disabled_reason", "failing_since", "previous_secret_expires_at" }) none.Json.GetProperty(name).ValueKind.ShouldBe(JsonValueKind.Null);

        var form = (await _merchant.PostAsync(
            path, ("timeout", "0.5"), ("retry_schedule", "1s, 90s"), ("rate_limit", "10"), ("headers[X-Tenant]", "a"), ("headers[Authorization]", "Bearer t"), ("ordering", "per_object"))).ShouldBe(200);
        Policy(form).ShouldBe("""
            "500ms" "1s,90s" 10 {"Authorization":"********","X-Tenant":"********"} "per_object"
            """);
        (await _merchant.GetAsync(path)).Body.ShouldBe(form.Body);

        var json = (await _merchant.PostJsonAsync(path, """{"timeout":2,"retry_schedule":"none","headers":{"x-tenant":"","X-Other":"b"}}""")).ShouldBe(200);
        Policy(json).ShouldBe("""
            "2s" "none" 10 {"Authorization":"********","X-Other":"********"} "per_object"
            """);

        var unset = (await _merchant.PostAsync(path, ("timeout", ""), ("retry_schedule", ""), ("rate_limit", ""), ("headers", ""), ("ordering", ""))).ShouldBe(200);
        unset.Body.ShouldBe(none.Body);
        (await _merchant.PostJsonAsync(path, """{"rate_limit":7}""")).ShouldBe(200).Number("rate_limit").ShouldBe(7);
        (await _merchant.PostJsonAsync(path, """{"timeout":null,"retry_schedule":null,"rate_limit":null,"headers":null}""")).ShouldBe(200).Body.ShouldBe(none.Body);
        (await _merchant.GetAsync($"/v1/webhook_endpoints/{endpoint.Id}")).ShouldBe(200).Json.TryGetProperty("timeout", out _)
            .ShouldBeFalse("the official object has no such members");
    }

    [EngineTheory]
    [InlineData("""{"timeout":"99ms"}""", "timeout")]
    [InlineData("""{"timeout":"61s"}""", "timeout")]
    [InlineData("""{"timeout":60.1}""", "timeout")]
    [InlineData("""{"timeout":"-1"}""", "timeout")]
    [InlineData("""{"timeout":"soon"}""", "timeout")]
    [InlineData("""{"timeout":true}""", "timeout")]
    [InlineData("""{"timeout":{"a":1}}""", "timeout")]
    [InlineData("""{"timeout":1e99}""", "timeout")]
    [InlineData("""{"retry_schedule":"1s,,2s"}""", "retry_schedule")]
    [InlineData("""{"retry_schedule":"1s,later"}""", "retry_schedule")]
    [InlineData("""{"retry_schedule":"31d"}""", "retry_schedule")]
    [InlineData("""{"retry_schedule":5}""", "retry_schedule")]
    [InlineData("""{"rate_limit":0}""", "rate_limit")]
    [InlineData("""{"rate_limit":-1}""", "rate_limit")]
    [InlineData("""{"rate_limit":1.5}""", "rate_limit")]
    [InlineData("""{"rate_limit":"many"}""", "rate_limit")]
    [InlineData("""{"rate_limit":99999999999}""", "rate_limit")]
    [InlineData("""{"rate_limit":[1]}""", "rate_limit")]
    [InlineData("""{"ordering":"fifo"}""", "ordering")]
    [InlineData("""{"headers":"x"}""", "headers")]
    [InlineData("""{"headers":{"":"a"}}""", "headers[]")]
    [InlineData("""{"headers":{"X A":"a"}}""", "headers[X A]")]
    [InlineData("""{"headers":{"X-A:":"a"}}""", "headers[X-A:]")]
    [InlineData("""{"headers":{"X-A\r\nX-B":"a"}}""", "headers[X-A\r\nX-B]")]
    [InlineData("""{"headers":{"X-A":"a\r\nX-B: b"}}""", "headers[X-A]")]
    [InlineData("""{"headers":{"X-A":"a\nb"}}""", "headers[X-A]")]
    [InlineData("""{"headers":{"X-A":"a\tb"}}""", "headers[X-A]")]
    [InlineData("""{"headers":{"X-A":"ä"}}""", "headers[X-A]")]
    [InlineData("""{"headers":{"X-A":" a"}}""", "headers[X-A]")]
    [InlineData("""{"headers":{"content-type":"text/plain"}}""", "headers[content-type]")]
    [InlineData("""{"headers":{"Content-Length":"1"}}""", "headers[Content-Length]")]
    [InlineData("""{"headers":{"Host":"example.com"}}""", "headers[Host]")]
    [InlineData("""{"headers":{"User-Agent":"me"}}""", "headers[User-Agent]")]
    [InlineData("""{"headers":{"stripe-signature":"t=1"}}""", "headers[stripe-signature]")]
    [InlineData("""{"headers":{"Webhook-Id":"1"}}""", "headers[Webhook-Id]")]
    [InlineData("""{"headers":{"Connection":"close"}}""", "headers[Connection]")]
    [InlineData("""{"headers":{"Transfer-Encoding":"chunked"}}""", "headers[Transfer-Encoding]")]
    [InlineData("""{"expires_in":1}""", "expires_in")]
    public async Task A_wrong_policy_is_refused_by_name_and_changes_nothing(string json, string param)
    {
        var endpoint = await _merchant.AddEndpointAsync(Url);
        var before = await _merchant.GetAsync($"{Helpers}/{endpoint.Id}");

        (await _merchant.PostJsonAsync($"{Helpers}/{endpoint.Id}", json)).ShouldBeError(400, "invalid_request_error", param: param);
        var withUrl = json.Insert(1, $"\"url\":\"{Url}\",");
        (await _merchant.PostJsonAsync(Helpers, withUrl)).ShouldBeError(400, "invalid_request_error", param: param);

        (await _merchant.GetAsync($"{Helpers}/{endpoint.Id}")).Body.ShouldBe(before.Body);
    }

    [EngineFact]
    public async Task An_endpoint_has_up_to_20_headers()
    {
        var endpoint = await _merchant.AddEndpointAsync(Url);
        var path = $"{Helpers}/{endpoint.Id}";
        (await _merchant.PostAsync(path, [.. Enumerable.Range(1, 20).Select(i => ($"headers[X-{i}]", "a"))])).ShouldBe(200);
        (await _merchant.PostAsync(path, ("headers[x-20]", "b"))).ShouldBe(200);

        (await _merchant.PostAsync(path, ("headers[X-21]", "a"))).ShouldBeError(400, "invalid_request_error", param: "headers");
    }

    [EngineFact]
    public async Task A_second_endpoint_of_a_url_is_refused_and_the_message_names_the_first()
    {
        var first = await _merchant.AddEndpointAsync(Url);
        var other = await _merchant.AddEndpointAsync(Url + "/other");
        var message = $"The webhook endpoint {first.Id} has this URL already. Update that one, or POST to /v1/test_helpers/webhook_endpoints, which creates or updates by URL.";

        (await _merchant.PostJsonAsync("/v1/webhook_endpoints", new { url = Url, enabled_events = new[] { "charge.failed" } }))
            .ShouldBeError(400, "invalid_request_error", param: "url", message: message);
        (await _merchant.PostAsync($"/v1/webhook_endpoints/{other.Id}", ("url", Url))).ShouldBeError(400, "invalid_request_error", param: "url", message: message);
        (await _merchant.PostAsync($"/v1/webhook_endpoints/{first.Id}", ("url", Url), ("description", "the same"))).ShouldBe(200);
        await fixture.Simulator.NewMerchant().AddEndpointAsync(Url);

        (await _merchant.DeleteAsync($"/v1/webhook_endpoints/{first.Id}")).ShouldBe(200);
        (await _merchant.PostAsync($"/v1/webhook_endpoints/{other.Id}", ("url", Url))).ShouldBe(200);
    }

    [EngineFact]
    public async Task Of_many_that_register_a_url_at_once_one_does()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0
            ? _merchant.PostJsonAsync("/v1/webhook_endpoints", new { url = Url, enabled_events = new[] { "*" } })
            : _merchant.PostAsync(Helpers, ("url", Url))));

        var id = (await _merchant.IdsAsync("/v1/webhook_endpoints")).ShouldHaveSingleItem();
        answers.Where(answer => answer.Status == 200).ShouldAllBe(answer => answer.Id == id);
        answers.Count(answer => answer.Status == 200 && answer.Text("secret") is not null).ShouldBe(1, "whoever made it knows its secret");
        answers.Where(answer => answer.Status != 200).ShouldAllBe(answer => answer.Status == 400 && answer.Text("error.param") == "url");
        answers.Where((_, i) => i % 2 == 1).ShouldAllBe(answer => answer.Status == 200);
    }

    [EngineFact]
    public async Task An_upsert_makes_an_endpoint_and_then_changes_it()
    {
        var made = (await _merchant.PostJsonAsync(Helpers, new { url = Url, description = "ci", timeout = "1s" })).ShouldBe(200);
        made.Text("secret").ShouldNotBeNull();
        made.Json.GetProperty("enabled_events").GetRawText().ShouldBe("""["*"]""");
        made.Text("timeout").ShouldBe("1s");
        (await _merchant.PostAsync($"/v1/webhook_endpoints/{made.Id}", ("disabled", "true"))).ShouldBe(200);

        var changed = (await _merchant.PostJsonAsync(Helpers, new { url = Url, enabled_events = new[] { "charge.*" }, api_version = "2024-06-20", rate_limit = 5 })).ShouldBe(200);

        (changed.Id, changed.Text("secret"), changed.Text("status"), changed.Text("description")).ShouldBe((made.Id, null, "enabled", "ci"));
        (changed.Text("timeout"), changed.Number("rate_limit"), changed.Text("api_version")).ShouldBe(("1s", 5, "2024-06-20"));
        changed.Json.GetProperty("enabled_events").GetRawText().ShouldBe("""["charge.*"]""");
        (await _merchant.IdsAsync("/v1/webhook_endpoints")).ShouldBe([made.Id]);
    }

    [EngineTheory]
    [InlineData(24, true)]
    [InlineData(32, true)]
    [InlineData(64, true)]
    [InlineData(23, false)]
    [InlineData(65, false)]
    [InlineData(0, false)]
    public async Task A_secret_of_the_merchants_own_has_24_to_64_bytes(int bytes, bool taken)
    {
        var secret = "whsec_" + Convert.ToBase64String(new byte[bytes]);
        var answer = await _merchant.PostAsync(Helpers, ("url", Url), ("secret", secret));

        if (taken) answer.ShouldBe(200).Text("secret").ShouldBe(secret);
        else answer.ShouldBeError(400, "invalid_request_error", param: "secret");
    }

    [EngineTheory]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("whsec_no base64 at all, but long enough to be one!")]
    [InlineData("WHSEC_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public async Task A_secret_of_another_form_is_refused_without_being_repeated(string secret) =>
        (await _merchant.PostAsync(Helpers, ("url", Url), ("secret", secret))).ShouldBeError(400, "invalid_request_error", param: "secret").Body.ShouldNotContain(secret);

    [EngineFact]
    public async Task A_rotation_answers_the_new_secret_once_and_when_the_former_one_expires()
    {
        var endpoint = await _merchant.AddEndpointAsync(Url);
        var path = $"{Helpers}/{endpoint.Id}";

        var rotated = (await _merchant.PostAsync($"{path}/rotate_secret", ("expires_in", "3600"))).ShouldBe(200);

        rotated.Text("secret").ShouldNotBe(endpoint.Secret);
        Convert.FromBase64String(rotated.Text("secret")!["whsec_".Length..]).Length.ShouldBe(32);
        var shown = (await _merchant.GetAsync(path)).ShouldBe(200);
        shown.Text("secret").ShouldBeNull();
        shown.Number("previous_secret_expires_at").ShouldBe(rotated.Number("previous_secret_expires_at"));
        (await _merchant.PostAsync($"{path}/rotate_secret", ("expires_in", "0"))).ShouldBe(200).Text("previous_secret_expires_at").ShouldBeNull();
        foreach (var wrong in new[] { "-1", "86401", "x" })
            (await _merchant.PostAsync($"{path}/rotate_secret", ("expires_in", wrong))).ShouldBeError(400, "invalid_request_error", param: "expires_in");
    }

    [EngineFact]
    public async Task A_rotation_under_an_idempotency_key_answers_the_same_secret_again()
    {
        var endpoint = await _merchant.AddEndpointAsync(Url);

        var first = (await _merchant.PostAsync($"{Helpers}/{endpoint.Id}/rotate_secret", "k")).ShouldBe(200);
        var again = (await _merchant.PostAsync($"{Helpers}/{endpoint.Id}/rotate_secret", "k")).ShouldBe(200);

        again.Body.ShouldBe(first.Body);
        again.Header("Idempotent-Replayed").ShouldBe("true");
    }

    [EngineTheory]
    [InlineData("GET", "")]
    [InlineData("POST", "")]
    [InlineData("POST", "/rotate_secret")]
    public async Task Another_merchants_endpoint_is_not_there(string method, string action)
    {
        var endpoint = await _merchant.AddEndpointAsync(Url);

        (await fixture.Simulator.NewMerchant().SendAsync(new HttpMethod(method), $"{Helpers}/{endpoint.Id}{action}"))
            .ShouldBeError(404, "invalid_request_error", "resource_missing", "id", $"No such webhook endpoint: '{endpoint.Id}'");
    }

    [EngineTheory]
    [InlineData("charge.*", null)]
    [InlineData("charge.dispute.*", null)]
    [InlineData("payment_intent.*", null)]
    [InlineData("charge*", "enabled_events[0]")]
    [InlineData("charge.*.created", "enabled_events[0]")]
    [InlineData("*.succeeded", "enabled_events[0]")]
    [InlineData("charge.", "enabled_events[0]")]
    [InlineData(".*", "enabled_events[0]")]
    public async Task Events_can_be_named_by_what_they_begin_with(string events, string? param)
    {
        var answer = await _merchant.PostJsonAsync("/v1/webhook_endpoints", new { url = Url, enabled_events = new[] { events } });

        if (param is null) answer.ShouldBe(200).Text("enabled_events.0").ShouldBe(events);
        else answer.ShouldBeError(400, "invalid_request_error", param: param);
    }

    private static string Policy(ApiAnswer answer) =>
        string.Join(' ', new[] { "timeout", "retry_schedule", "rate_limit", "headers", "ordering" }.Select(name => answer.Json.GetProperty(name).GetRawText()));
}
