using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary>The charges of payment intents move money like any other, and their intents know of it.</summary>
public sealed class IntentMoneyTests(SlowBankFixture fixture) : IClassFixture<SlowBankFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task From_an_intent_expansion_reaches_its_charge_and_the_money_and_back()
    {
        var customer = (await _merchant.PostAsync("/v1/customers", ("name", "Ada"))).ShouldBe(200).Id;
        var intent = (await PayAsync(
            "pm_card_visa", ("customer", customer), ("setup_future_usage", "off_session"), ("expand[]", "latest_charge.balance_transaction"), ("expand[]", "customer"),
            ("expand[]", "payment_method.customer"))).ShouldBe(200);
        (intent.Number("latest_charge.balance_transaction.net"), intent.Text("customer.name"), intent.Text("payment_method.customer.id")).ShouldBe((1912, "Ada", customer));

        var refund = (await _merchant.PostAsync(
            "/v1/refunds", ("payment_intent", intent.Id), ("amount", "500"), ("expand[]", "payment_intent.latest_charge"), ("expand[]", "charge.payment_intent"))).ShouldBe(200);
        (refund.Text("payment_intent.id"), refund.Number("payment_intent.latest_charge.amount_refunded"), refund.Text("charge.payment_intent.id"))
            .ShouldBe((intent.Id, 500, intent.Id));

        var charge = intent.Text("latest_charge.id");
        var dispute = (await _merchant.PostAsync($"/v1/test_helpers/charges/{charge}/dispute")).ShouldBe(200);
        (await _merchant.GetAsync($"/v1/disputes/{dispute.Id}?expand[]=payment_intent.latest_charge.refunds&expand[]=charge")).ShouldBe(200)
            .Text("payment_intent.latest_charge.refunds.data.0.id").ShouldBe(refund.Id);
        (await _merchant.GetAsync("/v1/payment_intents?expand[]=data.latest_charge.balance_transaction")).ShouldBe(200)
            .Data.ShouldHaveSingleItem().At("latest_charge.balance_transaction.source").GetString().ShouldBe(charge);
        (await _merchant.IdsAsync($"/v1/refunds?payment_intent={intent.Id}")).ShouldBe([refund.Id]);
        (await _merchant.IdsAsync($"/v1/disputes?payment_intent={intent.Id}")).ShouldBe([dispute.Id]);
    }

    [EngineFact]
    public async Task A_captured_intents_money_is_one_transaction_and_until_then_it_is_released_by_canceling_alone()
    {
        var intent = (await PayAsync("pm_card_visa", ("capture_method", "manual"))).ShouldBe(200);
        (await _merchant.IdsAsync("/v1/balance_transactions")).ShouldBeEmpty();
        (await _merchant.PostAsync("/v1/refunds", ("payment_intent", intent.Id))).ShouldBeError(400, "invalid_request_error");
        (await _merchant.PostAsync("/v1/refunds", ("charge", intent.Text("latest_charge")!))).ShouldBeError(400, "invalid_request_error");

        var captured = (await _merchant.PostAsync(
            $"/v1/payment_intents/{intent.Id}/capture", ("amount_to_capture", "1500"), ("expand[]", "latest_charge.balance_transaction"))).ShouldBe(200);

        (captured.Text("status"), captured.Number("amount_received"), captured.Number("latest_charge.balance_transaction.amount")).ShouldBe(("succeeded", 1500, 1500));
        (await _merchant.IdsAsync("/v1/balance_transactions")).ShouldBe([captured.Text("latest_charge.balance_transaction.id")!]);
        (await _merchant.PostAsync("/v1/refunds", ("payment_intent", intent.Id), ("amount", "1501"))).ShouldBeError(400, "invalid_request_error", param: "amount");
        (await _merchant.PostAsync("/v1/refunds", ("payment_intent", intent.Id))).ShouldBe(200).Number("amount").ShouldBe(1500);
    }

    [EngineTheory]
    [InlineData("complete", "succeeded", null, 2000)]
    [InlineData("fail", "requires_payment_method", "insufficient_funds", null)]
    public async Task A_debits_end_in_tests_is_its_intents(string end, string status, string? code, int? money)
    {
        var intent = (await PayAsync("pm_usBankAccount", ("payment_method_types[]", "us_bank_account"))).ShouldBe(200);
        intent.Text("status").ShouldBe("processing");

        (await _merchant.PostAsync($"/v1/test_helpers/charges/{intent.Text("latest_charge")}/{end}")).ShouldBe(200);

        var ended = (await _merchant.GetAsync($"/v1/payment_intents/{intent.Id}")).ShouldBe(200);
        (ended.Text("status"), ended.Text("last_payment_error.code")).ShouldBe((status, code));
        (await _merchant.GetAsync("/v1/balance_transactions")).Data.Select(transaction => (int?)transaction.At("amount").GetInt32()).SingleOrDefault().ShouldBe(money);
    }

    [EngineFact]
    public async Task An_authorisation_that_expires_in_tests_ends_its_intent()
    {
        var intent = (await PayAsync("pm_card_visa", ("capture_method", "manual"))).ShouldBe(200);

        (await _merchant.PostAsync($"/v1/test_helpers/charges/{intent.Text("latest_charge")}/expire")).ShouldBe(200);

        var ended = await _merchant.GetAsync($"/v1/payment_intents/{intent.Id}");
        (ended.Text("status"), ended.Text("cancellation_reason"), ended.Number("amount_capturable")).ShouldBe(("canceled", "automatic", 0));
        (await _merchant.EventAsync("payment_intent.canceled")).Text("data.object.id").ShouldBe(intent.Id);
    }

    [EngineFact]
    public async Task A_card_that_is_disputed_disputes_its_intents_charge()
    {
        var intent = (await PayAsync("pm_card_createDispute")).ShouldBe(200);

        var dispute = (await _merchant.GetAsync("/v1/disputes")).Data.ShouldHaveSingleItem();

        (dispute.At("payment_intent").GetString(), dispute.At("charge").GetString()).ShouldBe((intent.Id, intent.Text("latest_charge")));
        (await _merchant.GetAsync($"/v1/balance_transactions?source={dispute.At("id").GetString()}")).Data.ShouldHaveSingleItem().At("net").GetInt64().ShouldBe(-3500);
    }

    [EngineFact]
    public async Task Intents_are_found_by_each_of_their_fields()
    {
        var customer = (await _merchant.PostAsync("/v1/customers")).ShouldBe(200).Id;
        var paid = (await PayAsync("pm_card_visa", ("metadata[order]", "17"))).ShouldBe(200).Id;
        var open = (await _merchant.PostAsync("/v1/payment_intents", ("amount", "700"), ("currency", "eur"), ("customer", customer))).ShouldBe(200).Id;
        (await fixture.Simulator.NewMerchant().PostAsync("/v1/payment_intents", ("amount", "700"), ("currency", "eur"))).ShouldBe(200);

        foreach (var (query, expected) in new (string, string[])[]
                 {
                     ("amount>500", [open, paid]),
                     ("amount<1000", [open]),
                     ("currency:\"eur\"", [open]),
                     ($"customer:\"{customer}\"", [open]),
                     ("status:\"succeeded\"", [paid]),
                     ("-status:\"succeeded\"", [open]),
                     ("metadata[\"order\"]:\"17\"", [paid]),
                     ("created<1700000000", []),
                 })
        {
            var found = (await _merchant.GetAsync($"/v1/payment_intents/search?query={Uri.EscapeDataString(query)}")).ShouldBe(200);
            found.Ids.ShouldBe(expected, query);
            (found.Text("object"), found.Text("url")).ShouldBe(("search_result", "/v1/payment_intents/search"));
        }

        (await _merchant.GetAsync("/v1/payment_intents/search?query=last4:\"1\"")).ShouldBeError(400, "invalid_request_error");
    }

    private Task<ApiAnswer> PayAsync(string method, params (string, string)[] more) => _merchant.PostAsync(
        "/v1/payment_intents", [("amount", "2000"), ("currency", "usd"), ("payment_method", method), ("confirm", "true"), .. more]);
}
