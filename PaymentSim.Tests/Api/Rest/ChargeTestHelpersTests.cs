using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class ChargeTestHelpersTests(SlowBankFixture slow) : IClassFixture<SlowBankFixture>
{
    private readonly Merchant _merchant = slow.Simulator.NewMerchant();

    [EngineFact]
    public async Task An_authorisation_can_be_expired()
    {
        var charge = (await _merchant.PostAsync("/v1/charges", ("amount", "2000"), ("currency", "usd"), ("source", "tok_visa"), ("capture", "false"))).ShouldBe(200);

        var expired = (await _merchant.PostAsync($"/v1/test_helpers/charges/{charge.Id}/expire")).ShouldBe(200);

        (expired.Text("refunded"), expired.Text("captured"), expired.Number("amount_refunded")).ShouldBe(("True", "False", 2000));
        (await _merchant.PostAsync($"/v1/charges/{charge.Id}/capture")).ShouldBeError(400, "invalid_request_error", "charge_expired_for_capture");
        (await _merchant.PostAsync($"/v1/test_helpers/charges/{charge.Id}/expire")).ShouldBe(409);
        (await _merchant.EventAsync("charge.expired")).Text("data.object.id").ShouldBe(charge.Id);
    }

    [EngineFact]
    public async Task A_pending_debit_can_be_completed()
    {
        var charge = (await _merchant.ChargeAsync("pm_usBankAccount_insufficientFunds")).ShouldBe(200);

        var paid = (await _merchant.PostAsync($"/v1/test_helpers/charges/{charge.Id}/complete")).ShouldBe(200);

        (paid.Text("status"), paid.Number("amount_captured"), paid.Text("balance_transaction") is null).ShouldBe(("succeeded", 2000, false));
        (await _merchant.PostAsync($"/v1/test_helpers/charges/{charge.Id}/complete")).ShouldBe(409);
        (await _merchant.PostAsync($"/v1/test_helpers/charges/{charge.Id}/fail")).ShouldBe(409);
        (await _merchant.EventAsync("charge.succeeded")).Text("data.object.id").ShouldBe(charge.Id);
    }

    [EngineTheory]
    [InlineData(null, "insufficient_funds")]
    [InlineData("account_closed", "account_closed")]
    public async Task A_pending_debit_can_be_failed(string? code, string expected)
    {
        var charge = (await _merchant.ChargeAsync("btok_us_verified")).ShouldBe(200);
        var path = $"/v1/test_helpers/charges/{charge.Id}/fail";
        (await _merchant.PostAsync(path, ("failure_code", "boredom"))).ShouldBeError(400, "invalid_request_error", param: "failure_code");

        var failed = (await (code is null ? _merchant.PostAsync(path) : _merchant.PostAsync(path, ("failure_code", code)))).ShouldBe(200);

        (failed.Text("status"), failed.Text("failure_code")).ShouldBe(("failed", expected));
        (await _merchant.EventAsync("charge.failed")).Text("data.object.id").ShouldBe(charge.Id);
        (await _merchant.IdsAsync("/v1/balance_transactions")).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task Any_charge_can_be_disputed()
    {
        var charge = (await _merchant.ChargeAsync()).ShouldBe(200);

        var dispute = (await _merchant.PostAsync($"/v1/test_helpers/charges/{charge.Id}/dispute", ("reason", "product_not_received"))).ShouldBe(200);

        (dispute.Text("object"), dispute.Text("charge"), dispute.Text("reason")).ShouldBe(("dispute", charge.Id, "product_not_received"));
        (await _merchant.IdsAsync("/v1/disputes")).ShouldBe([dispute.Id]);
        (await _merchant.GetAsync($"/v1/charges/{charge.Id}")).Text("disputed").ShouldBe("True");
        (await _merchant.PostAsync("/v1/refunds", ("charge", charge.Id))).ShouldBeError(400, "invalid_request_error", "charge_disputed");
    }

    [EngineFact]
    public async Task A_pending_refund_can_be_canceled()
    {
        var charge = (await _merchant.ChargeAsync("tok_pendingRefund")).ShouldBe(200);
        var refund = (await _merchant.PostAsync("/v1/refunds", ("charge", charge.Id), ("amount", "500"))).ShouldBe(200);

        (await _merchant.PostAsync($"/v1/refunds/{refund.Id}/cancel")).ShouldBe(200).Text("status").ShouldBe("canceled");

        (await _merchant.GetAsync($"/v1/charges/{charge.Id}")).Number("amount_refunded").ShouldBe(0);
        (await _merchant.PostAsync($"/v1/refunds/{refund.Id}/cancel")).ShouldBe(400);
    }

    [EngineFact]
    public async Task Another_merchants_charges_are_out_of_reach()
    {
        var charge = (await _merchant.ChargeAsync("btok_us_verified")).ShouldBe(200);
        var other = slow.Simulator.NewMerchant();

        foreach (var helper in new[] { "expire", "complete", "fail", "dispute" })
            (await other.PostAsync($"/v1/test_helpers/charges/{charge.Id}/{helper}")).ShouldBeError(404, "invalid_request_error", "resource_missing");
        (await _merchant.GetAsync($"/v1/charges/{charge.Id}")).Body.ShouldBe(charge.Body);
    }
}
