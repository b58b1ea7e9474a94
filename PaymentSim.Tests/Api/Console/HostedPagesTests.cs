using Microsoft.Playwright;
using PaymentSim.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PaymentSim.Tests.Api.Console;

/// <summary>The pages that merchants' customers are sent to, in a real browser.</summary>
public sealed class HostedPagesTests(SharedSimulatorFixture fixture, Browser browser) : IClassFixture<SharedSimulatorFixture>, IClassFixture<Browser>
{
    private readonly Simulator _simulator = fixture.Simulator;
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task A_person_is_declined_then_passes_a_check_and_ends_at_the_shop()
    {
        await using var shop = await Receiver.StartAsync();
        var session = await SessionAsync(shop.Url);
        var page = await browser.OpenAsync(session.Text("url")!);

        await page.GetByLabel("Test card").SelectOptionAsync("tok_chargeDeclinedLostCard");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay $20.00" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Your card was declined.");
        await page.GetByLabel("Test card").SelectOptionAsync("tok_authenticationRequired");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay $20.00" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Is it you?" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Yes: pass the check" }).ClickAsync();

        await Expect(page).ToHaveURLAsync($"{shop.Url}?session={session.Id}");
        (await _merchant.GetAsync($"/v1/checkout/sessions/{session.Id}")).Text("payment_status").ShouldBe("paid");
    }

    [EngineFact]
    public async Task A_typed_card_pays_and_is_never_shown_again()
    {
        await using var shop = await Receiver.StartAsync();
        var session = await SessionAsync(shop.Url);
        var page = await browser.OpenAsync(session.Text("url")!);

        await page.GetByText("Type a test card instead").ClickAsync();
        await page.GetByLabel("Card number").FillAsync("5555 5555 5555 4441");
        await page.GetByLabel("Month").FillAsync("8");
        await page.GetByLabel("Year").FillAsync("2035");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay $20.00" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Your card number is incorrect.");
        (await page.ContentAsync()).ShouldNotContain("5555 5555 5555 4441");
        await page.GetByLabel("Card number").FillAsync("5555 5555 5555 4444");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay $20.00" }).ClickAsync();

        await Expect(page).ToHaveURLAsync($"{shop.Url}?session={session.Id}");
    }

    [EngineTheory]
    [InlineData("Yes: pass the check", "succeeded", "succeeded")]
    [InlineData("No: fail the check", "failed", "requires_payment_method")]
    public async Task A_check_sends_a_person_back_with_what_came_of_it(string button, string told, string status)
    {
        await using var shop = await Receiver.StartAsync();
        var intent = (await _merchant.PostAsync(
            "/v1/payment_intents",
            ("amount", "2000"), ("currency", "usd"), ("payment_method", "pm_card_authenticationRequired"), ("confirm", "true"), ("return_url", shop.Url))).ShouldBe(200);
        var page = await browser.OpenAsync(intent.Text("next_action.redirect_to_url.url")!);
        await Expect(page.GetByText("$20.00")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();

        await Expect(page).ToHaveURLAsync($"{shop.Url}?payment_intent={intent.Id}&payment_intent_client_secret={intent.Text("client_secret")}&redirect_status={told}");
        (await _merchant.GetAsync($"/v1/payment_intents/{intent.Id}")).Text("status").ShouldBe(status);
        await page.GotoAsync(intent.Text("next_action.redirect_to_url.url")!);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This check is over" })).ToBeVisibleAsync();
    }

    [SkippableTheory]
    [InlineData(375, false)]
    [InlineData(375, true)]
    [InlineData(1200, true)]
    public async Task They_fit_every_window_and_load_nothing_from_elsewhere(int width, bool dark)
    {
        var session = await SessionAsync("https://shop.example/");
        var setup = (await _merchant.PostAsync("/v1/setup_intents", ("payment_method", "pm_card_authenticationRequired"), ("confirm", "true"))).ShouldBe(200);
        var page = await browser.OpenAsync(_simulator.Url, width, dark);
        var hosts = new HashSet<string>();
        page.Request += (_, request) => hosts.Add(new Uri(request.Url).Authority);

        foreach (var url in new[] { session.Text("url")!, setup.Text("next_action.use_stripe_sdk.stripe_js")! })
        {
            await page.GotoAsync(url, new() { WaitUntil = WaitUntilState.NetworkIdle });
            await page.ShouldNotScrollSidewaysAsync();
        }

        await _merchant.PostAsync($"/v1/checkout/sessions/{session.Id}/expire");
        await page.GotoAsync(session.Text("url")!);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This page has expired" })).ToBeVisibleAsync();
        hosts.ShouldBe([new Uri(_simulator.Url).Authority]);
    }

    private async Task<ApiAnswer> SessionAsync(string shop) => (await _merchant.PostJsonAsync("/v1/checkout/sessions", new
    {
        mode = "payment",
        success_url = shop + "?session={CHECKOUT_SESSION_ID}",
        cancel_url = shop,
        customer_email = "ada@example.com",
        line_items = new[] { new { quantity = 1, price_data = new { currency = "usd", unit_amount = 2000, product_data = new { name = "A pound of coffee" } } } },
    })).ShouldBe(200);
}
