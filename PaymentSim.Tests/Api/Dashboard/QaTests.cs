using Microsoft.Playwright;
using PaymentSim.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PaymentSim.Tests.Api.Dashboard;

/// <summary>
/// QA's own work in a real browser: finds what failed, reads why, and replays it. With <c>PAYMENTSIM_SCREENSHOTS=docs/images</c> (from the repository's root) the pictures of
/// docs/qa.md are made anew.
/// </summary>
public sealed class QaTests(SimulatorFixture fixture, Browser browser) : IClassFixture<SimulatorFixture>, IClassFixture<Browser>
{
    private readonly Simulator _simulator = fixture.Simulator;
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task QA_finds_a_failed_delivery_reads_why_and_replays_it()
    {
        await using var shop = await Receiver.StartAsync(Receiver.Status(500, """{"error":"Out of stock","order":"o_1001"}"""));
        var endpoint = await _merchant.AddEndpointAsync(shop.Url + "webhooks");
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        await _merchant.DeliveryAsync(made.Id, "failed");
        var page = await browser.OpenAsync(_simulator.Url + "/hangfire");

        await page.GetByRole(AriaRole.Link, new() { Name = "Webhooks" }).ClickAsync();
        await page.GetByLabel("Search endpoints").FillAsync(endpoint.Id);
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        var row = page.Locator("tbody tr", new() { HasText = endpoint.Id });
        await Expect(row).ToContainTextAsync("failing");
        await row.Locator("[data-name=Failed] a").ClickAsync();
        await Expect(page.Locator("tbody tr")).ToContainTextAsync($"HTTP 500 from {shop.Url}webhooks");
        await page.GetByRole(AriaRole.Link, new() { Name = "charge.succeeded", Exact = true }).ClickAsync();
        await Expect(page.GetByText("It failed for good:")).ToBeVisibleAsync();
        await Expect(page.Locator("details[open]")).ToContainTextAsync("Out of stock");
        await Expect(page.Locator("details[open]")).ToContainTextAsync("webhook-signature");
        await page.ShotAsync("delivery", height: 1100);
        shop.Answer = Receiver.Status(200, "thanks");
        await page.GetByRole(AriaRole.Button, new() { Name = "Replay" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("1 webhook will be sent again now.");
        await _merchant.DeliveryAsync(made.Id, "succeeded");
        await page.ReloadAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("succeeded");
        await Expect(page.Locator("details[open]")).ToContainTextAsync("HTTP 200");
        shop.Requests.Count.ShouldBe(4);
    }

    [EngineFact]
    public async Task QA_replays_in_bulk_and_watches_it()
    {
        await using var shop = await Receiver.StartAsync(Receiver.Status(503));
        await _merchant.AddEndpointAsync(shop.Url + "webhooks");
        for (var i = 0; i < 30; i++) (await _merchant.ChargeAsync(i % 3 == 0 ? "tok_chargeDeclined" : "tok_visa")).Status.ShouldBe(i % 3 == 0 ? 402 : 200);
        var events = await _merchant.IdsAsync("/v1/events");
        foreach (var id in events) await _merchant.DeliveryAsync(id, "failed");
        var page = await browser.OpenAsync($"{_simulator.Url}/hangfire/deliveries");

        await page.GetByLabel("Event type").FillAsync("charge.suc*");
        await page.GetByLabel("Status").SelectOptionAsync("failed");
        await page.GetByLabel("Endpoint").FillAsync(shop.Url);
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(20);
        await page.ShotAsync("deliveries", height: 700);
        shop.Answer = Receiver.Status(200);

        // Two that are ticked.
        await page.Locator("tbody input[type=checkbox]").Nth(0).CheckAsync();
        await page.Locator("tbody input[type=checkbox]").Nth(1).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Replay ticked" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("2 webhooks will be sent again now.");
        await shop.WaitForAsync(events.Count * 3 + 2);
        await Eventually.HoldsAsync(async () => (await _merchant.GetAsync("/v1/events?delivery_success=true&limit=100")).Data.Count == 2, "both have arrived");

        // And all others.
        await page.GetByRole(AriaRole.Link, new() { Name = "Replay all that match…" }).ClickAsync();
        await Expect(page.Locator(".lead")).ToContainTextAsync("18 failed deliveries of charge.suc*");
        await page.ShotAsync("replay-all", height: 420);
        await page.GetByRole(AriaRole.Button, new() { Name = "Replay 18 webhooks" }).ClickAsync();
        await Expect(page.Locator("#ps-replays")).ToContainTextAsync("Replay finished: 18 of 18 sent again");

        foreach (var id in events)
        {
            var type = (await _merchant.GetAsync($"/v1/events/{id}")).Text("type");
            await _merchant.DeliveryAsync(id, type == "charge.succeeded" ? "succeeded" : "failed");
        }

        await page.ReloadAsync();
        await Expect(page.Locator("#ps-replays")).ToContainTextAsync("Replay finished: 18 of 18 sent again");
        await page.ShotAsync("replayed", height: 560);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Our_pages_fit_a_phone_by_day_and_by_night(bool dark)
    {
        await using var shop = await Receiver.StartAsync(Receiver.Status(500, """{"error":"Out of stock"}"""));
        var endpoint = await _merchant.AddEndpointAsync(shop.Url + "webhooks/a-rather-long-path/that-goes-on-and-on-and-on/for-a-phone");
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        var delivery = (await _merchant.DeliveryAsync(made.Id, "failed")).GetProperty("id").GetString();
        var name = dark ? "dark" : "light";

        foreach (var (path, shot) in new[]
                 {
                     ($"webhooks?search={endpoint.Id}", "webhooks"), ($"deliveries?about={made.Id}", "deliveries"), ($"deliveries/{delivery}", "delivery"),
                     ($"deliveries/replay-all?about={made.Id}", "replay-all"),
                 })
        {
            var page = await browser.OpenAsync($"{_simulator.Url}/hangfire/{path}", width: 390, dark: dark);
            await Expect(page.Locator("h1")).ToBeVisibleAsync();
            await page.ShouldNotScrollSidewaysAsync();
            if (dark && shot == "webhooks") await page.ShotAsync("phone", height: 844);
            await page.ShotAsync($"check-{shot}-{name}", height: 844, isForReview: true);
        }
    }

    [EngineFact]
    public async Task The_webhooks_page_shows_the_failing_ones_first()
    {
        await using var bad = await Receiver.StartAsync(Receiver.Status(500));
        await using var gone = await Receiver.StartAsync(Receiver.Status(410));
        await using var well = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(bad.Url + "orders");
        await _merchant.AddEndpointAsync(gone.Url + "old-shop");
        var last = await _merchant.AddEndpointAsync(well.Url + "shop");
        for (var i = 0; i < 4; i++) (await _merchant.ChargeAsync()).ShouldBe(200);
        await well.WaitForAsync(requests => requests.Count(request => request.Text.Contains("\"charge.succeeded\"", StringComparison.Ordinal)) == 4);
        var page = await browser.OpenAsync($"{_simulator.Url}/hangfire/webhooks?search=shop");
        await Eventually.HoldsAsync(
            async () =>
            {
                await page.ReloadAsync();
                return await page.Locator("tr", new() { HasText = gone.Url }).GetByText("disabled").CountAsync() == 1;
            },
            "the page has heard of it");

        var rows = await page.Locator("tbody tr").AllTextContentsAsync();
        rows[^1].ShouldContain(last.Id);
        await page.GotoAsync($"{_simulator.Url}/hangfire/webhooks");
        await page.ShotAsync("webhooks", height: 640);
    }
}

internal static class Screenshots
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("PAYMENTSIM_SCREENSHOTS");

    /// <summary>A picture of the page, where somebody wants them.</summary>
    /// <param name="height">Pixels.</param>
    /// <param name="isForReview">Not one of the documentation's: it goes to where PAYMENTSIM_REVIEW says.</param>
    public static async Task ShotAsync(this IPage page, string name, int height = 900, bool isForReview = false)
    {
        var folder = isForReview ? Environment.GetEnvironmentVariable("PAYMENTSIM_REVIEW") : Folder;
        // Those of one engine: they are alike.
        if (folder is null || Engines.Current != Engine.Sqlite) return;
        await page.SetViewportSizeAsync(page.ViewportSize!.Width, height);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Repository.At(folder, $"{name}.png") });
    }
}
