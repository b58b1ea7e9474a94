using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class TokensTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>
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

    private Task<ApiAnswer> TokenAsync(string number) => _merchant.PostAsync(
        "/v1/tokens", ("card[number]", number), ("card[exp_month]", "8"), ("card[exp_year]", "35"), ("card[cvc]", "123"), ("card[name]", "Ada"), ("card[address_city]", "London"));
}
