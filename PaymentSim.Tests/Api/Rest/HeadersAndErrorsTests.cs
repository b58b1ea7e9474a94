using System.Net;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class HeadersAndErrorsTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private const string DefaultVersion = "2026-10-28.endive";

    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineTheory]
    [InlineData("GET", "/v1/charges/ch_x", "No such charge: 'ch_x'")]
    [InlineData("POST", "/v1/charges/ch_x", "No such charge: 'ch_x'")]
    [InlineData("PUT", "/v1/charges/ch_x", "No such charge: 'ch_x'")]
    [InlineData("GET", "/v1/events/evt_x", "No such event: 'evt_x'")]
    [InlineData("GET", "/v1/test_helpers/events/evt_x/deliveries", "No such event: 'evt_x'")]
    [InlineData("GET", "/v1/webhook_endpoints/we_x", "No such webhook endpoint: 'we_x'")]
    [InlineData("POST", "/v1/webhook_endpoints/we_x", "No such webhook endpoint: 'we_x'")]
    [InlineData("DELETE", "/v1/webhook_endpoints/we_x", "No such webhook endpoint: 'we_x'")]
    public async Task An_unknown_object_is_404(string method, string path, string message) =>
        (await _merchant.SendAsync(new HttpMethod(method), path)).ShouldBeError(404, "invalid_request_error", "resource_missing", "id", message);

    [EngineTheory]
    [InlineData("GET", "/v1/nothing")]
    [InlineData("POST", "/v1/charges/ch_x/nothing")]
    [InlineData("DELETE", "/v1/nothing/x")]
    [InlineData("GET", "/v1")]
    [InlineData("GET", "/v1/")]
    [InlineData("PATCH", "/v1/%F0%9F%92%B3")]
    public async Task An_unknown_url_is_404_in_json(string method, string path) =>
        (await _merchant.SendAsync(new HttpMethod(method), path)).ShouldBeError(404, "invalid_request_error")
            .Text("error.message")!.ShouldStartWith($"Unrecognized request URL ({method}: /v1");

    [EngineTheory]
    [InlineData("DELETE", "/v1/charges", "GET, POST")]
    [InlineData("PATCH", "/v1/charges/ch_x", "GET, POST, PUT")]
    [InlineData("DELETE", "/v1/charges/ch_x", "GET, POST, PUT")]
    [InlineData("POST", "/v1/events", "GET")]
    [InlineData("PUT", "/v1/events/evt_x", "GET")]
    [InlineData("PUT", "/v1/webhook_endpoints", "GET, POST")]
    [InlineData("OPTIONS", "/v1/webhook_endpoints/we_x", "DELETE, GET, POST, PUT")]
    public async Task A_wrong_method_is_405_and_says_which_are_allowed(string method, string path, string allowed)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "Authorization", $"Bearer {_merchant.Key}" } } };
        using var response = await fixture.Simulator.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        response.Content.Headers.Allow.Order().ShouldBe(allowed.Split(", "));
        (await ApiAnswer.ReadAsync(response)).ShouldBeError(405, "invalid_request_error");
    }

    [EngineFact]
    public async Task Every_answer_has_a_request_id_of_its_own()
    {
        var answers = new[]
        {
            await _merchant.ChargeAsync(), await _merchant.ChargeAsync("tok_chargeDeclined"), await _merchant.ChargeAsync("tok_500"),
            await _merchant.GetAsync("/v1/charges"), await _merchant.GetAsync("/v1/nothing"), await _merchant.GetAsync("/v1/charges?limit=x"),
            await _merchant.DeleteAsync("/v1/charges"),
        };

        answers.ShouldAllBe(answer => answer.Header("Request-Id")!.StartsWith("req_", StringComparison.Ordinal));
        answers.Select(answer => answer.Header("Request-Id")).Distinct().Count().ShouldBe(answers.Length);
    }

    [EngineTheory]
    [InlineData(null, DefaultVersion)]
    [InlineData("2024-06-20", "2024-06-20")]
    [InlineData("2025-03-31.basil", "2025-03-31.basil")]
    [InlineData("2025-03-31.basil; checkout_beta=v1", "2025-03-31.basil; checkout_beta=v1")]
    public async Task The_version_is_echoed_or_the_default(string? version, string expected)
    {
        var answer = await _merchant.GetAsync("/v1/charges", version is null ? [] : [("Stripe-Version", version)]);

        answer.ShouldBe(200).Header("Stripe-Version").ShouldBe(expected);
    }

    [EngineTheory]
    [InlineData("latest")]
    [InlineData("2024-6-20")]
    [InlineData("20240620")]
    [InlineData("2024-06-20.")]
    [InlineData("2024-06-20.BASIL")]
    [InlineData("2024-06-20, 2024-06-20")]
    [InlineData("٢٠٢٤-٠٦-٢٠")]
    [InlineData("2024-06-20;\u00A0a=b")]
    public async Task A_malformed_version_is_refused(string version)
    {
        var answer = await _merchant.GetAsync("/v1/charges", ("Stripe-Version", version));

        answer.ShouldBeError(400, "invalid_request_error").Text("error.message")!.ShouldStartWith("Invalid Stripe-Version header");
        answer.Header("Stripe-Version").ShouldBe(DefaultVersion);
        answer.Header("Request-Id").ShouldNotBeNull();
    }

    [EngineFact]
    public async Task An_idempotency_key_is_echoed_and_a_replay_says_whose_answer_it_is()
    {
        var first = (await _merchant.ChargeAsync(idempotencyKey: "order 1/ä")).ShouldBe(200);
        var replay = (await _merchant.ChargeAsync(idempotencyKey: "order 1/ä")).ShouldBe(200);

        first.Header("Idempotent-Replayed").ShouldBeNull();
        first.Header("Original-Request").ShouldBeNull();
        replay.Header("Idempotent-Replayed").ShouldBe("true");
        replay.Header("Original-Request").ShouldBe(first.Header("Request-Id"));
        replay.Header("Request-Id").ShouldNotBe(first.Header("Request-Id"));
        (await _merchant.ChargeAsync(idempotencyKey: "order-2")).ShouldBe(200).Header("Idempotency-Key").ShouldBe("order-2");
    }

    [EngineTheory]
    [InlineData(1, 200)]
    [InlineData(255, 200)]
    [InlineData(256, 400)]
    [InlineData(4000, 400)]
    public async Task An_idempotency_key_has_1_to_255_characters(int length, int status) =>
        (await _merchant.ChargeAsync(idempotencyKey: new string('k', length))).ShouldBe(status);

    [EngineTheory]
    [InlineData("GET", "/v1/charges", "{}")]
    [InlineData("GET", "/v1/events?limit=3", "not json")]
    public async Task A_body_on_a_get_is_ignored(string method, string path, string body) =>
        (await _merchant.SendAsync(new HttpMethod(method), path, Merchant.Json(body))).ShouldBe(200);
}
