using PaymentSim.Tests.Support;
using Stripe;

namespace PaymentSim.Tests.Api.Rest;

public sealed class AccountsTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private const string Header = "Stripe-Account";

    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task A_connected_account_is_an_isolated_merchant()
    {
        await using var receiver = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(receiver.Url);
        var account = await AccountAsync();
        var other = await AccountAsync();

        var charge = (await SendAsync(HttpMethod.Post, "/v1/charges", account, "once", ("amount", "2000"), ("currency", "usd"), ("source", "tok_visa"))).ShouldBe(200);
        var own = (await _merchant.ChargeAsync(idempotencyKey: "once")).ShouldBe(200);

        charge.Header(Header).ShouldBe(account);
        own.Header(Header).ShouldBeNull();
        own.Header("Idempotent-Replayed").ShouldBeNull();
        (await SendAsync(HttpMethod.Get, "/v1/charges", account)).ShouldBe(200).Ids.ShouldBe([charge.Id]);
        (await SendAsync(HttpMethod.Get, "/v1/events", account)).ShouldBe(200).Data.ShouldHaveSingleItem();
        (await SendAsync(HttpMethod.Get, $"/v1/charges/{charge.Id}", other)).ShouldBe(404);
        (await SendAsync(HttpMethod.Get, $"/v1/charges/{own.Id}", account)).ShouldBe(404);
        (await SendAsync(HttpMethod.Get, "/v1/webhook_endpoints", account)).ShouldBe(200).Data.ShouldBeEmpty();
        (await _merchant.IdsAsync("/v1/charges")).ShouldBe([own.Id]);
        (await _merchant.GetAsync($"/v1/charges/{charge.Id}")).ShouldBe(404);
        await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.succeeded")).Id, "succeeded");
        receiver.Requests.ShouldHaveSingleItem().Text.ShouldContain(own.Id);
    }

    [EngineFact]
    public async Task Only_the_merchant_that_made_an_account_can_act_for_it_or_see_it()
    {
        var account = await AccountAsync();
        var stranger = fixture.Simulator.NewMerchant();
        (await stranger.GetAsync("/v1/charges")).ShouldBe(200);

        foreach (var (merchant, id) in new[] { (stranger, account), (_merchant, "acct_none") })
        {
            (await merchant.GetAsync("/v1/charges", (Header, id))).ShouldBeError(
                403, "invalid_request_error", "account_invalid",
                message: $"The provided key does not have access to account '{id}' (or that account does not exist). Application access may have been revoked.");
            (await merchant.GetAsync($"/v1/accounts/{id}")).ShouldBeError(403, "invalid_request_error", "account_invalid");
            (await merchant.DeleteAsync($"/v1/accounts/{id}")).ShouldBe(403);
        }

        (await stranger.IdsAsync("/v1/accounts")).ShouldBeEmpty();
        (await _merchant.GetAsync("/v1/charges", (Header, "acct 1"))).ShouldBeError(400, "invalid_request_error");
        (await _merchant.GetAsync("/v1/charges", (Header, ""))).ShouldBe(200).Header(Header).ShouldBeNull();

        // An account cannot act for itself's maker, nor for its siblings.
        var sibling = await AccountAsync();
        (await SendAsync(HttpMethod.Get, $"/v1/accounts/{sibling}", account)).ShouldBe(403);
    }

    [EngineFact]
    public async Task An_account_is_changed_by_its_maker_and_what_is_not_given_stays()
    {
        var client = new StripeClient(_merchant.Key, apiBase: fixture.Simulator.Url);
        var account = await client.V1.Accounts.CreateAsync(new AccountCreateOptions
        {
            Email = "old@example.com",
            BusinessType = "company",
            BusinessProfile = new AccountBusinessProfileOptions { Name = "Old", Mcc = "5734" },
            Capabilities = new AccountCapabilitiesOptions { CardPayments = new AccountCapabilitiesCardPaymentsOptions { Requested = true } },
            Metadata = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" },
        });

        var changed = await client.V1.Accounts.UpdateAsync(account.Id, new AccountUpdateOptions
        {
            Email = "new@example.com",
            BusinessProfile = new AccountBusinessProfileOptions { Name = "New" },
            Capabilities = new AccountCapabilitiesOptions
            {
                CardPayments = new AccountCapabilitiesCardPaymentsOptions { Requested = false }, Transfers = new AccountCapabilitiesTransfersOptions { Requested = true },
            },
            Metadata = new Dictionary<string, string> { ["a"] = "", ["c"] = "3" },
        });

        (changed.Id, changed.Email, changed.BusinessType, changed.BusinessProfile.Name, changed.BusinessProfile.Mcc, changed.Capabilities.CardPayments, changed.Capabilities.Transfers)
            .ShouldBe((account.Id, "new@example.com", "company", "New", "5734", null, "active"));
        changed.Metadata.ShouldBe(new Dictionary<string, string> { ["b"] = "2", ["c"] = "3" }, ignoreOrder: true);
        (await client.V1.Accounts.GetAsync(account.Id)).ShouldSatisfyAllConditions(
            read => read.Email.ShouldBe("new@example.com"), read => read.BusinessProfile.Mcc.ShouldBe("5734"), read => read.DefaultCurrency.ShouldBe("usd"));
        (await _merchant.PostAsync($"/v1/accounts/{account.Id}", ("email", ""), ("default_currency", "eur"))).ShouldBe(200)
            .ShouldSatisfyAllConditions(answer => answer.Text("email").ShouldBeNull(), answer => answer.Text("default_currency").ShouldBe("eur"));

        foreach (var (name, value) in new[] { ("email", "nobody"), ("default_currency", "usx"), ("capabilities", "all") })
            (await _merchant.PostAsync($"/v1/accounts/{account.Id}", (name, value))).ShouldBeError(400, "invalid_request_error", param: name);
        (await _merchant.PostAsync($"/v1/accounts/{account.Id}", ("country", "DE"))).ShouldBeError(400, "invalid_request_error", "parameter_unknown", "country");
        (await fixture.Simulator.NewMerchant().PostAsync($"/v1/accounts/{account.Id}", ("email", "x@example.com"))).ShouldBeError(403, "invalid_request_error", "account_invalid");
    }

    [EngineFact]
    public async Task The_official_client_makes_reads_lists_uses_and_deletes_accounts()
    {
        var client = new StripeClient(_merchant.Key, apiBase: fixture.Simulator.Url);
        var account = await client.V1.Accounts.CreateAsync(new AccountCreateOptions
        {
            Type = "custom",
            Country = "gb",
            Email = "shop@example.com",
            Capabilities = new AccountCapabilitiesOptions { CardPayments = new AccountCapabilitiesCardPaymentsOptions { Requested = true } },
            Metadata = new Dictionary<string, string> { ["shop"] = "1" },
        });

        (account.Type, account.Country, account.Email, account.Capabilities.CardPayments, account.ChargesEnabled).ShouldBe(("custom", "GB", "shop@example.com", "active", true));
        (await client.V1.Accounts.GetAsync(account.Id)).Metadata.ShouldBe(new Dictionary<string, string> { ["shop"] = "1" });
        var second = await client.V1.Accounts.CreateAsync(new AccountCreateOptions());
        (await client.V1.Accounts.ListAsync()).Select(listed => listed.Id).ShouldBe([second.Id, account.Id]);

        var acting = new RequestOptions { StripeAccount = account.Id };
        var customer = await client.V1.Customers.CreateAsync(new CustomerCreateOptions { Source = "tok_visa" }, acting);
        (await client.V1.Customers.GetAsync(customer.Id, null, acting)).Id.ShouldBe(customer.Id);
        (await Should.ThrowAsync<StripeException>(() => client.V1.Customers.GetAsync(customer.Id))).StripeError.Code.ShouldBe("resource_missing");
        var charge = await client.V1.Charges.CreateAsync(
            new ChargeCreateOptions { Amount = 2000, Currency = "usd", Source = "tok_visa", OnBehalfOf = account.Id, Expand = ["on_behalf_of"] });
        charge.OnBehalfOf.Email.ShouldBe("shop@example.com");

        (await client.V1.Accounts.DeleteAsync(account.Id)).Deleted.ShouldBe(true);
        var refused = await Should.ThrowAsync<StripeException>(() => client.V1.Customers.GetAsync(customer.Id, null, acting));
        ((int)refused.HttpStatusCode, refused.StripeError.Code).ShouldBe((403, "account_invalid"));
        (await client.V1.Accounts.ListAsync()).ShouldHaveSingleItem().Id.ShouldBe(second.Id);
    }

    [EngineTheory]
    [InlineData("type", "fancy", "type")]
    [InlineData("country", "USA", "country")]
    [InlineData("default_currency", "xyz", "default_currency")]
    [InlineData("email", "nobody", "email")]
    [InlineData("capabilities", "card_payments", "capabilities")]
    [InlineData("no_such", "x", "no_such")]
    public async Task Bad_input_is_refused_by_its_parameters_name(string name, string value, string param) =>
        (await _merchant.PostAsync("/v1/accounts", (name, value))).ShouldBeError(400, "invalid_request_error", param: param);

    private async Task<string> AccountAsync() => (await _merchant.PostAsync("/v1/accounts", ("type", "standard"))).ShouldBe(200).Id;

    private Task<ApiAnswer> SendAsync(HttpMethod method, string path, string account, string? key = null, params (string, string)[] form) => _merchant.SendAsync(
        method, path, form.Length == 0 ? null : Merchant.Form(form), key is null ? [(Header, account)] : [(Header, account), ("Idempotency-Key", key)]);
}
