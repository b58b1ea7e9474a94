using Microsoft.Playwright;
using PaymentSim.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PaymentSim.Tests.Api.Console;

/// <summary>The home page in a real browser.</summary>
public sealed class HomePageTests(SimulatorFixture fixture, Browser browser) : IClassFixture<SimulatorFixture>, IClassFixture<Browser>
{
    private readonly Simulator _simulator = fixture.Simulator;

    [EngineFact]
    public async Task A_charge_made_by_hand_appears_and_its_webhook_is_followed_without_a_reload()
    {
        var (page, merchant) = await OpenAsync();
        // The second attempt lasts until the page has shown the first one's failure.
        var (seen, attempts) = (new TaskCompletionSource(), 0);
        await using var receiver = await Receiver.StartAsync(async context =>
        {
            if (Interlocked.Increment(ref attempts) == 2) await seen.Task;
            await Receiver.Status(500)(context);
        });
        await merchant.AddEndpointAsync(receiver.Url);

        await page.GetByLabel("Amount in minor units").FillAsync("4200");
        await Expect(page.Locator("#preview")).ToHaveTextAsync("$42.00");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the charge" }).ClickAsync();

        var row = page.Locator("#charges tbody tr");
        await Expect(row).ToHaveCountAsync(1);
        await Expect(row).ToContainTextAsync("$42.00");
        await page.EvaluateAsync("window.sameDocument = true");
        await Expect(row).ToContainTextAsync("retrying");
        await Expect(row).ToContainTextAsync("HTTP 500 from " + receiver.Url);
        seen.SetResult();
        await Expect(row).ToContainTextAsync("failed after 3 attempts");
        (await page.EvaluateAsync<bool>("window.sameDocument === true")).ShouldBeTrue("the page was not loaded again");
        (await merchant.IdsAsync("/v1/charges")).Count.ShouldBe(1);
    }

    [EngineFact]
    public async Task A_declined_card_shows_the_message_that_the_api_gives()
    {
        var (page, _) = await OpenAsync();

        await page.GetByLabel("Card or bank account").SelectOptionAsync("tok_chargeDeclinedInsufficientFunds");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the charge" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("Your card has insufficient funds.");
        await Expect(page.Locator("#charges tbody tr .badge")).ToHaveTextAsync("failed");
    }

    [EngineTheory]
    [InlineData("", "Missing required param: amount.")]
    [InlineData("-5", "Invalid positive integer")]
    [InlineData("10.5", "Invalid positive integer")]
    public async Task The_browser_refuses_what_the_validator_refuses_before_anything_is_sent(string amount, string message)
    {
        var (page, merchant) = await OpenAsync();
        var sent = 0;
        page.Request += (_, request) => sent += request.Method == "POST" ? 1 : 0;

        await page.GetByLabel("Amount in minor units").FillAsync(amount);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the charge" }).ClickAsync();

        await Expect(page.Locator("#Amount-error")).ToHaveTextAsync(message);
        sent.ShouldBe(0);
        (await merchant.IdsAsync("/v1/charges")).ShouldBeEmpty();
    }

    [EngineTheory]
    [InlineData("49", "usd", "Amount must be at least 50 cents")]
    [InlineData("49", "jpy", "Amount must be at least ¥50")]
    public async Task A_rule_that_only_the_server_knows_is_shown_at_its_field(string amount, string currency, string message)
    {
        var (page, merchant) = await OpenAsync();

        await page.GetByLabel("Currency").SelectOptionAsync(currency);
        await page.GetByLabel("Amount in minor units").FillAsync(amount);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the charge" }).ClickAsync();

        await Expect(page.Locator("#Amount-error")).ToHaveTextAsync(message);
        await Expect(page.GetByLabel("Amount in minor units")).ToHaveValueAsync(amount);
        (await merchant.IdsAsync("/v1/charges")).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_form_that_gets_past_the_browser_is_checked_by_the_same_validator()
    {
        var (page, merchant) = await OpenAsync();

        await page.GetByLabel("Amount in minor units").FillAsync("-5");
        await page.EvaluateAsync("document.querySelector('form[data-validate]').submit()");

        await Expect(page.Locator("#Amount-error")).ToHaveTextAsync("Invalid positive integer");
        (await merchant.IdsAsync("/v1/charges")).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task Where_keys_are_needed_nothing_is_shown_before_a_valid_one_is_entered()
    {
        await using var guarded = await Simulator.StartAsync("--PaymentSim:Access=keys");
        var page = await browser.OpenAsync(guarded.Url);

        await Expect(page.GetByText("Enter a secret key to see its charges.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Make the charge" })).ToBeDisabledAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Secret key" }).FillAsync("sk_test_wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use" }).ClickAsync();

        await Expect(page.Locator("#Key-error")).ToContainTextAsync("Invalid API Key provided");
        (await page.ContentAsync()).ShouldNotContain("sk_test_wrong");
    }

    [SkippableTheory]
    [InlineData(375, false)]
    [InlineData(375, true)]
    [InlineData(1200, true)]
    public async Task It_fits_every_window_and_loads_nothing_from_elsewhere(int width, bool dark)
    {
        var (page, merchant) = await OpenAsync(width, dark);
        var hosts = new HashSet<string>();
        page.Request += (_, request) => hosts.Add(new Uri(request.Url).Authority);
        await merchant.ChargeAsync();
        await merchant.ChargeAsync("tok_chargeDeclinedExpiredCard");

        foreach (var path in new[] { "/", "/docs", "/nowhere" })
        {
            await page.GotoAsync(_simulator.Url + path, new() { WaitUntil = WaitUntilState.NetworkIdle });
            await page.ShouldNotScrollSidewaysAsync();
        }

        hosts.ShouldBe([new Uri(_simulator.Url).Authority]);
    }

    /// <summary>The home page of a merchant of the test's own.</summary>
    private async Task<(IPage Page, Merchant Merchant)> OpenAsync(int width = 1200, bool dark = false)
    {
        var merchant = _simulator.NewMerchant();
        var page = await browser.OpenAsync(_simulator.Url, width, dark);
        await page.GetByLabel("Use another key").FillAsync(merchant.Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Use" }).ClickAsync();
        await Expect(page.GetByText($"You see the data of {merchant.Key}.")).ToBeVisibleAsync();
        return (page, merchant);
    }
}
