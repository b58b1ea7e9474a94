using System.Text;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary>Whatever comes in: an answer that says what is wrong, and nothing written.</summary>
public sealed class BadInputTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private const string Json = "application/json";
    private const string Form = "application/x-www-form-urlencoded";
    private const string Valid = "amount=2000&currency=usd&source=tok_visa";

    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    /// <summary>Content type, body, the parameter at fault (null: none is named).</summary>
    public static TheoryData<string?, string, string?> Malformed => new()
    {
        { Json, "", "amount" },
        { Json, " ", null },
        { Json, "{", null },
        { Json, "{\"amount\":2000", null },
        { Json, "{\"amount\":2000,}", null },
        { Json, "{'amount':2000}", null },
        { Json, "{\"amount\":2000} {}", null },
        { Json, "// comment\n{}", null },
        { Json, "[]", null },
        { Json, "[{\"amount\":2000}]", null },
        { Json, "\"amount=2000\"", null },
        { Json, "2000", null },
        { Json, "null", null },
        { Json, "true", null },
        { Json, Valid, null },
        { Json, "{}", "amount" },
        { Json, "{\"amount\":NaN}", null },
        { Json, "{\"amount\":2000,\"currency\":\"\\ud800\"}", null },
        { Json, "{\"amount\":2000,\"\\udc00\":\"x\"}", null },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"metadata\":{\"a\":\"\\ud83d\"}}", null },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"description\":\"a\\u0000b\"}", "description" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"metadata\":{\"a\":\"b\\u0000\"}}", "metadata[a]" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"metadata\":{\"a\\u0000\":\"b\"}}", "metadata" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"metadata\":" + Nested("{\"a\":", "1", "}", 1000) + "}", null },
        { Json, Nested("[", "", "]", 1000), null },
        { Json, Nested("{\"a\":", "1", "}", 1000), null },
        { Json, Nested("[", "", "]", 100_000), null },
        { Json, "{" + string.Join(",", Enumerable.Range(0, 10_000).Select(i => $"\"p{i}\":1")) + "}", "p0" },
        { Json, "{\"amount\":2000,\"Currency\":\"usd\",\"source\":\"tok_visa\"}", "Currency" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":{\"numbr\":\"4242424242424242\"}}", "source[numbr]" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"shipping\":{\"address\":{\"line9\":\"x\"}}}", "shipping[address][line9]" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":{}}", "source" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":{\"number\":\"4242424242424242\"}}", "source[exp_month]" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":{\"exp_month\":1,\"exp_year\":2035}}", "source[number]" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"customer\":\"cus_x\"}", "customer" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"receipt_email\":\"nobody\"}", "receipt_email" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"application_fee_amount\":0}", "application_fee_amount" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"statement_descriptor\":\"" + new string('x', 23) + "\"}", "statement_descriptor" },
        { Json, "{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"description\":\"" + new string('x', 5001) + "\"}", "description" },
        { Form, "", "amount" },
        { Form, Valid + "&description=a%00b", "description" },
        { Form, Valid + "&metadata[a]=b%00", "metadata[a]" },
        { Form, Valid + "&metadata[a%00]=b", "metadata" },
        { Form, Valid + "&description=%FF", null },
        { Form, Valid + "&description=%C0%80", null },
        { Form, Valid + "&description=%ED%A0%80", null },
        { Form, Valid + "&%FF=x", null },
        { Form, "a=1&a[b]=2", "a" },
        { Form, "a[b]=2&a=1", "a" },
        { Form, "a[b]=2&a[b][c]=1", "a" },
        { Form, Valid + "&[a]=1", null },
        { Form, Valid + "&metadata[a=1", null },
        { Form, Valid + "&metadata]=1", "metadata]" },
        { Form, Valid + "&metadata[a]b=1", null },
        { Form, Valid + "&metadata[a]]=1", null },
        { Form, Valid + "&metadata[[a]]=1", null },
        { Form, Valid + "&metadata[a][b]=1", "metadata[a]" },
        { Form, Valid + "&metadata[]=1&metadata[]=2&metadata[][]=1", "metadata[2]" },
        { Form, Valid + "&metadata" + string.Concat(Enumerable.Repeat("[a]", 1000)) + "=1", "metadata" },
        { Form, string.Join('&', Enumerable.Range(0, 10_000).Select(i => $"p{i}=1")), null },
        { Form, Valid + "&foo=bar", "foo" },
        { Form, Valid + "&=1", null },
        { Form, Valid + "&source[number]=4242424242424242", "source" },
        { Form, "{\"amount\":2000}", "{\"amount\":2000}" },
        { null, "{\"amount\":2000}", "{\"amount\":2000}" },
        { "text/plain", Valid, null },
        { "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"amount\"\r\n\r\n2000\r\n--x--\r\n", null },
        { "application/xml", "<amount>2000</amount>", null },
        { "nonsense", Valid, null },
    };

    public static TheoryData<string, string> Metadata => new()
    {
        { "{" + string.Join(",", Enumerable.Range(0, 51).Select(i => $"\"k{i}\":\"v\"")) + "}", "metadata" },
        { $"{{\"{new string('k', 41)}\":\"v\"}}", "metadata" },
        { $"{{\"k\":\"{new string('v', 501)}\"}}", "metadata[k]" },
        { $"{{\"k\":{new string('1', 501)}}}", "metadata[k]" },
        { "{\"\":\"v\"}", "metadata" },
        { "{\"k\":{\"n\":1}}", "metadata[k]" },
        { "{\"k\":[1]}", "metadata[k]" },
        { "[\"k\"]", "metadata" },
        { "\"k\"", "metadata" },
    };

    public static TheoryData<string> Urls =>
    [
        "", "/webhooks", "webhooks", "localhost:5000/webhooks", "//127.0.0.1/webhooks", "ftp://127.0.0.1/", "file:///etc/passwd", "javascript:alert(1)",
        "data:text/plain,x", "http://", "http:///webhooks", "https://", "http://:80/", "http://user:secret@127.0.0.1/", "http://user@127.0.0.1/",
        "http://127.0.0.1/#fragment", "http://127.0.0.1:99999/", "http://127.0.0.1:-1/", "http://exa mple.com/", "http://127.0.0.1/a b", " http://127.0.0.1/",
        "http://127.0.0.1/ ", "http://127.0.0.1/a\nb", "http://127.0.0.1/a\tb", "http://[::1/", "http://127.0.0.1/" + new string('a', 3000), "not a url", "http",
    ];

    [EngineTheory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_charge_is_refused_and_nothing_is_written(string? contentType, string body, string? param)
    {
        var answer = await _merchant.SendAsync(HttpMethod.Post, "/v1/charges", Merchant.Raw(Encoding.UTF8.GetBytes(body), contentType));

        await RefusedAsync(answer, param);
    }

    [EngineTheory]
    [InlineData("{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"description\":\"\u00FF\"}", null)]
    [InlineData("{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"\u00FF\":\"x\"}", null)]
    [InlineData("{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"metadata\":{\"\u00C3(\":\"x\"}}", null)]
    [InlineData("\u00FF\u00FE{\u0000}\u0000", null)]
    public async Task Json_that_is_no_utf8_is_refused(string bytes, string? param) =>
        await RefusedAsync(await _merchant.SendAsync(HttpMethod.Post, "/v1/charges", Merchant.Raw(Encoding.Latin1.GetBytes(bytes), Json)), param);

    [EngineTheory]
    [InlineData("description=\u00FF")]
    [InlineData("metadata[\u00C3(]=x")]
    public async Task A_form_that_is_no_utf8_is_refused(string bytes) =>
        await RefusedAsync(await _merchant.SendAsync(HttpMethod.Post, "/v1/charges", Merchant.Raw(Encoding.Latin1.GetBytes(Valid + "&" + bytes), Form)), null);

    [EngineTheory]
    [MemberData(nameof(Metadata))]
    public async Task Metadata_beyond_its_limits_is_refused_on_every_object(string metadata, string param)
    {
        await RefusedAsync(await _merchant.PostJsonAsync("/v1/charges", $"{{\"amount\":2000,\"currency\":\"usd\",\"source\":\"tok_visa\",\"metadata\":{metadata}}}"), param);
        await RefusedAsync(await _merchant.PostJsonAsync("/v1/webhook_endpoints", $"{{\"url\":\"http://127.0.0.1/\",\"enabled_events\":[\"*\"],\"metadata\":{metadata}}}"), param);
        await RefusedAsync(await _merchant.PostJsonAsync("/v1/customers", $"{{\"metadata\":{metadata}}}"), param);
        await RefusedAsync(await _merchant.PostJsonAsync("/v1/refunds", $"{{\"charge\":\"ch_x\",\"metadata\":{metadata}}}"), param);
        await RefusedAsync(await _merchant.PostJsonAsync("/v1/payouts", $"{{\"amount\":100,\"currency\":\"usd\",\"metadata\":{metadata}}}"), param);
        await RefusedAsync(await _merchant.PostJsonAsync("/v1/customers/cus_x/sources", $"{{\"source\":\"tok_visa\",\"metadata\":{metadata}}}"), param);
        await RefusedAsync(await _merchant.PostJsonAsync("/v1/payment_methods", $"{{\"type\":\"card\",\"card\":{{\"token\":\"tok_visa\"}},\"metadata\":{metadata}}}"), param);
        foreach (var path in new[] { "/v1/charges/ch_x", "/v1/customers/cus_x", "/v1/customers/cus_x/sources/card_x", "/v1/payment_methods/pm_x", "/v1/refunds/re_x", "/v1/disputes/du_x", "/v1/payouts/po_x" })
            await RefusedAsync(await _merchant.PostJsonAsync(path, $"{{\"metadata\":{metadata}}}"), param);
        foreach (var path in new[] { "/v1/setup_intents", "/v1/setup_intents/seti_x", "/v1/payment_intents/pi_x" })
            await RefusedAsync(await _merchant.PostJsonAsync(path, $"{{\"metadata\":{metadata}}}"), param);
        await RefusedAsync(await _merchant.PostJsonAsync("/v1/payment_intents", $"{{\"amount\":2000,\"currency\":\"usd\",\"metadata\":{metadata}}}"), param);
    }

    [EngineFact]
    public async Task Metadata_at_its_limits_is_kept()
    {
        var metadata = Enumerable.Range(0, 50).ToDictionary(i => $"{i}".PadLeft(40, 'k'), _ => new string('v', 500));

        var charge = (await _merchant.PostJsonAsync("/v1/charges", new { amount = 2000, currency = "usd", source = "tok_visa", metadata })).ShouldBe(200);

        charge.Json.GetProperty("metadata").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString()!).ShouldBe(metadata);
        (await _merchant.PostAsync($"/v1/charges/{charge.Id}", ("metadata[one_more]", "x"))).ShouldBeError(400, "invalid_request_error", param: "metadata");
        (await _merchant.GetAsync($"/v1/charges/{charge.Id}")).Body.ShouldBe(charge.Body);
    }

    [EngineTheory]
    [MemberData(nameof(Urls))]
    public async Task A_webhook_url_that_cannot_work_is_refused(string url)
    {
        await RefusedAsync(await _merchant.PostJsonAsync("/v1/webhook_endpoints", new { url, enabled_events = new[] { "*" } }), "url");
        await RefusedAsync(await _merchant.PostJsonAsync("/v1/webhook_endpoints/we_x", new { url }), "url");
    }

    [EngineTheory]
    [InlineData("http://127.0.0.1")]
    [InlineData("https://example.com:8443/hooks?a=b%20c")]
    [InlineData("http://[::1]:5090/webhooks")]
    [InlineData("http://localhost/%F0%9F%92%B3")]
    public async Task A_webhook_url_that_can_work_is_kept_as_it_is(string url)
    {
        var endpoint = (await _merchant.PostJsonAsync("/v1/webhook_endpoints", new { url, enabled_events = new[] { "*" } })).ShouldBe(200);

        endpoint.Text("url").ShouldBe(url);
    }

    [EngineTheory]
    [InlineData("{\"enabled_events\":[\"*\"]}", "url")]
    [InlineData("{\"url\":\"http://127.0.0.1/\"}", "enabled_events")]
    [InlineData("{\"url\":\"http://127.0.0.1/\",\"enabled_events\":[]}", "enabled_events")]
    [InlineData("{\"url\":\"http://127.0.0.1/\",\"enabled_events\":\"\"}", "enabled_events")]
    [InlineData("{\"url\":\"http://127.0.0.1/\",\"enabled_events\":[\"*\",\"charge\"]}", "enabled_events[1]")]
    [InlineData("{\"url\":\"http://127.0.0.1/\",\"enabled_events\":[\"Charge.Succeeded\"]}", "enabled_events[0]")]
    [InlineData("{\"url\":\"http://127.0.0.1/\",\"enabled_events\":[\"charge.succeeded\\n\"]}", "enabled_events[0]")]
    [InlineData("{\"url\":\"http://127.0.0.1/\",\"enabled_events\":[\"*\"],\"api_version\":\"latest\"}", "api_version")]
    public async Task A_wrong_webhook_endpoint_is_refused_by_name(string json, string param) =>
        await RefusedAsync(await _merchant.PostJsonAsync("/v1/webhook_endpoints", json), param);

    [EngineTheory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=1.5", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("limit[a]=1", "limit")]
    [InlineData("starting_after=", "starting_after")]
    [InlineData("starting_after=nothing", "starting_after")]
    [InlineData("ending_before=nothing", "ending_before")]
    [InlineData("starting_after=a&ending_before=b", "ending_before")]
    [InlineData("starting_after[]=a", "starting_after")]
    [InlineData("starting_after=%00", "starting_after")]
    [InlineData("starting_after=%FF", null)]
    [InlineData("foo=1", "foo")]
    [InlineData("expand=customer", "expand")]
    [InlineData("limit=1&limit[a]=2", "limit")]
    [InlineData("[=1", null)]
    public async Task A_wrong_page_is_refused_on_every_list(string query, string? param)
    {
        string[] lists =
        [
            "accounts", "balance_transactions", "charges", "checkout/sessions", "customers", "disputes", "events", "payment_intents", "payment_methods", "payouts",
            "refunds", "setup_intents", "webhook_endpoints",
        ];
        foreach (var list in lists) await RefusedAsync(await _merchant.GetAsync($"/v1/{list}?{query}"), param);
    }

    [EngineTheory]
    [InlineData("/v1/charges?created=x", "created")]
    [InlineData("/v1/customers?created=x", "created")]
    [InlineData("/v1/payment_methods?type=bacs_debit", "type")]
    [InlineData("/v1/charges?created=", "created")]
    [InlineData("/v1/charges?created[gt]=x", "created[gt]")]
    [InlineData("/v1/charges?created[after]=1", "created[after]")]
    [InlineData("/v1/charges?created[gt][a]=1", "created[gt]")]
    [InlineData("/v1/charges?created[]=1", "created[0]")]
    [InlineData("/v1/events?delivery_success=maybe", "delivery_success")]
    [InlineData("/v1/events?type=a&types[]=b", "types")]
    [InlineData("/v1/events?types=charge.succeeded", "types")]
    [InlineData("/v1/events?types[a]=charge.succeeded", "types")]
    [InlineData("/v1/events?type=%00", "type")]
    public async Task A_wrong_filter_is_refused_by_name(string url, string param) => await RefusedAsync(await _merchant.GetAsync(url), param);

    [EngineFact]
    public async Task At_most_20_types_can_be_asked_for()
    {
        var types = Enumerable.Range(0, 21).Select(i => $"types[]=charge.t{i}").ToArray();

        (await _merchant.GetAsync("/v1/events?" + string.Join('&', types[1..]))).ShouldBe(200);
        await RefusedAsync(await _merchant.GetAsync("/v1/events?" + string.Join('&', types)), "types");
    }

    [EngineFact]
    public async Task A_body_of_ten_megabytes_is_refused_in_json()
    {
        var content = Merchant.Raw(Encoding.ASCII.GetBytes(Valid + "&description=" + new string('x', 10 * 1024 * 1024)), Form);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/charges") { Content = content };
        request.Headers.Add("Authorization", $"Bearer {_merchant.Key}");
        request.Headers.ExpectContinue = true;

        using var response = await fixture.Simulator.Http.SendAsync(request);

        (await ApiAnswer.ReadAsync(response)).ShouldBeError(413, "invalid_request_error", message: "The request's body is too large: 1 MB at most.");
        (await _merchant.IdsAsync("/v1/charges")).ShouldBeEmpty();
    }

    [EngineTheory]
    [InlineData(100)]
    [InlineData(4000)]
    [InlineData(100_000)]
    public async Task A_long_id_in_the_path_is_no_object(int length)
    {
        foreach (var path in new[] { "/v1/charges/", "/v1/customers/", "/v1/events/", "/v1/payment_methods/", "/v1/tokens/", "/v1/webhook_endpoints/" })
            (await _merchant.GetAsync(path + new string('x', length))).Status.ShouldBe(length < 8000 ? 404 : 414);
    }

    [EngineTheory]
    [InlineData("/v1/charges/%00")]
    [InlineData("/v1/charges/%FF")]
    [InlineData("/v1/charges/%2F")]
    [InlineData("/v1/charges/%20")]
    [InlineData("/v1/charges/%25")]
    [InlineData("/v1/charges/ch_x%0A")]
    [InlineData("/v1/charges/'%20OR%201=1")]
    [InlineData("/v1/charges/%ED%A0%80")]
    [InlineData("//v1/charges")]
    [InlineData("/v1//charges")]
    public async Task An_odd_path_is_no_object(string path)
    {
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete })
            (await _merchant.SendAsync(method, fixture.Simulator.Url + path)).Status.ShouldBeInRange(400, 405);
    }

    [EngineTheory]
    [InlineData("/v1/charges/x?id=y", "id")]
    [InlineData("/v1/events/x?id=y", "id")]
    [InlineData("/v1/customers/x/sources/y?customer=z", "customer")]
    [InlineData("/v1/customers/x/payment_methods?customer=z", "customer")]
    [InlineData("/v1/webhook_endpoints/x?id=y", "id")]
    [InlineData("/v1/test_helpers/events/x/deliveries?event_id=y", "event_id")]
    public async Task The_id_of_the_path_cannot_be_given_again_as_a_parameter(string url, string param) =>
        (await _merchant.GetAsync(url)).ShouldBeError(400, "invalid_request_error", "parameter_unknown", param);

    private async Task RefusedAsync(ApiAnswer answer, string? param)
    {
        answer.ShouldBeError(400, "invalid_request_error");
        answer.Text("error.message").ShouldNotBeNullOrEmpty();
        answer.Text("error.param").ShouldBe(param, answer.Body);
        answer.Header("Request-Id").ShouldNotBeNull();
        foreach (var list in new[] { "/v1/accounts", "/v1/charges", "/v1/customers", "/v1/events", "/v1/payment_methods", "/v1/webhook_endpoints" })
            (await _merchant.IdsAsync(list)).ShouldBeEmpty(list);
    }

    private static string Nested(string open, string inner, string close, int depth) =>
        string.Concat(Enumerable.Repeat(open, depth)) + inner + string.Concat(Enumerable.Repeat(close, depth));
}
