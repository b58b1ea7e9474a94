using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary>SEPA debits: asked for by IBAN in euros, answered later, as the test IBAN says.</summary>
public sealed class SepaDebitTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineTheory]
    [InlineData("AT61 1904 3002 3457 3201", "AT", "19043", null)]
    [InlineData("be62510007547061", "BE", "510", null)]
    [InlineData("DE89370400440532013000", "DE", "37040044", null)]
    [InlineData("FR1420041010050500013M02606", "FR", "20041", "01005")]
    [InlineData("IE29AIBK93115212345678", "IE", "AIBK", "931152")]
    public async Task A_payment_method_is_made_of_an_iban_which_is_kept_nowhere(string iban, string country, string bank, string? branch)
    {
        var method = (await MethodAsync(iban)).ShouldBe(200);

        (method.Text("type"), method.Text("sepa_debit.country"), method.Text("sepa_debit.bank_code"), method.Text("sepa_debit.branch_code"), method.Text("sepa_debit.last4"))
            .ShouldBe(("sepa_debit", country, bank, branch, iban[^4..]));
        (method.Text("us_bank_account"), method.Text("card"), method.Text("billing_details.name")).ShouldBe((null, null, "Ada"));
        method.Body.ShouldNotContain(iban.Replace(" ", "", StringComparison.Ordinal)[8..], Case.Insensitive);
        (await _merchant.GetAsync($"/v1/payment_methods/{method.Id}")).Body.ShouldBe(method.Body);
        (await _merchant.GetAsync("/v1/payment_methods?type=sepa_debit")).Ids.ShouldBe([method.Id]);
        (await _merchant.GetAsync("/v1/payment_methods?type=us_bank_account")).Ids.ShouldBeEmpty();
    }

    [EngineTheory]
    [InlineData("DE89370400440532013000", "succeeded", null)]
    [InlineData("pm_successDelayed_at", "succeeded", null)]
    [InlineData("AT861904300235473202", "requires_payment_method", "generic_could_not_process")]
    [InlineData("pm_sepaDebit_failedDelayed_be", "requires_payment_method", "generic_could_not_process")]
    [InlineData("FR9720041010050000002222227", "requires_payment_method", "insufficient_funds")]
    [InlineData("IE10AIBK93115200343434", "requires_payment_method", "charge_exceeds_source_limit")]
    [InlineData("BE52510000121212", "requires_payment_method", "charge_exceeds_weekly_limit")]
    public async Task A_payment_is_processing_until_the_bank_answers(string iban, string status, string? failure)
    {
        var method = iban.StartsWith("pm_", StringComparison.Ordinal) ? iban : (await MethodAsync(iban)).ShouldBe(200).Id;

        var intent = (await PayAsync(("payment_method", method))).ShouldBe(200);

        intent.Text("status").ShouldBe("processing");
        var charge = (await _merchant.GetAsync($"/v1/charges/{intent.Text("latest_charge")}")).ShouldBe(200);
        (charge.Text("status"), charge.Text("payment_method_details.type"), charge.Text("payment_method_details.us_bank_account")).ShouldBe(("pending", "sepa_debit", null));
        var ended = await Eventually.HoldsAsync(
            () => _merchant.GetAsync($"/v1/payment_intents/{intent.Id}"), answer => answer.Text("status") != "processing", "the bank answers");
        (ended.Text("status"), ended.Text("last_payment_error.code"), ended.Text("last_payment_error.payment_method.type"))
            .ShouldBe((status, failure, failure is null ? null : "sepa_debit"));
        charge = (await _merchant.GetAsync($"/v1/charges/{charge.Id}?expand[]=balance_transaction")).ShouldBe(200);
        (charge.Text("status"), charge.Text("failure_code"), charge.Text("balance_transaction.type"), charge.Text("balance_transaction.currency"))
            .ShouldBe(failure is null ? ("succeeded", null, "payment", "eur") : ("failed", failure, null, null));
    }

    [EngineFact]
    public async Task An_account_that_disputes_does_so_once_it_has_paid()
    {
        var intent = (await PayAsync(("payment_method", (await MethodAsync("DE35370400440532013002")).ShouldBe(200).Id))).ShouldBe(200);

        var dispute = (await Eventually.HoldsAsync(
            () => _merchant.GetAsync($"/v1/disputes?payment_intent={intent.Id}"), answer => answer.Ids.Count > 0, "the payment is disputed")).Data.Single();

        (dispute.At("status").GetString(), dispute.At("currency").GetString(), dispute.At("payment_method_details.type").GetString()).ShouldBe(("needs_response", "eur", "sepa_debit"));
        (await _merchant.GetAsync($"/v1/payment_intents/{intent.Id}")).Text("status").ShouldBe("succeeded");
        (await _merchant.GetAsync($"/v1/charges/{intent.Text("latest_charge")}")).Text("disputed").ShouldBe("True");
    }

    [EngineFact]
    public async Task It_is_saved_for_a_customer_and_paid_with_again()
    {
        var customer = (await _merchant.PostAsync("/v1/customers")).ShouldBe(200).Id;
        var setup = (await _merchant.PostAsync(
            "/v1/setup_intents", ("customer", customer), ("payment_method_types[]", "sepa_debit"), ("confirm", "true"),
            ("payment_method_data[type]", "sepa_debit"), ("payment_method_data[sepa_debit][iban]", "DE89370400440532013000"))).ShouldBe(200);
        setup.Text("status").ShouldBe("succeeded");

        var saved = (await _merchant.GetAsync($"/v1/customers/{customer}/payment_methods?type=sepa_debit")).Data.ShouldHaveSingleItem();

        (await PayAsync(("customer", customer), ("payment_method", saved.GetProperty("id").GetString()!))).ShouldBe(200).Text("status").ShouldBe("processing");
        (await _merchant.PostAsync($"/v1/payment_methods/{saved.GetProperty("id").GetString()}", ("us_bank_account[account_type]", "savings")))
            .ShouldBeError(400, "invalid_request_error", param: "us_bank_account");
    }

    [EngineTheory]
    [InlineData("DE89370400440532013001", "invalid_bank_account_iban")]
    [InlineData("GB82WEST12345698765432", "account_number_invalid")]
    [InlineData("000123456789", "invalid_bank_account_iban")]
    [InlineData("DE", "invalid_bank_account_iban")]
    [InlineData("\u0661\u0662\u0663\u0664\u0661\u0662\u0663\u0664\u0661\u0662\u0663\u0664\u0661\u0662\u0663\u0664", "invalid_bank_account_iban")]
    [InlineData("", "parameter_missing")]
    public async Task An_iban_that_is_none_of_a_test_account_is_refused_and_not_repeated(string iban, string code)
    {
        var refused = (await MethodAsync(iban)).ShouldBeError(400, "invalid_request_error", code, "sepa_debit[iban]");

        if (iban.Length > 10) refused.Body.ShouldNotContain(iban);
    }

    [EngineFact]
    public async Task It_pays_in_euros_and_at_once_only_and_where_the_intent_takes_it()
    {
        var method = (await MethodAsync("DE89370400440532013000")).ShouldBe(200).Id;

        (await _merchant.PostAsync(
            "/v1/payment_intents", ("amount", "2000"), ("currency", "usd"), ("payment_method_types[]", "sepa_debit"), ("payment_method", method), ("confirm", "true")))
            .ShouldBeError(400, "invalid_request_error", param: "currency");
        (await PayAsync(("payment_method", method), ("capture_method", "manual"))).ShouldBeError(400, "invalid_request_error", param: "capture_method");
        (await PayAsync(("payment_method", method), ("payment_method_types[]", "card"))).ShouldBeError(400, "invalid_request_error", param: "payment_method");
        (await PayAsync(("payment_method", "pm_usBankAccount"), ("payment_method_types[]", "us_bank_account"))).ShouldBeError(400, "invalid_request_error", param: "currency");
        (await _merchant.PostAsync("/v1/payment_methods", ("type", "card"), ("sepa_debit[iban]", "DE89370400440532013000")))
            .ShouldBe(400);
        (await _merchant.PostAsync("/v1/payment_methods", ("type", "sepa_debit"))).ShouldBeError(400, "invalid_request_error", "parameter_missing", "sepa_debit");

        (await PayAsync(("payment_method", method))).ShouldBe(200).Json.GetProperty("payment_method_types").EnumerateArray().Select(type => type.GetString()).ShouldBe(["card", "sepa_debit"]);
    }

    private Task<ApiAnswer> MethodAsync(string iban) =>
        _merchant.PostAsync("/v1/payment_methods", ("type", "sepa_debit"), ("sepa_debit[iban]", iban), ("billing_details[name]", "Ada"), ("billing_details[email]", "ada@example.com"));

    private Task<ApiAnswer> PayAsync(params (string, string)[] form) =>
        _merchant.PostAsync("/v1/payment_intents", [("amount", "2000"), ("currency", "eur"), ("confirm", "true"), .. form]);
}
