using PaymentSim.Tests.Support;
using Stripe;

namespace PaymentSim.Tests.Api.Rest;

public sealed class SearchTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task Customers_are_found_by_each_of_their_fields()
    {
        var ada = await CustomerAsync(("email", "Ada@Example.com"), ("name", "Ada Lovelace 100%"), ("phone", "+15555550100"), ("metadata[plan]", "gold"), ("metadata[a\"b]", "x"));
        var bob = await CustomerAsync(("email", "bob@example.com"), ("name", "Bob_Marley"), ("metadata[plan]", "Free"));
        var eve = await CustomerAsync();
        var gone = await CustomerAsync(("email", "ada@example.com"));
        (await _merchant.DeleteAsync($"/v1/customers/{gone}")).ShouldBe(200);
        (await fixture.Simulator.NewMerchant().PostAsync("/v1/customers", ("email", "ada@example.com"))).ShouldBe(200);

        foreach (var (query, expected) in new (string, string[])[]
                 {
                     ("email:\"ada@example.com\"", [ada]),
                     ("email:\"ada@example\"", []),
                     ("email~\"EXAMPLE\"", [bob, ada]),
                     ("-email~\"ada\"", [eve, bob]),
                     ("email:null", [eve]),
                     ("-email:null", [bob, ada]),
                     ("name~\"love\"", [ada]),
                     ("name~\"100%\"", [ada]),
                     ("name~\"b%b\"", []),
                     ("name~\"b_m\"", [bob]),
                     ("name~\"a_l\"", []),
                     ("phone:\"+15555550100\"", [ada]),
                     ("phone~\"555\" AND email~\"ada\"", [ada]),
                     ("phone~\"555\" AND email~\"bob\"", []),
                     ("phone~\"555\" OR email~\"bob\"", [bob, ada]),
                     ("metadata[\"plan\"]:\"gold\"", [ada]),
                     ("metadata[\"plan\"]:\"free\"", [bob]),
                     ("metadata[\"plan\"]:null", [eve]),
                     ("-metadata[\"plan\"]:\"gold\"", [eve, bob]),
                     ("metadata[\"a\\\"b\"]:\"x\"", [ada]),
                     ("metadata[\"plan' OR 1=1 --\"]:\"x\"", []),
                     ("created>1700000000", [eve, bob, ada]),
                     ("created<1700000000", []),
                 })
        {
            var found = (await FindAsync("customers", query)).ShouldBe(200);
            found.Ids.ShouldBe(expected, query);
            (found.Text("object"), found.Text("url"), found.HasMore, found.Text("next_page")).ShouldBe(("search_result", "/v1/customers/search", false, null));
        }
    }

    [EngineFact]
    public async Task Charges_are_found_by_each_of_their_fields()
    {
        var customer = await CustomerAsync(("source", "tok_amex"));
        var small = (await _merchant.ChargeAsync(amount: 1000)).ShouldBe(200).Id;
        var large = (await _merchant.PostAsync("/v1/charges", ("amount", "5000"), ("currency", "eur"), ("customer", customer), ("metadata[order]", "17"))).ShouldBe(200);
        var failed = (await _merchant.ChargeAsync("tok_chargeDeclined", 3000)).ShouldBe(402).Text("error.charge")!;
        var debit = (await _merchant.ChargeAsync("btok_us_verified", 4000)).ShouldBe(200).Id;
        var typed = (await _merchant.PostAsync(
            "/v1/charges", ("amount", "6000"), ("currency", "usd"), ("source[number]", "5555555555554444"), ("source[exp_month]", "7"), ("source[exp_year]", "2037"),
            ("source[address_zip]", "N1 9GU"))).ShouldBe(200).Id;
        var fingerprint = large.Text("payment_method_details.card.fingerprint");
        var created = large.Number("created");

        foreach (var (query, expected) in new (string, string[])[]
                 {
                     ("amount:1000", [small]),
                     ("amount>1000 AND amount<=5000", [debit, failed, large.Id]),
                     ("amount>=5000", [typed, large.Id]),
                     ("-amount>1000", [small]),
                     ("currency:\"EUR\"", [large.Id]),
                     ($"customer:\"{customer}\"", [large.Id]),
                     ("-customer:null", [large.Id]),
                     ("status:\"failed\" OR amount:1000", [failed, small]),
                     // The debit may have succeeded by now.
                     ("status:\"succeeded\" AND customer:null AND -amount:4000", [typed, small]),
                     ("refunded:\"true\"", []),
                     ("refunded:false amount:1000", [small]),
                     ("disputed:\"false\" amount:1000", [small]),
                     ("disputed:true", []),
                     ("payment_method_details.card.brand:\"amex\"", [large.Id]),
                     ($"payment_method_details.card.fingerprint:\"{fingerprint}\"", [large.Id]),
                     ("payment_method_details.card.last4:\"4444\"", [typed]),
                     ("payment_method_details.card.last4:null", [debit]),
                     ("payment_method_details.card.exp_month:7 payment_method_details.card.exp_year>2036", [typed]),
                     ("billing_details.address.postal_code:\"n1 9gu\"", [typed]),
                     ("metadata[\"order\"]:\"17\"", [large.Id]),
                     ($"created:{created} customer:\"{customer}\"", [large.Id]),
                     ($"created>{created + 60}", []),
                 })
        {
            (await FindAsync("charges", query)).ShouldBe(200).Ids.ShouldBe(expected, query);
        }
    }

    [EngineTheory]
    [InlineData("nothing:\"x\"", "Field `nothing` is an unsupported search field for resource `customers`.")]
    [InlineData("metadata:\"x\"", "We were unable to parse your search query.")]
    [InlineData("email>\"x\"", "Field `email` does not support this comparison.")]
    [InlineData("created~\"170\"", "Field `created` does not support this comparison.")]
    [InlineData("metadata[\"k\"]~\"abc\"", "Field `metadata` does not support this comparison.")]
    [InlineData("created>null", "Field `created` does not support this comparison.")]
    [InlineData("created:\"yesterday\"", "Field `created` is compared with a whole number.")]
    [InlineData("email~\"ad\"", "A substring search needs at least 3 characters.")]
    [InlineData("email:\"x\" AND name:\"y\" OR phone:\"z\"", "You cannot mix AND and OR in one search query.")]
    public async Task A_wrong_query_is_refused_with_the_reason(string query, string message)
    {
        var refused = (await FindAsync("customers", query)).ShouldBeError(400, "invalid_request_error", param: "query");

        refused.Text("error.message")!.ShouldStartWith(message);
    }

    [EngineTheory]
    [InlineData("", "query", "parameter_missing")]
    [InlineData("query=", "query", "parameter_missing")]
    [InlineData("query=amount:1&limit=0", "limit", null)]
    [InlineData("query=amount:1&limit=101", "limit", null)]
    [InlineData("query=amount:1&page=nothing", "page", null)]
    [InlineData("query=amount:1&starting_after=x", "starting_after", "parameter_unknown")]
    [InlineData("query=refunded:maybe", "query", null)]
    [InlineData("query=refunded:\"maybe\"", "query", null)]
    [InlineData("query=amount:1&expand[]=customer", "expand[0]", null)]
    public async Task Wrong_parameters_are_refused_by_name(string parameters, string param, string? code) =>
        (await _merchant.GetAsync($"/v1/charges/search?{parameters}")).ShouldBeError(400, "invalid_request_error", code, param);

    [EngineFact]
    public async Task Pages_have_no_gap_and_no_repeat_and_count_and_expand_when_asked()
    {
        var customer = await CustomerAsync(("source", "tok_visa"));
        var charges = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            charges.Insert(0, (await _merchant.PostAsync("/v1/charges", ("amount", "2000"), ("currency", "usd"), ("customer", customer))).ShouldBe(200).Id);
            (await _merchant.ChargeAsync(amount: 100)).ShouldBe(200);
        }

        var (seen, page) = (new List<string>(), "");
        do
        {
            var found = (await _merchant.GetAsync($"/v1/charges/search?query=amount:2000&limit=3&expand[]=total_count&expand[]=data.customer{page}")).ShouldBe(200);
            found.Data.ShouldAllBe(charge => charge.GetProperty("customer").GetProperty("id").GetString() == customer);
            found.Number("total_count").ShouldBe(7);
            seen.AddRange(found.Ids);
            found.HasMore.ShouldBe(seen.Count < 7);
            page = found.Text("next_page") is { } next ? $"&page={next}" : "";
        }
        while (page.Length > 0);

        seen.ShouldBe(charges);
        (await _merchant.GetAsync("/v1/charges/search?query=amount:2000")).Json.TryGetProperty("total_count", out _).ShouldBeFalse();
    }

    [EngineFact]
    public async Task The_official_client_searches_and_pages()
    {
        var client = new StripeClient(_merchant.Key, apiBase: fixture.Simulator.Url);
        for (var i = 0; i < 5; i++) await client.V1.Customers.CreateAsync(new CustomerCreateOptions { Name = $"Ada {i}" });
        await client.V1.Charges.CreateAsync(new ChargeCreateOptions { Amount = 2000, Currency = "usd", Source = "tok_visa" });

        var names = new List<string>();
        await foreach (var customer in client.V1.Customers.SearchAutoPagingAsync(new CustomerSearchOptions { Query = "name~\"ada\"", Limit = 2 })) names.Add(customer.Name);

        names.ShouldBe(["Ada 4", "Ada 3", "Ada 2", "Ada 1", "Ada 0"]);
        (await client.V1.Charges.SearchAsync(new ChargeSearchOptions { Query = "amount>=2000 AND status:\"succeeded\"" })).Data.ShouldHaveSingleItem();
    }

    private async Task<string> CustomerAsync(params (string, string)[] form) => (await _merchant.PostAsync("/v1/customers", form)).ShouldBe(200).Id;

    private Task<ApiAnswer> FindAsync(string resource, string query) => _merchant.GetAsync($"/v1/{resource}/search?query={Uri.EscapeDataString(query)}");
}
