using System.Text.Json;
using PaymentSim.Core.Storage;
using PaymentSim.Tests.Support;
using Stripe;

namespace PaymentSim.Tests.Api.Rest;

public sealed class TestHelpersTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task A_reset_forgets_all_that_the_merchant_and_its_accounts_have_and_nobody_elses()
    {
        await using var receiver = await Receiver.StartAsync();
        var other = fixture.Simulator.NewMerchant();
        var account = (await _merchant.PostAsync("/v1/accounts")).ShouldBe(200).Id;
        foreach (var merchant in new[] { _merchant, other })
        {
            await merchant.AddEndpointAsync(receiver.Url);
            (await merchant.PostAsync("/v1/customers", "key", ("source", "tok_visa"), ("payment_method", "pm_card_visa"))).ShouldBe(200);
            (await merchant.PostAsync("/v1/tokens", ("card[number]", "4242424242424242"), ("card[exp_month]", "8"), ("card[exp_year]", "2035"))).ShouldBe(200);
            (await merchant.ChargeAsync("tok_visa|tok_chargeDeclined")).ShouldBe(200);
            await merchant.DeliveryAsync((await merchant.EventAsync("charge.succeeded")).Id, "succeeded");
            var moved = (await merchant.ChargeAsync("tok_bypassPending")).ShouldBe(200).Id;
            (await merchant.PostAsync("/v1/refunds", ("charge", moved), ("amount", "100"))).ShouldBe(200);
            (await merchant.PostAsync("/v1/payouts", ("amount", "100"), ("currency", "usd"))).ShouldBe(200);
            (await merchant.PostAsync($"/v1/test_helpers/charges/{moved}/dispute")).ShouldBe(200);
            (await merchant.PostAsync("/v1/payment_intents", ("amount", "2000"), ("currency", "usd"))).ShouldBe(200);
            (await merchant.PostAsync("/v1/setup_intents")).ShouldBe(200);
            (await merchant.PostAsync(
                "/v1/checkout/sessions", ("mode", "payment"), ("success_url", "http://127.0.0.1/"), ("line_items[0][quantity]", "1"),
                ("line_items[0][price_data][currency]", "usd"), ("line_items[0][price_data][unit_amount]", "2000"),
                ("line_items[0][price_data][product_data][name]", "T-shirt"))).ShouldBe(200);
            (await merchant.ChargeAsync("btok_us_verified")).ShouldBe(200);
        }

        (await _merchant.SendAsync(HttpMethod.Post, "/v1/customers", null, ("Stripe-Account", account))).ShouldBe(200);
        var before = await SnapshotAsync(other);

        var answer = (await _merchant.DeleteAsync("/v1/test_helpers/data")).ShouldBe(200);

        (answer.Text("object"), answer.Text("deleted")).ShouldBe(("test_helpers.data", "True"));
        answer.Number("rows").ShouldBeGreaterThan(15);
        string[] lists =
        [
            "accounts", "balance_transactions", "charges", "checkout/sessions", "customers", "disputes", "events", "payment_intents", "payment_methods", "payouts",
            "refunds", "setup_intents", "webhook_endpoints",
        ];
        foreach (var list in lists) (await _merchant.IdsAsync($"/v1/{list}")).ShouldBeEmpty(list);
        (await _merchant.GetAsync("/v1/charges", ("Stripe-Account", account))).ShouldBe(403);
        (await SnapshotAsync(other)).ShouldBe(before);

        // As new: the key's idempotency and the sequence start again, and so do webhooks.
        (await _merchant.PostAsync("/v1/customers", "key", ("name", "another"))).ShouldBe(200).Header("Idempotent-Replayed").ShouldBeNull();
        (await _merchant.ChargeAsync("tok_visa|tok_chargeDeclined")).ShouldBe(200);
        (await _merchant.EventAsync("charge.succeeded")).Number("pending_webhooks").ShouldBe(0);
    }

    [EngineFact]
    public async Task A_reset_leaves_no_row_of_the_merchants_in_any_table_but_its_keys_and_takes_any_number()
    {
        // More than a batch has.
        await using var simulator = await Simulator.StartAsync();
        var (mine, theirs) = (simulator.NewMerchant(), simulator.NewMerchant());
        await simulator.ChargeTogetherAsync(Enumerable.Repeat(mine, 1200).Append(theirs));
        var database = simulator.Get<Database>();

        (await mine.DeleteAsync("/v1/test_helpers/data")).ShouldBe(200).Number("rows").ShouldBe(2400);

        var tables = await database.TablesWithAsync("merchant_id");
        tables.Count.ShouldBeGreaterThan(10);
        foreach (var table in tables)
            (await database.QueryAsync<string>($"SELECT DISTINCT merchant_id FROM {table}")).Count.ShouldBe(table switch { "api_keys" => 2, "charges" or "events" => 1, _ => 0 }, table);
        (await mine.DeleteAsync("/v1/test_helpers/data")).ShouldBe(200).Number("rows").ShouldBe(0);
        (await theirs.IdsAsync("/v1/charges")).ShouldHaveSingleItem();
    }

    [EngineFact]
    public async Task An_event_of_any_type_is_sent_with_the_data_that_is_given()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url, "invoice.paid");

        var made = (await _merchant.PostJsonAsync(
            "/v1/test_helpers/events",
            new { type = "invoice.paid", data = new { id = "in_1", amount_paid = 500, lines = new { data = new[] { new { id = "il_1" } } } }, previous_attributes = new { status = "open" } })).ShouldBe(200);

        (made.Text("object"), made.Text("type"), made.Text("data.object.id"), made.Text("data.object.object"), made.Number("data.object.amount_paid"))
            .ShouldBe(("event", "invoice.paid", "in_1", "invoice", 500));
        made.Text("data.previous_attributes.status").ShouldBe("open");
        made.Number("pending_webhooks").ShouldBe(1);
        made.Text("request.id").ShouldBe(made.Header("Request-Id"));
        var request = (await receiver.WaitForAsync(1)).Single();
        EventUtility.ConstructEvent(request.Text, request.Headers["Stripe-Signature"], endpoint.Secret).Data.Object.ShouldBeOfType<Invoice>().AmountPaid.ShouldBe(500);
        JsonDocument.Parse(request.Text).RootElement.At("data").GetRawText().ShouldBe(made.Json.At("data").GetRawText());
    }

    [EngineFact]
    public async Task An_event_can_be_about_an_object_that_there_is_with_parts_of_it_replaced()
    {
        var customer = (await _merchant.PostAsync("/v1/customers", ("name", "Ada"), ("source", "tok_visa"), ("metadata[a]", "1"))).ShouldBe(200);

        var made = (await _merchant.PostAsync(
            "/v1/test_helpers/events", ("type", "customer.subscription.trial_will_end"), ("object", customer.Id), ("data[balance]", "-500"), ("data[delinquent]", "true"),
            ("data[metadata][b]", "2"), ("data[phone]", "5"))).ShouldBe(200);

        made.Text("data.object.name").ShouldBe("Ada");
        (made.Json.At("data.object.balance").GetRawText(), made.Json.At("data.object.delinquent").GetRawText(), made.Json.At("data.object.phone").GetRawText())
            .ShouldBe(("-500", "true", "\"5\""));
        made.Json.At("data.object.metadata").GetRawText().ShouldBe("""{"a":"1","b":"2"}""");
        (await _merchant.GetAsync($"/v1/customers/{customer.Id}")).Body.ShouldBe(customer.Body);
        (await _merchant.PostAsync("/v1/test_helpers/events", ("type", "charge.dispute.created"))).ShouldBe(200).Text("data.object.object").ShouldBe("dispute");
        (await fixture.Simulator.NewMerchant().PostAsync("/v1/test_helpers/events", ("type", "customer.updated"), ("object", customer.Id)))
            .ShouldBeError(400, "invalid_request_error", "resource_missing", "object");
    }

    [EngineTheory]
    [InlineData("{}", "type")]
    [InlineData("{\"type\":\"\"}", "type")]
    [InlineData("{\"type\":\"charge\"}", "type")]
    [InlineData("{\"type\":\"Charge.Succeeded\"}", "type")]
    [InlineData("{\"type\":\"charge.*\"}", "type")]
    [InlineData("{\"type\":\"charge.succeeded\\n\"}", "type")]
    [InlineData("{\"type\":\"charge.succeeded\",\"object\":\"ch_none\"}", "object")]
    [InlineData("{\"type\":\"charge.succeeded\",\"data\":[1]}", "data")]
    [InlineData("{\"type\":\"charge.succeeded\",\"data\":5}", "data")]
    [InlineData("{\"type\":\"charge.succeeded\",\"previous_attributes\":\"x\"}", "previous_attributes")]
    public async Task A_wrong_event_is_refused_by_name(string json, string param)
    {
        (await _merchant.PostJsonAsync("/v1/test_helpers/events", json)).ShouldBeError(400, "invalid_request_error", param: param);
        (await _merchant.IdsAsync("/v1/events")).ShouldBeEmpty();
    }

    private static async Task<string> SnapshotAsync(Merchant merchant)
    {
        var lists = new List<string>();
        foreach (var list in new[] { "charges", "customers", "payment_methods", "webhook_endpoints" })
            lists.Add(string.Join(' ', await merchant.IdsAsync($"/v1/{list}")));
        return string.Join('\n', lists);
    }
}
