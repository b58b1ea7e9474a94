using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class ExpandTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task Fields_are_expanded_when_an_object_is_made_read_changed_and_listed()
    {
        var customer = (await _merchant.PostAsync("/v1/customers", ("source", "tok_visa"), ("email", "ada@example.com"))).ShouldBe(200);
        var card = customer.Text("default_source");

        var made = (await _merchant.PostAsync(
            "/v1/charges", ("amount", "2000"), ("currency", "usd"), ("customer", customer.Id), ("expand[]", "customer.default_source"))).ShouldBe(200);
        var read = (await _merchant.GetAsync($"/v1/charges/{made.Id}?expand[]=customer.default_source&expand[]=customer")).ShouldBe(200);
        var changed = (await _merchant.PostAsync($"/v1/charges/{made.Id}", ("description", "x"), ("expand[0]", "customer"))).ShouldBe(200);
        var listed = (await _merchant.GetAsync("/v1/charges?limit=1&expand[]=data.customer")).ShouldBe(200);

        (made.Text("customer.email"), made.Text("customer.default_source.id"), made.Text("customer.default_source.last4")).ShouldBe(("ada@example.com", card, "4242"));
        read.Body.ShouldBe(made.Body);
        (changed.Text("description"), changed.Text("customer.id"), changed.Text("customer.default_source")).ShouldBe(("x", customer.Id, card));
        (listed.Text("object"), listed.Text("url"), listed.HasMore).ShouldBe(("list", "/v1/charges", false));
        listed.Data.ShouldHaveSingleItem().At("customer.email").GetString().ShouldBe("ada@example.com");

        // What is not asked for, and what webhooks say, stays an id.
        (await _merchant.GetAsync($"/v1/charges/{made.Id}")).Text("customer").ShouldBe(customer.Id);
        (await _merchant.EventAsync("charge.succeeded")).Text("data.object.customer").ShouldBe(customer.Id);
    }

    [EngineFact]
    public async Task What_moved_money_and_how_it_moved_lead_to_one_another()
    {
        var charge = (await _merchant.PostAsync(
            "/v1/charges", ("amount", "2000"), ("currency", "usd"), ("source", "tok_visa"), ("expand[]", "balance_transaction"))).ShouldBe(200);
        var atOnce = (await _merchant.ChargeAsync("tok_bypassPending")).ShouldBe(200);
        var refund = (await _merchant.PostAsync(
            "/v1/refunds", ("charge", charge.Id), ("amount", "500"), ("expand[]", "charge.balance_transaction"), ("expand[]", "balance_transaction.source"))).ShouldBe(200);
        var payout = (await _merchant.PostAsync("/v1/payouts", ("amount", "100"), ("currency", "usd"), ("expand[]", "balance_transaction"))).ShouldBe(200);
        var dispute = (await _merchant.PostAsync($"/v1/test_helpers/charges/{atOnce.Id}/dispute")).ShouldBe(200);

        charge.Number("balance_transaction.net").ShouldBe(1912);
        (refund.Text("charge.id"), refund.Number("charge.balance_transaction.fee"), refund.Number("balance_transaction.net"), refund.Text("balance_transaction.source.object"))
            .ShouldBe((charge.Id, 88, -500, "refund"));
        refund.Text("charge.refunds.data.0.id").ShouldBe(refund.Id);
        payout.Number("balance_transaction.net").ShouldBe(-100);
        (await _merchant.GetAsync($"/v1/disputes/{dispute.Id}?expand[]=charge.customer&expand[]=balance_transactions.source")).ShouldBe(200)
            .Text("balance_transactions.0.source.id").ShouldBe(dispute.Id);
        (await _merchant.GetAsync("/v1/balance_transactions?expand[]=data.source")).ShouldBe(200).Data.Select(found => found.At("source.id").GetString())
            .ShouldBe([dispute.Id, payout.Id, refund.Id, atOnce.Id, charge.Id]);
        (await _merchant.GetAsync("/v1/charges?expand[]=data.refunds.data.balance_transaction")).ShouldBe(200)
            .Data[1].At("refunds.data.0.balance_transaction.net").GetInt64().ShouldBe(-500);
    }

    [EngineFact]
    public async Task A_customers_sources_are_a_part_of_it_that_is_there_when_it_is_asked_for()
    {
        var customer = (await _merchant.PostAsync("/v1/customers", ("expand[]", "sources"), ("source", "tok_visa"))).ShouldBe(200);
        customer.Text("sources.data.0.id").ShouldBe(customer.Text("default_source"));
        for (var i = 0; i < 10; i++) (await _merchant.PostAsync($"/v1/customers/{customer.Id}/sources", ("source", "tok_amex"))).ShouldBe(200);

        var found = (await _merchant.GetAsync($"/v1/customers/{customer.Id}?expand[]=sources.data.customer")).ShouldBe(200);

        (found.Text("sources.object"), found.Text("sources.has_more"), found.Text("sources.url")).ShouldBe(("list", "True", $"/v1/customers/{customer.Id}/sources"));
        found.Json.At("sources.data").EnumerateArray().Select(source => source.At("id").GetString())
            .ShouldBe((await _merchant.GetAsync($"/v1/customers/{customer.Id}/sources?limit=10")).Ids);
        found.Text("sources.data.0.customer.id").ShouldBe(customer.Id);
        (await _merchant.GetAsync($"/v1/customers/{customer.Id}")).Json.TryGetProperty("sources", out _).ShouldBeFalse();
    }

    [EngineFact]
    public async Task A_repeated_request_gets_the_expanded_answer_of_the_first()
    {
        var customer = (await _merchant.PostAsync("/v1/customers", ("source", "tok_visa"), ("name", "before"))).ShouldBe(200);
        var first = (await ChargeAsync()).ShouldBe(200);
        (await _merchant.PostAsync($"/v1/customers/{customer.Id}", ("name", "after"))).ShouldBe(200);

        var again = (await ChargeAsync()).ShouldBe(200);

        (again.Header("Idempotent-Replayed"), again.Body).ShouldBe(("true", first.Body));
        again.Text("customer.name").ShouldBe("before");
        (await _merchant.GetAsync($"/v1/charges/{first.Id}?expand[]=customer")).Text("customer.name").ShouldBe("after");

        Task<ApiAnswer> ChargeAsync() => _merchant.PostAsync(
            "/v1/charges", "once", ("amount", "2000"), ("currency", "usd"), ("customer", customer.Id), ("expand[]", "customer"));
    }

    [EngineFact]
    public async Task What_is_gone_or_anothers_is_not_expanded()
    {
        var customer = (await _merchant.PostAsync("/v1/customers", ("source", "tok_visa"))).ShouldBe(200);
        var charge = (await _merchant.PostAsync("/v1/charges", ("amount", "2000"), ("currency", "usd"), ("customer", customer.Id))).ShouldBe(200);
        (await _merchant.DeleteAsync($"/v1/customers/{customer.Id}")).ShouldBe(200);

        var found = (await _merchant.GetAsync($"/v1/charges/{charge.Id}?expand[]=customer.default_source")).ShouldBe(200);

        found.Json.At("customer").GetRawText().ShouldBe($$"""{"id":"{{customer.Id}}","object":"customer","deleted":true}""");
        (await _merchant.GetAsync($"/v1/customers/{customer.Id}?expand[]=sources")).Body.ShouldBe(found.Json.At("customer").GetRawText());
    }

    [EngineFact]
    public async Task A_decline_is_the_same_with_fields_to_expand()
    {
        var customer = (await _merchant.PostAsync("/v1/customers", ("source", "tok_chargeCustomerFail"))).ShouldBe(200);

        var declined = await _merchant.PostAsync(
            "/v1/charges", ("amount", "2000"), ("currency", "usd"), ("customer", customer.Id), ("expand[]", "customer"));

        declined.ShouldBeError(402, "card_error", "card_declined");
        (await _merchant.GetAsync($"/v1/charges/{declined.Text("error.charge")}?expand[]=customer")).Text("customer.id").ShouldBe(customer.Id);
    }

    [EngineFact]
    public async Task A_field_that_cannot_be_expanded_is_refused_and_nothing_is_done()
    {
        (await _merchant.PostAsync("/v1/charges", ("amount", "2000"), ("currency", "usd"), ("source", "tok_visa"), ("expand[]", "customer"), ("expand[]", "amount")))
            .ShouldBeError(400, "invalid_request_error", param: "expand[1]", message: "This property cannot be expanded (amount).");
        (await _merchant.GetAsync("/v1/charges?expand[]=customer")).ShouldBeError(400, "invalid_request_error", param: "expand[0]");
        (await _merchant.GetAsync("/v1/charges/ch_x?expand[]=nothing")).ShouldBeError(400, "invalid_request_error", param: "expand[0]");

        (await _merchant.IdsAsync("/v1/charges")).ShouldBeEmpty();
    }
}
