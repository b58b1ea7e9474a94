using PaymentSim.Tests.Support;
using Stripe;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>What moves money after a charge was made, with the official SDK.</summary>
public sealed class StripeMoneyTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly StripeClient _client = new(fixture.Simulator.NewMerchant().Key, apiBase: fixture.Simulator.Url);

    [EngineFact]
    public async Task An_authorised_charge_is_captured_in_part()
    {
        var authorized = await ChargeAsync(capture: false);
        authorized.Captured.ShouldBeFalse();

        var charge = await _client.V1.Charges.CaptureAsync(authorized.Id, new ChargeCaptureOptions { Amount = 1500, StatementDescriptorSuffix = "17" });

        (charge.Captured, charge.AmountCaptured, charge.AmountRefunded, charge.StatementDescriptorSuffix).ShouldBe((true, 1500, 500, "17"));
        var again = await RefusedAsync(() => _client.V1.Charges.CaptureAsync(authorized.Id));
        (again.Code, again.Message).ShouldBe(("charge_already_captured", $"Charge {charge.Id} has already been captured."));
        (await RefusedAsync(async () => await _client.V1.Charges.CaptureAsync(
            (await ChargeAsync(capture: false)).Id, new ChargeCaptureOptions { Amount = 2001 }))).Code.ShouldBe("amount_too_large");
    }

    [EngineFact]
    public async Task The_balance_is_read_and_its_transactions_are_listed_and_read()
    {
        var (later, atOnce) = (await ChargeAsync(), await ChargeAsync("tok_bypassPending"));

        var balance = await _client.V1.Balance.GetAsync();
        (balance.Available.ShouldHaveSingleItem().Amount, balance.Pending.ShouldHaveSingleItem().Amount).ShouldBe((1912, 1912));
        balance.Available[0].SourceTypes["card"].ShouldBe(1912);

        var list = (await _client.V1.BalanceTransactions.ListAsync(new BalanceTransactionListOptions { Type = "charge", Currency = "usd", Limit = 5 })).Data;
        list.Select(transaction => transaction.SourceId).ShouldBe([atOnce.Id, later.Id]);
        var transaction = await _client.V1.BalanceTransactions.GetAsync(later.BalanceTransactionId);
        (transaction.Amount, transaction.Fee, transaction.Net, transaction.Status, transaction.FeeDetails[0].Type).ShouldBe((2000, 88, 1912, "pending", "stripe_fee"));
        transaction.AvailableOn.ShouldBe(later.Created.AddDays(2));
        (await _client.V1.BalanceTransactions.ListAsync(new BalanceTransactionListOptions { Source = later.Id })).ShouldHaveSingleItem().Id.ShouldBe(transaction.Id);
    }

    [EngineFact]
    public async Task Refunds_are_made_read_changed_and_listed()
    {
        var charge = await ChargeAsync();

        var refund = await _client.V1.Refunds.CreateAsync(new RefundCreateOptions
        {
            Charge = charge.Id, Amount = 500, Reason = RefundReasons.RequestedByCustomer, Metadata = new Dictionary<string, string> { ["order"] = "17" },
        });

        (refund.Amount, refund.Status, refund.ChargeId, refund.DestinationDetails.Card.Type).ShouldBe((500, "succeeded", charge.Id, "refund"));
        (await _client.V1.Refunds.GetAsync(refund.Id)).Metadata["order"].ShouldBe("17");
        (await _client.V1.Refunds.UpdateAsync(refund.Id, new RefundUpdateOptions { Metadata = new Dictionary<string, string> { ["order"] = "18" } }))
            .Metadata["order"].ShouldBe("18");
        (await _client.V1.Refunds.ListAsync(new RefundListOptions { Charge = charge.Id })).ShouldHaveSingleItem().Id.ShouldBe(refund.Id);
        var refunded = await _client.V1.Charges.GetAsync(charge.Id);
        (refunded.AmountRefunded, refunded.Refunded, refunded.Refunds.Data.Single().Id).ShouldBe((500, false, refund.Id));
        (await _client.V1.BalanceTransactions.GetAsync(refund.BalanceTransactionId)).Net.ShouldBe(-500);
        (await RefusedAsync(() => _client.V1.Refunds.CreateAsync(new RefundCreateOptions { Charge = charge.Id, Amount = 1501 }))).Message
            .ShouldBe("Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)");
        await _client.V1.Refunds.CreateAsync(new RefundCreateOptions { Charge = charge.Id });
        (await RefusedAsync(() => _client.V1.Refunds.CreateAsync(new RefundCreateOptions { Charge = charge.Id }))).Code.ShouldBe("charge_already_refunded");
        (await _client.V1.Events.ListAsync(new EventListOptions { Type = EventTypes.ChargeRefunded })).First().Data.Object.ShouldBeOfType<Charge>().Refunded.ShouldBeTrue();
        (await _client.V1.Events.ListAsync(new EventListOptions { Type = EventTypes.RefundCreated })).Last().Data.Object.ShouldBeOfType<Refund>().Id.ShouldBe(refund.Id);
    }

    [EngineFact]
    public async Task Refunds_that_the_bank_answers_later_succeed_or_fail_by_themselves()
    {
        var later = await RefundAsync("tok_pendingRefund");
        var fails = await RefundAsync("tok_refundFail");
        (later.Status, fails.Status).ShouldBe(("pending", "succeeded"));

        await Eventually.HoldsAsync(() => _client.V1.Refunds.GetAsync(later.Id), refund => refund.Status == "succeeded", "the refund succeeds");
        var failed = await Eventually.HoldsAsync(() => _client.V1.Refunds.GetAsync(fails.Id), refund => refund.Status == "failed", "the refund fails");
        failed.FailureReason.ShouldBe("expired_or_canceled_card");
        (await _client.V1.BalanceTransactions.GetAsync(failed.FailureBalanceTransactionId)).Net.ShouldBe(2000);
        (await RefusedAsync(() => _client.V1.Refunds.CancelAsync(later.Id))).Message.ShouldContain("has a status of succeeded");

        async Task<Refund> RefundAsync(string source) => await _client.V1.Refunds.CreateAsync(new RefundCreateOptions { Charge = (await ChargeAsync(source)).Id });
    }

    [EngineFact]
    public async Task Disputes_are_listed_read_answered_and_won()
    {
        var charge = await ChargeAsync("tok_createDispute");
        var listed = (await _client.V1.Disputes.ListAsync(new DisputeListOptions { Charge = charge.Id })).ShouldHaveSingleItem();
        (listed.Status, listed.Amount, listed.ChargeId, listed.BalanceTransactions.Single().Fee).ShouldBe(("needs_response", 2000, charge.Id, 1500));
        (await RefusedAsync(() => _client.V1.Refunds.CreateAsync(new RefundCreateOptions { Charge = charge.Id }))).Code.ShouldBe("charge_disputed");

        var answered = await _client.V1.Disputes.UpdateAsync(listed.Id, new DisputeUpdateOptions
        {
            Evidence = new DisputeEvidenceOptions { UncategorizedText = "winning_evidence", CustomerName = "Ada" },
            Metadata = new Dictionary<string, string> { ["case"] = "7" },
        });

        (answered.EvidenceDetails.SubmissionCount, answered.Evidence.CustomerName, answered.Metadata["case"]).ShouldBe((1, "Ada", "7"));
        var won = await Eventually.HoldsAsync(() => _client.V1.Disputes.GetAsync(listed.Id), dispute => dispute.Status == "won", "the dispute is won");
        won.BalanceTransactions.Select(transaction => transaction.Net).ShouldBe([-3500, 3500]);
        (await _client.V1.Events.ListAsync(new EventListOptions { Type = EventTypes.ChargeDisputeFundsReinstated })).Single()
            .Data.Object.ShouldBeOfType<Dispute>().Id.ShouldBe(won.Id);
    }

    [EngineFact]
    public async Task A_dispute_can_be_given_up()
    {
        await ChargeAsync("tok_createDisputeProductNotReceived");
        var dispute = (await _client.V1.Disputes.ListAsync()).ShouldHaveSingleItem();

        (await _client.V1.Disputes.CloseAsync(dispute.Id)).Status.ShouldBe("lost");

        (await RefusedAsync(() => _client.V1.Disputes.CloseAsync(dispute.Id))).Message.ShouldContain("already closed");
    }

    [EngineFact]
    public async Task A_payout_fails_and_its_money_is_back()
    {
        var merchant = fixture.Simulator.MerchantWith(_client.ApiKey);
        await ChargeAsync("tok_bypassPending");
        var payout = await _client.V1.Payouts.CreateAsync(new PayoutCreateOptions { Amount = 1000, Currency = "usd" });

        (await merchant.PostAsync($"/v1/test_helpers/payouts/{payout.Id}/fail", ("failure_code", "no_account"))).ShouldBe(200).Text("status").ShouldBe("failed");

        var failed = await _client.V1.Payouts.GetAsync(payout.Id, new PayoutGetOptions { Expand = ["failure_balance_transaction"] });
        (failed.Status, failed.FailureCode, failed.FailureBalanceTransaction.Type, failed.FailureBalanceTransaction.Net).ShouldBe(("failed", "no_account", "payout_failure", 1000));
        (await _client.V1.Balance.GetAsync()).Available.Single().Amount.ShouldBe(1912);
        (await _client.V1.Payouts.ListAsync(new PayoutListOptions { Status = "failed" })).ShouldHaveSingleItem().Id.ShouldBe(payout.Id);
        (await _client.V1.Events.ListAsync(new EventListOptions { Type = EventTypes.PayoutFailed })).ShouldHaveSingleItem().Data.Object.ShouldBeOfType<Payout>().Id.ShouldBe(payout.Id);
        (await merchant.PostAsync($"/v1/test_helpers/payouts/{payout.Id}/fail")).ShouldBeError(400, "invalid_request_error");
        (await merchant.PostAsync($"/v1/test_helpers/payouts/{payout.Id}/fail", ("failure_code", "x"))).ShouldBeError(400, "invalid_request_error", param: "failure_code");
        (await fixture.Simulator.NewMerchant().PostAsync($"/v1/test_helpers/payouts/{payout.Id}/fail")).ShouldBe(404);
    }

    [EngineFact]
    public async Task Payouts_are_made_read_changed_listed_paid_and_reversed()
    {
        await ChargeAsync("tok_bypassPending");

        var payout = await _client.V1.Payouts.CreateAsync(new PayoutCreateOptions { Amount = 1000, Currency = "usd", StatementDescriptor = "SHOP" });

        (payout.Amount, payout.Status, payout.StatementDescriptor, payout.Automatic).ShouldBe((1000, "pending", "SHOP", false));
        (await _client.V1.Payouts.UpdateAsync(payout.Id, new PayoutUpdateOptions { Metadata = new Dictionary<string, string> { ["a"] = "1" } })).Metadata["a"].ShouldBe("1");
        (await _client.V1.BalanceTransactions.GetAsync(payout.BalanceTransactionId)).Net.ShouldBe(-1000);
        await Eventually.HoldsAsync(() => _client.V1.Payouts.GetAsync(payout.Id), found => found.Status == "paid", "the payout arrives");
        (await _client.V1.Payouts.ListAsync(new PayoutListOptions { Status = "paid" })).ShouldHaveSingleItem().Id.ShouldBe(payout.Id);
        (await RefusedAsync(() => _client.V1.Payouts.CancelAsync(payout.Id))).Message.ShouldContain("only a pending one");
        (await _client.V1.Payouts.ReverseAsync(payout.Id)).OriginalPayoutId.ShouldBe(payout.Id);
        (await _client.V1.Balance.GetAsync()).Available.Single().Amount.ShouldBe(1912);
        (await RefusedAsync(() => _client.V1.Payouts.CreateAsync(new PayoutCreateOptions { Amount = 1913, Currency = "usd" }))).Code.ShouldBe("balance_insufficient");
    }

    private Task<Charge> ChargeAsync(string source = "tok_visa", bool? capture = null) =>
        _client.V1.Charges.CreateAsync(new ChargeCreateOptions { Amount = 2000, Currency = "usd", Source = source, Capture = capture });

    private static async Task<StripeError> RefusedAsync<T>(Func<Task<T>> call)
    {
        var refused = await Should.ThrowAsync<StripeException>(call);
        ((int)refused.HttpStatusCode).ShouldBe(400);
        return refused.StripeError;
    }
}
