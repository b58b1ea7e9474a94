using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary>Pages of other origins: with a publishable key they do what such keys may, and with a secret key nothing.</summary>
public sealed class CrossOriginTests(SharedSimulatorFixture fixture, Browser browser) : IClassFixture<SharedSimulatorFixture>, IClassFixture<Browser>
{
    private const string Shop = "https://shop.example";

    private static readonly (string, string) Origin = ("Origin", Shop);

    private readonly Simulator _simulator = fixture.Simulator;
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineTheory]
    [InlineData("POST", "/v1/tokens")]
    [InlineData("POST", "/v1/payment_methods")]
    [InlineData("GET", "/v1/payment_intents/pi_1")]
    [InlineData("POST", "/v1/payment_intents/pi_1/confirm")]
    [InlineData("GET", "/v1/setup_intents/seti_1")]
    [InlineData("POST", "/v1/setup_intents/seti_1/confirm")]
    public async Task A_browser_is_told_that_pages_may_ask_for_what_publishable_keys_may(string method, string path)
    {
        using var answer = await PreflightAsync(method, path);

        ((int)answer.StatusCode).ShouldBe(204);
        Header(answer, "Access-Control-Allow-Origin").ShouldBe("*");
        Header(answer, "Access-Control-Allow-Methods").ShouldBe(method);
        Header(answer, "Access-Control-Max-Age").ShouldBe("300");
        Header(answer, "Access-Control-Allow-Headers")!.Split(',').ShouldBe(
            ["Authorization", "Content-Type", "Idempotency-Key", "Stripe-Account", "Stripe-Version", "X-Stripe-Client-User-Agent"], ignoreOrder: true);
        // Cookies stay at home: the console's belong to no page of another origin.
        Header(answer, "Access-Control-Allow-Credentials").ShouldBeNull();
    }

    [EngineTheory]
    [InlineData("POST", "/v1/charges")]
    [InlineData("GET", "/v1/charges")]
    [InlineData("POST", "/v1/payment_intents")]
    [InlineData("POST", "/v1/payment_intents/pi_1")]
    [InlineData("GET", "/v1/payment_methods")]
    [InlineData("POST", "/v1/payment_methods/pm_1")]
    [InlineData("GET", "/v1/tokens/tok_1")]
    [InlineData("DELETE", "/v1/tokens")]
    [InlineData("POST", "/v1/payment_intents/pi_1/capture")]
    [InlineData("DELETE", "/v1/test_helpers/data")]
    [InlineData("GET", "/v1/nothing")]
    [InlineData("GET", "/hangfire")]
    [InlineData("POST", "/")]
    public async Task A_browser_is_told_nothing_of_everything_else(string method, string path)
    {
        using var answer = await PreflightAsync(method, path);

        ShouldNotBeReadable(answer);
        if (path.StartsWith("/v1", StringComparison.Ordinal)) ((int)answer.StatusCode).ShouldBeOneOf(404, 405);
    }

    [EngineFact]
    public async Task Answers_to_publishable_keys_are_readable_and_those_to_secret_keys_are_not()
    {
        var page = await _simulator.BrowserOfAsync(_merchant);
        var intent = (await _merchant.PostAsync("/v1/payment_intents", ("amount", "2000"), ("currency", "usd"))).ShouldBe(200);
        var path = $"/v1/payment_intents/{intent.Id}?client_secret={intent.Text("client_secret")}";

        var read = (await page.GetAsync(path, Origin)).ShouldBe(200);
        (read.Header("Access-Control-Allow-Origin"), read.Header("Access-Control-Allow-Credentials")).ShouldBe(("*", null));
        read.Header("Access-Control-Expose-Headers").ShouldBe("Request-Id, Idempotent-Replayed, Original-Request, Stripe-Version");
        foreach (var refused in new[]
                 {
                     await page.GetAsync($"/v1/payment_intents/{intent.Id}?client_secret=x", Origin), await page.GetAsync("/v1/charges", Origin),
                     await _simulator.MerchantWith("pk_test_x").GetAsync(path, Origin), await page.GetAsync(path, Origin, ("Stripe-Version", "x")),
                 })
        {
            refused.Status.ShouldBeInRange(400, 403);
            refused.Header("Access-Control-Allow-Origin").ShouldBe("*");
        }

        foreach (var (_, hidden) in new[]
                 {
                     ("read", await _merchant.GetAsync(path, Origin)), ("refused", await _merchant.GetAsync("/v1/payment_intents/pi_1", Origin)),
                     ("list", await _merchant.GetAsync("/v1/charges", Origin)), ("no origin", await page.GetAsync(path)),
                 })
        {
            hidden.Header("Access-Control-Allow-Origin").ShouldBeNull();
            hidden.Header("Access-Control-Expose-Headers").ShouldBeNull();
        }
    }

    [EngineFact]
    public async Task A_page_of_another_origin_pays_with_its_client_secret_and_reads_nothing_with_a_secret_key()
    {
        await using var shop = await Receiver.StartAsync(context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<!DOCTYPE html><title>Shop</title>");
        });
        var key = (await _simulator.BrowserOfAsync(_merchant)).Key;
        var intent = (await _merchant.PostAsync("/v1/payment_intents", ("amount", "2000"), ("currency", "usd"))).ShouldBe(200);
        var page = await browser.OpenAsync(shop.Url);

        var paid = await CallAsync(page, key, "POST", $"/v1/payment_intents/{intent.Id}/confirm", $"client_secret={intent.Text("client_secret")}&payment_method=pm_card_visa");
        paid.ShouldBe("200 succeeded");
        (await _merchant.GetAsync($"/v1/payment_intents/{intent.Id}")).Text("status").ShouldBe("succeeded");
        (await CallAsync(page, key, "GET", $"/v1/payment_intents/{intent.Id}?client_secret={intent.Text("client_secret")}")).ShouldBe("200 succeeded");
        (await CallAsync(page, key, "POST", "/v1/charges", "amount=2000&currency=usd&source=tok_visa")).ShouldBe("TypeError");
        (await CallAsync(page, _merchant.Key, "POST", "/v1/charges", "amount=2000&currency=usd&source=tok_visa")).ShouldBe("TypeError");
        (await CallAsync(page, _merchant.Key, "GET", "/v1/charges")).ShouldBe("TypeError");
        (await CallAsync(page, _merchant.Key, "GET", $"/v1/payment_intents/{intent.Id}")).ShouldBe("TypeError");

        (await _merchant.IdsAsync("/v1/charges")).Count.ShouldBe(1);
    }

    /// <summary>What a script of the page gets: the answer's status and the object's, or the name of the error that the browser throws in their place.</summary>
    private Task<string> CallAsync(IPage page, string key, string method, string path, string? body = null) => page.EvaluateAsync<string>(
        """
        async ({ url, key, method, body }) => {
            const headers = { Authorization: `Bearer ${key}`, 'Stripe-Version': '2025-01-27.acacia' };
            if (body) headers['Content-Type'] = 'application/x-www-form-urlencoded';
            try {
                const answer = await fetch(url, { method, headers, body: body ?? undefined });
                return `${answer.status} ${(await answer.json()).status}`;
            } catch (failure) {
                return failure.name;
            }
        }
        """,
        new { url = _simulator.Url + path, key, method, body });

    private async Task<HttpResponseMessage> PreflightAsync(string method, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", Shop);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type,stripe-version");
        return await _simulator.Http.SendAsync(request);
    }

    private static void ShouldNotBeReadable(HttpResponseMessage answer)
    {
        foreach (var (name, _) in answer.Headers) name.ShouldNotStartWith("Access-Control-");
    }

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;
}
