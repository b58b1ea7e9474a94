using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary>What code in a browser may do: it knows the merchant's publishable key, and one intent's client secret.</summary>
public sealed class PublishableKeyTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineTheory]
    [InlineData("/v1/payment_intents", "payment_intent")]
    [InlineData("/v1/setup_intents", "setup_intent")]
    public async Task An_intent_is_read_and_confirmed_with_its_client_secret_and_shows_what_a_browser_may_know(string path, string kind)
    {
        var customer = (await _merchant.PostAsync("/v1/customers")).ShouldBe(200).Id;
        var intent = (await _merchant.PostAsync(path, [.. Sum(kind), ("customer", customer), ("metadata[internal]", "secret")])).ShouldBe(200);
        var browser = await BrowserAsync();
        var secret = intent.Text("client_secret")!;
        var method = (await browser.PostAsync(
            "/v1/payment_methods", ("type", "card"), ("card[number]", "4242424242424242"), ("card[exp_month]", "8"), ("card[exp_year]", "2035"))).ShouldBe(200).Id;

        var read = (await browser.GetAsync($"{path}/{intent.Id}?client_secret={secret}")).ShouldBe(200);
        (read.Text("status"), read.Text("customer")).ShouldBe(("requires_payment_method", null));
        read.Body.ShouldNotContain("internal");
        var declined = await browser.PostAsync($"{path}/{intent.Id}/confirm", ("client_secret", secret), ("payment_method", "pm_card_chargeDeclined"));
        declined.ShouldBeError(402, "card_error", "card_declined");
        declined.Text($"error.{kind}.id").ShouldBe(intent.Id);
        declined.Body.ShouldNotContain("internal");
        (await browser.PostAsync($"{path}/{intent.Id}/confirm", ("client_secret", secret), ("payment_method", method))).ShouldBe(200).Text("status").ShouldBe("succeeded");

        (await _merchant.GetAsync($"{path}/{intent.Id}")).Text("status").ShouldBe("succeeded");
    }

    [EngineFact]
    public async Task Without_the_right_secret_an_intent_is_neither_read_nor_confirmed()
    {
        var one = (await _merchant.PostAsync("/v1/payment_intents", [.. Sum("payment_intent"), ("payment_method", "pm_card_visa")])).ShouldBe(200);
        var other = (await _merchant.PostAsync("/v1/payment_intents", Sum("payment_intent"))).ShouldBe(200);
        var browser = await BrowserAsync();

        foreach (var wrong in new[] { other.Text("client_secret")!, "x", one.Id })
        {
            (await browser.GetAsync($"/v1/payment_intents/{one.Id}?client_secret={wrong}")).ShouldBeError(400, "invalid_request_error", "resource_missing", "client_secret");
            (await browser.PostAsync($"/v1/payment_intents/{one.Id}/confirm", ("client_secret", wrong))).ShouldBe(400);
        }

        (await browser.GetAsync($"/v1/payment_intents/{one.Id}")).ShouldBeError(400, "invalid_request_error", "parameter_missing", "client_secret");
        (await browser.PostAsync($"/v1/payment_intents/{one.Id}/confirm")).ShouldBe(400);
        var strangers = await BrowserAsync(fixture.Simulator.NewMerchant());
        (await strangers.GetAsync($"/v1/payment_intents/{one.Id}?client_secret={one.Text("client_secret")}")).ShouldBe(404);
        (await browser.PostAsync($"/v1/payment_intents/{one.Id}/confirm", ("client_secret", one.Text("client_secret")!), ("off_session", "true")))
            .ShouldBeError(400, "invalid_request_error", param: "off_session");
        (await _merchant.GetAsync($"/v1/payment_intents/{one.Id}")).Text("status").ShouldBe("requires_confirmation");
    }

    [EngineFact]
    public async Task Tokens_and_payment_methods_are_made_and_everything_else_is_refused()
    {
        var browser = await BrowserAsync();
        (await browser.PostAsync("/v1/tokens", ("card[number]", "4242424242424242"), ("card[exp_month]", "8"), ("card[exp_year]", "2035"))).ShouldBe(200);
        (await browser.PostAsync("/v1/payment_methods", ("type", "card"), ("card[token]", "tok_visa"))).ShouldBe(200);

        foreach (var (method, path) in new[]
                 {
                     ("POST", "/v1/charges"), ("GET", "/v1/charges"), ("GET", "/v1/charges/ch_1"), ("POST", "/v1/charges/ch_1/capture"), ("GET", "/v1/events"),
                     ("POST", "/v1/payment_intents"), ("GET", "/v1/payment_intents"), ("POST", "/v1/payment_intents/pi_1"), ("POST", "/v1/payment_intents/pi_1/capture"),
                     ("POST", "/v1/payment_intents/pi_1/cancel"), ("POST", "/v1/test_helpers/payment_intents/pi_1/authenticate"), ("GET", "/v1/payment_methods"),
                     ("GET", "/v1/tokens/tok_1"), ("POST", "/v1/customers"), ("POST", "/v1/webhook_endpoints"), ("POST", "/v1/setup_intents"), ("GET", "/v1/setup_intents"),
                 })
        {
            var answer = await browser.SendAsync(new HttpMethod(method), path);
            answer.ShouldBeError(403, "invalid_request_error", "secret_key_required");
            answer.Text("error.message")!.ShouldStartWith("This API call cannot be made with a publishable API key. Please use a secret API key");
        }

        (await _merchant.IdsAsync("/v1/charges")).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_key_that_was_altered_or_is_another_simulators_is_none()
    {
        var key = (await BrowserAsync()).Key;
        await using var elsewhere = await Simulator.StartAsync();

        foreach (var wrong in new[] { key[..^1] + (key[^1] == '0' ? '1' : '0'), key + "0", key[..^1], "pk_test_x", "pk_test_" })
            (await fixture.Simulator.MerchantWith(wrong).PostAsync("/v1/tokens")).ShouldBeError(401, "invalid_request_error");
        (await elsewhere.MerchantWith(key).PostAsync("/v1/tokens")).ShouldBe(401);
    }

    private static (string, string)[] Sum(string kind) => kind == "payment_intent" ? [("amount", "2000"), ("currency", "usd")] : [];

    private Task<Merchant> BrowserAsync(Merchant? merchant = null) => fixture.Simulator.BrowserOfAsync(merchant ?? _merchant);
}
