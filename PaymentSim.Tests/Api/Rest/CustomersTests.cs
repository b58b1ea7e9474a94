using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class CustomersTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task Two_merchants_never_see_or_use_each_others_customers_and_cards()
    {
        var customer = (await _merchant.PostAsync("/v1/customers", ("source", "tok_visa"), ("payment_method", "pm_card_visa"))).ShouldBe(200);
        var method = (await _merchant.IdsAsync($"/v1/payment_methods?customer={customer.Id}"))[0];
        var card = customer.Text("default_source");
        var other = fixture.Simulator.NewMerchant();
        var own = (await other.PostAsync("/v1/customers")).ShouldBe(200);

        (await other.GetAsync($"/v1/customers/{customer.Id}")).ShouldBeError(404, "invalid_request_error", "resource_missing", "id", $"No such customer: '{customer.Id}'");
        (await other.PostAsync($"/v1/customers/{customer.Id}", ("name", "stolen"))).ShouldBe(404);
        (await other.DeleteAsync($"/v1/customers/{customer.Id}")).ShouldBe(404);
        (await other.GetAsync($"/v1/customers/{customer.Id}/sources")).ShouldBe(404);
        (await other.GetAsync($"/v1/customers/{own.Id}/sources/{card}")).ShouldBe(404);
        (await other.DeleteAsync($"/v1/customers/{own.Id}/sources/{card}")).ShouldBe(404);
        (await other.PostAsync($"/v1/customers/{own.Id}/sources/{card}", ("name", "stolen"))).ShouldBe(404);
        (await other.GetAsync($"/v1/customers/{customer.Id}/payment_methods")).ShouldBe(404);
        (await other.GetAsync($"/v1/customers/{own.Id}/payment_methods/{method}")).ShouldBe(404);
        (await other.GetAsync($"/v1/payment_methods/{method}")).ShouldBe(404);
        (await other.PostAsync($"/v1/payment_methods/{method}/attach", ("customer", own.Id))).ShouldBe(404);
        (await other.PostAsync($"/v1/payment_methods/{method}/detach")).ShouldBe(404);
        (await other.PostAsync($"/v1/customers/{own.Id}", ("invoice_settings[default_payment_method]", method)))
            .ShouldBeError(400, "invalid_request_error", "resource_missing", "invoice_settings[default_payment_method]");
        (await other.PostAsync("/v1/charges", ("amount", "2000"), ("currency", "usd"), ("customer", own.Id), ("source", card!)))
            .ShouldBeError(400, "invalid_request_error", "resource_missing", "source");
        (await other.IdsAsync("/v1/payment_methods")).ShouldBeEmpty();

        (await _merchant.GetAsync($"/v1/customers/{customer.Id}")).Body.ShouldBe(customer.Body);
        (await _merchant.IdsAsync("/v1/payment_methods")).Count.ShouldBe(2);
    }

    [EngineTheory]
    [InlineData("/v1/customers", "email", "nobody", "email")]
    [InlineData("/v1/customers", "tax_exempt", "sometimes", "tax_exempt")]
    [InlineData("/v1/customers", "no_such", "x", "no_such")]
    [InlineData("/v1/customers", "source", "tok_nobody", "source")]
    [InlineData("/v1/customers", "source[exp_month]", "8", "source[number]")]
    [InlineData("/v1/customers", "payment_method", "pm_nobody", "payment_method")]
    [InlineData("/v1/customers", "invoice_settings[default_payment_method]", "pm_x", "invoice_settings[default_payment_method]")]
    [InlineData("/v1/payment_methods", "type", "bacs_debit", "type")]
    [InlineData("/v1/payment_methods", "type", "card", "card")]
    [InlineData("/v1/payment_methods", "type", "us_bank_account", "us_bank_account")]
    [InlineData("/v1/payment_methods", "card[token]", "tok_visa", "type")]
    [InlineData("/v1/payment_methods/pm_card_visa/attach", "customer", "cus_x", "customer")]
    public async Task Bad_input_is_refused_by_its_parameters_name(string path, string name, string value, string param)
    {
        (await _merchant.PostAsync(path, (name, value))).ShouldBeError(400, "invalid_request_error", param: param);

        (await _merchant.IdsAsync("/v1/customers")).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_deleted_customer_leaves_its_trace_and_nothing_can_be_done_with_it()
    {
        var customer = (await _merchant.PostAsync("/v1/customers", ("source", "tok_visa"))).ShouldBe(200);

        (await _merchant.DeleteAsync($"/v1/customers/{customer.Id}")).ShouldBe(200).Body.ShouldBe($$"""{"id":"{{customer.Id}}","object":"customer","deleted":true}""");

        (await _merchant.GetAsync($"/v1/customers/{customer.Id}")).ShouldBe(200).Body.ShouldBe($$"""{"id":"{{customer.Id}}","object":"customer","deleted":true}""");
        (await _merchant.PostAsync($"/v1/customers/{customer.Id}", ("name", "x"))).ShouldBe(404);
        (await _merchant.PostAsync($"/v1/customers/{customer.Id}/sources", ("source", "tok_visa"))).ShouldBe(404);
        (await _merchant.DeleteAsync($"/v1/customers/{customer.Id}")).ShouldBe(404);
    }

    [EngineFact]
    public async Task An_idempotency_key_makes_one_customer()
    {
        var first = (await _merchant.PostAsync("/v1/customers", "once", ("email", "a@example.com"), ("source", "tok_visa"))).ShouldBe(200);

        var again = (await _merchant.PostAsync("/v1/customers", "once", ("email", "a@example.com"), ("source", "tok_visa"))).ShouldBe(200);

        (again.Body, again.Header("Idempotent-Replayed")).ShouldBe((first.Body, "true"));
        (await _merchant.IdsAsync("/v1/customers")).ShouldBe([first.Id]);
    }
}
