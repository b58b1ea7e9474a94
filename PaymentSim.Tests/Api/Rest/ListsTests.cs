using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary>Every list pages in both directions, and says at each page whether there is more.</summary>
public sealed class ListsTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private const int Count = 5;

    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task Every_list_pages_both_ways_with_the_right_has_more()
    {
        var customer = (await _merchant.PostAsync("/v1/customers")).ShouldBe(200).Id;
        for (var i = 0; i < Count; i++)
        {
            (await _merchant.PostAsync("/v1/customers", ("email", "a@example.com"))).ShouldBe(200);
            (await _merchant.PostAsync($"/v1/customers/{customer}/sources", ("source", "tok_visa"))).ShouldBe(200);
            (await _merchant.PostAsync("/v1/payment_methods/pm_usBankAccount/attach", ("customer", customer))).ShouldBe(200);
            (await _merchant.PostAsync("/v1/charges", ("amount", "2000"), ("currency", "usd"), ("customer", customer))).ShouldBe(200);
            (await _merchant.PostJsonAsync("/v1/webhook_endpoints", new { url = $"http://127.0.0.1/{i}", enabled_events = new[] { "no.such" } })).ShouldBe(200);
        }

        await EachPagesAsync(
            "/v1/charges?", $"/v1/charges?customer={customer}&", "/v1/customers?email=a@example.com&", $"/v1/customers/{customer}/sources?",
            $"/v1/customers/{customer}/payment_methods?type=us_bank_account&", $"/v1/payment_methods?customer={customer}&type=card&",
            "/v1/events?type=charge.succeeded&", "/v1/webhook_endpoints?");
    }

    [EngineFact]
    public async Task Every_list_of_what_moves_money_pages_both_ways_with_the_right_has_more()
    {
        var refunded = (await _merchant.ChargeAsync("tok_bypassPending", 100_000)).ShouldBe(200).Id;
        for (var i = 0; i < Count; i++)
        {
            (await _merchant.PostAsync("/v1/refunds", ("charge", refunded), ("amount", "100"))).ShouldBe(200);
            (await _merchant.PostAsync("/v1/payouts", ("amount", "100"), ("currency", "usd"))).ShouldBe(200);
            (await _merchant.ChargeAsync("tok_createDispute")).ShouldBe(200);
        }

        await EachPagesAsync(
            "/v1/refunds?", $"/v1/refunds?charge={refunded}&", $"/v1/charges/{refunded}/refunds?", "/v1/payouts?", "/v1/disputes?",
            "/v1/balance_transactions?type=refund&", "/v1/balance_transactions?type=adjustment&");
    }

    [EngineFact]
    public async Task Every_list_of_intents_and_checkout_pages_both_ways_with_the_right_has_more()
    {
        var customer = (await _merchant.PostAsync("/v1/customers")).ShouldBe(200).Id;
        for (var i = 0; i < Count; i++)
        {
            (await _merchant.PostAsync("/v1/payment_intents", ("amount", "2000"), ("currency", "usd"), ("customer", customer))).ShouldBe(200);
            (await _merchant.PostAsync("/v1/setup_intents", ("customer", customer))).ShouldBe(200);
            (await _merchant.PostAsync("/v1/accounts")).ShouldBe(200);
            (await _merchant.PostAsync(
                "/v1/checkout/sessions", ("mode", "payment"), ("success_url", "http://127.0.0.1/"), ("line_items[0][quantity]", "1"),
                ("line_items[0][price_data][currency]", "usd"), ("line_items[0][price_data][unit_amount]", "2000"),
                ("line_items[0][price_data][product_data][name]", "T-shirt"))).ShouldBe(200);
        }

        await EachPagesAsync(
            "/v1/payment_intents?", $"/v1/payment_intents?customer={customer}&", "/v1/setup_intents?", $"/v1/setup_intents?customer={customer}&", "/v1/accounts?",
            "/v1/checkout/sessions?", "/v1/checkout/sessions?status=open&");
    }

    private async Task EachPagesAsync(params string[] lists)
    {
        foreach (var list in lists)
        {
            var all = (await PageAsync("limit=100")).ShouldHold(Count, more: false);
            (await PageAsync("limit=2")).ShouldHold(all[..2], more: true);
            (await PageAsync($"limit=2&starting_after={all[1]}")).ShouldHold(all[2..4], more: true);
            (await PageAsync($"limit=2&starting_after={all[2]}")).ShouldHold(all[3..], more: false);
            (await PageAsync($"limit=2&starting_after={all[3]}")).ShouldHold(all[4..], more: false);
            (await PageAsync($"limit=2&ending_before={all[4]}")).ShouldHold(all[2..4], more: true);
            (await PageAsync($"limit=2&ending_before={all[2]}")).ShouldHold(all[..2], more: false);
            (await PageAsync($"limit=2&ending_before={all[0]}")).ShouldHold([], more: false);

            async Task<ApiAnswer> PageAsync(string page) => (await _merchant.GetAsync(list + page)).ShouldBe(200);
        }
    }
}

internal static class PageAssertions
{
    public static List<string> ShouldHold(this ApiAnswer page, int count, bool more)
    {
        page.Ids.Count.ShouldBe(count, page.ToString());
        page.HasMore.ShouldBe(more);
        return [.. page.Ids];
    }

    public static void ShouldHold(this ApiAnswer page, IEnumerable<string> ids, bool more)
    {
        page.Ids.ShouldBe(ids);
        page.HasMore.ShouldBe(more);
    }
}
