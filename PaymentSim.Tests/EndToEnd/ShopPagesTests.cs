using Microsoft.Playwright;
using PaymentSim.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>The shop as a customer sees it, in a real browser.</summary>
public sealed class ShopPagesTests(SharedSimulatorFixture fixture, Browser browser) : IClassFixture<SharedSimulatorFixture>, IClassFixture<Browser>
{
    [EngineFact]
    public async Task An_order_page_turns_from_pending_to_paid_the_moment_the_webhook_arrives()
    {
        await using var shop = await Shop.OpenAsync(fixture.Simulator, fixture.Simulator.NewMerchant());
        var page = await browser.OpenAsync(shop.Url);

        // The shop fails twice, so that the page is seen before the webhook is taken.
        await page.GetByLabel("Webhook trouble").SelectOptionAsync("2");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Buy for") }).ClickAsync();

        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/orders/ord_"));
        await Expect(page.Locator("#status")).ToContainTextAsync("Pending");
        await page.EvaluateAsync("window.sameDocument = true");
        await Expect(page.Locator("#status")).ToContainTextAsync("Paid");
        await Expect(page.Locator("#webhooks tbody tr")).ToHaveCountAsync(3);
        (await page.EvaluateAsync<bool>("window.sameDocument === true")).ShouldBeTrue("the page was not loaded again");
    }

    [EngineFact]
    public async Task A_declined_card_shows_why()
    {
        await using var shop = await Shop.OpenAsync(fixture.Simulator, fixture.Simulator.NewMerchant());
        var page = await browser.OpenAsync(shop.Url);

        await page.GetByLabel("Insufficient funds").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Buy for") }).ClickAsync();

        await Expect(page.Locator("#status")).ToContainTextAsync("Your card has insufficient funds.");
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_page_fits_a_phone(bool dark)
    {
        await using var shop = await Shop.OpenAsync(fixture.Simulator, fixture.Simulator.NewMerchant());
        var id = (await shop.BuyAsync("tok_visa")).GetProperty("id").GetString()!;
        await shop.OrderAsync(id, "paid");

        foreach (var path in new[] { "/", "/orders", $"/orders/{id}", "/orders/ord_unknown" })
        {
            var page = await browser.OpenAsync(shop.Url + path, width: 375, dark);
            await page.ShouldNotScrollSidewaysAsync();
        }
    }
}
