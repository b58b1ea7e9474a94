using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class TokensTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task A_token_is_charged_once_and_its_card_keeps_its_id()
    {
        var token = (await TokenAsync("4242424242424242")).ShouldBe(200);
        token.Id.ShouldStartWith("tok_");
        token.Text("card.cvc_check").ShouldBe("unchecked");
        (await _merchant.GetAsync($"/v1/tokens/{token.Id}")).Body.ShouldBe(token.Body);

        var charge = (await _merchant.ChargeAsync(token.Id)).ShouldBe(200);

        charge.Text("source.id").ShouldBe(token.Text("card.id"));
        charge.Text("payment_method").ShouldBe(token.Text("card.id"));
        charge.Text("source.name").ShouldBe("Ada");
        charge.Text("source.exp_year").ShouldBe("2035");
        charge.Text("source.cvc_check").ShouldBe("pass");
        charge.Text("source.address_city").ShouldBe("London");
        (await _merchant.GetAsync($"/v1/tokens/{token.Id}")).Text("used").ShouldBe("True");
        (await _merchant.ChargeAsync(token.Id)).ShouldBeError(
            400, "invalid_request_error", "token_already_used", "source", $"You cannot use a Stripe token more than once: {token.Id}.");
        (await _merchant.IdsAsync("/v1/charges")).ShouldBe([charge.Id]);
    }

    [EngineFact]
    public async Task Of_charges_of_one_token_at_the_same_time_one_is_made()
    {
        var token = (await TokenAsync("4242424242424242")).ShouldBe(200);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _merchant.ChargeAsync(token.Id)));

        answers.Count(answer => answer.Status == 200).ShouldBe(1);
        answers.Count(answer => answer.Text("error.code") == "token_already_used").ShouldBe(9);
        (await _merchant.IdsAsync("/v1/charges")).ShouldHaveSingleItem();
    }

    [EngineTheory]
    [InlineData("4000000000000002", "card_declined", "generic_decline", "pass")]
    [InlineData("4000000000009995", "card_declined", "insufficient_funds", "pass")]
    [InlineData("4000000000000127", "incorrect_cvc", null, "fail")]
    [InlineData("4000000000000341", "card_declined", "generic_decline", "pass")]
    public async Task A_token_of_a_card_that_declines_is_made_and_declines_when_it_is_charged(string number, string code, string? declineCode, string cvcCheck)
    {
        var token = (await TokenAsync(number)).ShouldBe(200);

        var declined = (await _merchant.ChargeAsync(token.Id)).ShouldBeError(402, "card_error", code);

        declined.Text("error.decline_code").ShouldBe(declineCode);
        (await _merchant.GetAsync($"/v1/charges/{declined.Text("error.charge")}")).Text("source.cvc_check").ShouldBe(cvcCheck);
    }

    [EngineTheory]
    [InlineData("4242424242424241", "incorrect_number", "number")]
    [InlineData("4012888888881881", "card_declined", "number")]
    public async Task A_number_that_is_no_test_cards_makes_no_token(string number, string code, string param) =>
        (await TokenAsync(number)).ShouldBeError(402, "card_error", code, param);

    [EngineTheory]
    [InlineData("", "", "card", "parameter_missing")]
    [InlineData("bank_account[country]", "DE", "bank_account[country]", null)]
    [InlineData("bank_account[country]", "US", "bank_account[currency]", "parameter_missing")]
    [InlineData("bank_account", "btok_us_verified", "bank_account", null)]
    [InlineData("card[exp_month]", "8", "card[number]", "parameter_missing")]
    [InlineData("card[number]", "4242424242424242", "card[exp_month]", "parameter_missing")]
    [InlineData("card[numbr]", "4242424242424242", "card[numbr]", "parameter_unknown")]
    [InlineData("card", "tok_visa", "card", null)]
    public async Task Bad_input_is_refused_by_its_parameters_name(string name, string value, string param, string? code) =>
        (await _merchant.PostAsync("/v1/tokens", name.Length == 0 ? [] : [(name, value)])).ShouldBeError(400, "invalid_request_error", code, param);

    [EngineFact]
    public async Task Another_merchant_cannot_see_or_charge_a_token()
    {
        var token = (await TokenAsync("4242424242424242")).ShouldBe(200);
        var other = fixture.Simulator.NewMerchant();

        (await other.GetAsync($"/v1/tokens/{token.Id}")).ShouldBeError(404, "invalid_request_error", "resource_missing", "id", $"No such token: '{token.Id}'");
        (await other.ChargeAsync(token.Id)).ShouldBeError(400, "invalid_request_error", "resource_missing", "source", $"No such token: '{token.Id}'");
        (await _merchant.ChargeAsync(token.Id)).ShouldBe(200);
    }

    [EngineTheory]
    [InlineData("000123456789", "succeeded", null)]
    [InlineData("000222222227", "failed", "insufficient_funds")]
    public async Task A_bank_accounts_token_is_debited_once(string number, string status, string? failure)
    {
        var token = (await BankTokenAsync(number)).ShouldBe(200);
        (token.Text("type"), token.Text("bank_account.last4"), token.Text("bank_account.account_holder_type")).ShouldBe(("bank_account", number[^4..], "company"));
        token.Body.ShouldNotContain(number);
        (await _merchant.GetAsync($"/v1/tokens/{token.Id}")).Body.ShouldBe(token.Body);

        var charge = (await _merchant.ChargeAsync(token.Id)).ShouldBe(200);

        (charge.Text("status"), charge.Text("payment_method")).ShouldBe(("pending", token.Text("bank_account.id")));
        charge.Text("payment_method_details.us_bank_account.account_holder_type").ShouldBe("company");
        var settled = await Eventually.HoldsAsync(
            () => _merchant.GetAsync($"/v1/charges/{charge.Id}"), answer => answer.Text("status") != "pending", "the bank answers");
        (settled.Text("status"), settled.Text("failure_code")).ShouldBe((status, failure));
        (await _merchant.ChargeAsync(token.Id)).ShouldBeError(400, "invalid_request_error", "token_already_used", "source");
    }

    [EngineTheory]
    [InlineData("000123456788", "110000000", "account_number_invalid", "bank_account[account_number]")]
    [InlineData("000123456789", "110000001", "routing_number_invalid", "bank_account[routing_number]")]
    [InlineData("000123456789", "11000000", "routing_number_invalid", "bank_account[routing_number]")]
    public async Task An_account_that_is_no_test_account_makes_no_token(string number, string routing, string code, string param)
    {
        var refused = (await BankTokenAsync(number, routing)).ShouldBeError(400, "invalid_request_error", code, param);

        if (number != "000123456789") refused.Body.ShouldNotContain(number);
    }

    [EngineFact]
    public async Task A_bank_accounts_token_is_not_saved_as_a_card_and_stays_good()
    {
        var token = (await BankTokenAsync("000123456789")).ShouldBe(200);

        foreach (var name in new[] { token.Id, "btok_us_verified" })
        {
            (await _merchant.PostAsync("/v1/payment_methods", ("type", "card"), ("card[token]", name)))
                .ShouldBeError(400, "invalid_request_error", param: "card[token]");
        }

        (await _merchant.IdsAsync("/v1/payment_methods")).ShouldBeEmpty();
        (await _merchant.ChargeAsync(token.Id)).ShouldBe(200);
    }

    private Task<ApiAnswer> BankTokenAsync(string number, string routing = "110000000") => _merchant.PostAsync(
        "/v1/tokens",
        ("bank_account[country]", "US"),
        ("bank_account[currency]", "usd"),
        ("bank_account[account_holder_name]", "Ada"),
        ("bank_account[account_holder_type]", "company"),
        ("bank_account[routing_number]", routing),
        ("bank_account[account_number]", number));

    private Task<ApiAnswer> TokenAsync(string number) => _merchant.PostAsync(
        "/v1/tokens", ("card[number]", number), ("card[exp_month]", "8"), ("card[exp_year]", "35"), ("card[cvc]", "123"), ("card[name]", "Ada"), ("card[address_city]", "London"));
}
