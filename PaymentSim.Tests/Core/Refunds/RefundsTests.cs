using System.Text.Json;
using PaymentSim.Core;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.Refunds;
using PaymentSim.Core.Scheduling;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Refunds;

public sealed class RefundsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;

    public RefundsTests() => _core = new CoreHost(_folder, _clock);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task A_refund_takes_the_money_out_of_the_balance_and_its_fee_stays()
    {
        var charge = await ChargeAsync();

        var refund = await _core.SendAsync(new CreateRefund
        {
            Charge = charge.Id, Reason = "requested_by_customer", Metadata = new Dictionary<string, string> { ["a"] = "1" },
        });

        (refund.Amount, refund.Currency, refund.Status, refund.Reason, refund.Charge, refund.Metadata["a"], refund.DestinationDetails.Card!.Type)
            .ShouldBe((2000, "usd", "succeeded", "requested_by_customer", charge.Id, "1", "refund"));
        var transaction = await _core.SendAsync(new GetBalanceTransaction(refund.BalanceTransaction!));
        (transaction.Type, transaction.Amount, transaction.Fee, transaction.Net, transaction.Source, transaction.Description)
            .ShouldBe(("refund", -2000, 0, -2000, refund.Id, "REFUND FOR CHARGE (d)"));
        transaction.AvailableOn.ShouldBe(ManualClock.Start.AddDays(2).ToUnixTimeSeconds(), "it comes out of the charge's pending money");
        (await PendingAsync()).ShouldBe(-88);
        charge = await _core.SendAsync(new GetCharge(charge.Id));
        (charge.Refunded, charge.AmountRefunded).ShouldBe((true, 2000));
        charge.Refunds.Data.ShouldHaveSingleItem().ShouldBeWire(refund);
        (await TypesAsync()).ShouldBe(["charge.succeeded", "refund.created", "charge.refunded"]);
        var told = (await _core.SendAsync(new ListEvents { Type = "charge.refunded" })).Data.Single();
        ((JsonElement)told.Data.PreviousAttributes!).GetRawText().ShouldBe("""{"amount_refunded":0,"refunded":false}""");
        ((JsonElement)told.Data.Object).At("refunds.data.0.id").GetString().ShouldBe(refund.Id);
    }

    [EngineFact]
    public async Task A_charge_is_refunded_in_parts_and_never_beyond_its_amount()
    {
        var id = (await ChargeAsync()).Id;
        await _core.SendAsync(new CreateRefund { Charge = id, Amount = 1900 });

        var refused = (await _core.TryAsync(new CreateRefund { Charge = id, Amount = 900 })).Refused.ShouldNotBeNull();

        (refused.Kind, refused.Param, refused.Message)
            .ShouldBe((ProblemKind.InvalidRequest, "amount", "Refund amount ($9.00) is greater than unrefunded amount on charge ($1.00)"));
        (await _core.SendAsync(new GetCharge(id))).Refunded.ShouldBeFalse();
        (await _core.SendAsync(new CreateRefund { Charge = id })).Amount.ShouldBe(100, "what is left");
        foreach (var amount in new long?[] { null, 1 })
        {
            var again = (await _core.TryAsync(new CreateRefund { Charge = id, Amount = amount })).Refused.ShouldNotBeNull();
            (again.Code, again.Message).ShouldBe((ProblemCode.ChargeAlreadyRefunded, $"Charge {id} has already been refunded."));
        }

        (await _core.SendAsync(new GetCharge(id))).Refunds.Data.Select(refund => refund.Amount).ShouldBe([100, 1900]);
    }

    [EngineFact]
    public async Task Refunds_at_the_same_time_stay_within_the_amount()
    {
        var id = (await ChargeAsync()).Id;

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _core.TryAsync(new CreateRefund { Charge = id, Amount = 600 })));

        answers.Count(answer => answer.Refused is null).ShouldBe(3);
        (await _core.SendAsync(new GetCharge(id))).AmountRefunded.ShouldBe(1800);
    }

    [EngineFact]
    public async Task After_a_partial_capture_only_what_was_captured_is_left()
    {
        var id = (await ChargeAsync(capture: false)).Id;
        await _core.SendAsync(new CaptureCharge(id) { Amount = 1500 });

        (await _core.TryAsync(new CreateRefund { Charge = id, Amount = 1501 })).Refused.ShouldNotBeNull().Param.ShouldBe("amount");
        (await _core.SendAsync(new CreateRefund { Charge = id })).Amount.ShouldBe(1500);
    }

    [EngineFact]
    public async Task An_authorisation_is_released_as_a_whole()
    {
        var id = (await ChargeAsync(capture: false)).Id;
        (await _core.TryAsync(new CreateRefund { Charge = id, Amount = 1999 })).Refused.ShouldNotBeNull().Param.ShouldBe("amount");

        var refund = await _core.SendAsync(new CreateRefund { Charge = id });

        (refund.Amount, refund.Status, refund.BalanceTransaction, refund.DestinationDetails.Card!.Type).ShouldBe((2000, "succeeded", null, "reversal"));
        (await _core.TryAsync(new CaptureCharge(id))).Refused.ShouldNotBeNull().Code.ShouldBe(ProblemCode.ChargeAlreadyRefunded);
        (await _core.SendAsync(new ListBalanceTransactions())).Data.ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromDays(8));
        (await _core.SendAsync(new ExpireCharge(CoreHost.Merchant, id))).ShouldBeFalse();
    }

    [EngineTheory]
    [InlineData("tok_chargeDeclined", "failed")]
    [InlineData("btok_us_verified", "pending")]
    public async Task What_was_not_paid_is_not_refunded(string source, string status)
    {
        var id = (await ChargeAsync(source)).Id;

        (await _core.TryAsync(new CreateRefund { Charge = id })).Refused.ShouldNotBeNull().Message.ShouldBe($"Charge {id} is {status} and cannot be refunded.");
    }

    [EngineTheory]
    [InlineData("tok_pendingRefund", "refund")]
    [InlineData("btok_us_verified", "payment_refund")]
    public async Task Some_refunds_are_pending_until_the_bank_answers(string source, string type)
    {
        var charge = await ChargeAsync(source);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _core.SendAsync(new SettleCharge(CoreHost.Merchant, charge.Id));
        var refund = await _core.SendAsync(new CreateRefund { Charge = charge.Id, Amount = 500 });
        (refund.Status, refund.PendingReason).ShouldBe(("pending", "processing"));
        (await _core.SendAsync(new GetBalanceTransaction(refund.BalanceTransaction!))).Type.ShouldBe(type);
        var job = (SettleRefund)_core.Jobs.Enqueued[^1].Job;
        (await _core.SendAsync(job)).ShouldBe(RefundStatus.Pending, "it is not due yet");
        var money = await PendingAsync();

        _clock.Advance(TimeSpan.FromMinutes(1));
        (await _core.SendAsync(job)).ShouldBe(RefundStatus.Succeeded);
        (await _core.SendAsync(job)).ShouldBe(RefundStatus.Succeeded, "a job that runs twice settles once");

        (await _core.SendAsync(new GetRefund(refund.Id))).ShouldBeWire(refund with { Status = "succeeded", PendingReason = null });
        (await PendingAsync()).ShouldBe(money);
        (await TypesAsync())[^2..].ShouldBe(["refund.updated", "charge.refund.updated"]);
    }

    [EngineFact]
    public async Task One_cards_refunds_fail_later_and_their_money_comes_back()
    {
        var id = (await ChargeAsync("tok_refundFail")).Id;
        var refund = await _core.SendAsync(new CreateRefund { Charge = id });
        refund.Status.ShouldBe("succeeded");
        var job = (SettleRefund)_core.Jobs.Enqueued.Single().Job;
        _clock.Advance(TimeSpan.FromMinutes(1));

        (await _core.SendAsync(job)).ShouldBe(RefundStatus.Failed);
        (await _core.SendAsync(job)).ShouldBe(RefundStatus.Failed, "a job that runs twice fails once");

        var failed = await _core.SendAsync(new GetRefund(refund.Id));
        (failed.Status, failed.FailureReason, failed.BalanceTransaction).ShouldBe(("failed", "expired_or_canceled_card", refund.BalanceTransaction));
        var transaction = await _core.SendAsync(new GetBalanceTransaction(failed.FailureBalanceTransaction!));
        (transaction.Type, transaction.Net, transaction.Source).ShouldBe(("refund_failure", 2000, refund.Id));
        var charge = await _core.SendAsync(new GetCharge(id));
        (charge.Refunded, charge.AmountRefunded, charge.Refunds.Data.Single().Status).ShouldBe((false, 0, "failed"));
        (await TypesAsync())[^3..].ShouldBe(["refund.failed", "refund.updated", "charge.refund.updated"]);
        (await _core.SendAsync(new CreateRefund { Charge = id, Amount = 1 })).Amount.ShouldBe(1, "it can be tried again");
    }

    [EngineFact]
    public async Task A_lost_answer_is_found_again()
    {
        var refund = await _core.SendAsync(new CreateRefund { Charge = (await ChargeAsync("tok_pendingRefund")).Id });
        _core.Jobs.Lose();
        (await _core.SendAsync(new SweepDueWork())).ShouldBe(0, "it is not due yet");

        _clock.Advance(TimeSpan.FromMinutes(1));

        (await _core.SendAsync(new SweepDueWork())).ShouldBe(1);
        _core.Jobs.Enqueued.Single().Job.ShouldBe(new SettleRefund(CoreHost.Merchant, refund.Id));
    }

    [EngineFact]
    public async Task A_pending_refund_can_be_canceled_and_no_other()
    {
        var id = (await ChargeAsync("tok_pendingRefund")).Id;
        var refund = await _core.SendAsync(new CreateRefund { Charge = id });
        var job = (SettleRefund)_core.Jobs.Enqueued.Single().Job;

        var canceled = await _core.SendAsync(new CancelRefund(refund.Id));

        canceled.Status.ShouldBe("canceled");
        (await _core.SendAsync(new GetBalanceTransaction(canceled.FailureBalanceTransaction!))).Net.ShouldBe(2000);
        (await _core.SendAsync(new GetCharge(id))).AmountRefunded.ShouldBe(0);
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await _core.SendAsync(job)).ShouldBe(RefundStatus.Canceled);
        var succeeded = await _core.SendAsync(new CreateRefund { Charge = (await ChargeAsync()).Id });
        foreach (var (other, status) in new[] { (canceled.Id, "canceled"), (succeeded.Id, "succeeded") })
        {
            (await _core.TryAsync(new CancelRefund(other))).Refused.ShouldNotBeNull().Message
                .ShouldBe($"You cannot cancel refund {other} because it has a status of {status}; only a pending one can be canceled.");
        }
    }

    [EngineFact]
    public async Task Metadata_can_be_changed()
    {
        var refund = await _core.SendAsync(new CreateRefund
        {
            Charge = (await ChargeAsync()).Id, Metadata = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" },
        });

        var updated = await _core.SendAsync(new UpdateRefund(refund.Id) { Metadata = new Dictionary<string, string> { ["a"] = "", ["c"] = "3" } });

        updated.Metadata.ShouldBe(new Dictionary<string, string> { ["b"] = "2", ["c"] = "3" }, ignoreOrder: true);
        (await _core.SendAsync(new GetRefund(refund.Id))).ShouldBeWire(updated);
        var told = (await _core.SendAsync(new ListEvents { Type = "refund.updated" })).Data.Single();
        ((JsonElement)told.Data.PreviousAttributes!).GetRawText().ShouldBe("""{"metadata":{"a":"1","c":null}}""");
        await _core.SendAsync(new UpdateRefund(refund.Id) { Metadata = new Dictionary<string, string> { ["b"] = "2" } });
        (await _core.SendAsync(new ListEvents { Type = "refund.updated" })).Data.Count.ShouldBe(1, "nothing has changed");
    }

    [EngineFact]
    public async Task Refunds_are_listed_by_what_they_refund()
    {
        var (first, second) = ((await ChargeAsync()).Id, (await ChargeAsync()).Id);
        var ids = new List<string>();
        foreach (var charge in new[] { first, second, first })
            ids.Insert(0, (await _core.SendAsync(new CreateRefund { Charge = charge, Amount = 100 })).Id);

        (await _core.SendAsync(new ListRefunds())).Data.Select(refund => refund.Id).ShouldBe(ids);
        (await _core.SendAsync(new ListRefunds { Charge = first })).Data.Select(refund => refund.Id).ShouldBe([ids[0], ids[2]]);
        (await _core.SendAsync(new ListRefunds { PaymentIntent = "pi_x" })).Data.ShouldBeEmpty();
        (await _core.SendAsync(new ListRefunds { Created = new TimeRange { Gt = ManualClock.Start.ToUnixTimeSeconds() } })).Data.ShouldBeEmpty();
        var page = await _core.SendAsync(new ListChargeRefunds(first) { Limit = 1 });
        (page.Data.Single().Id, page.HasMore).ShouldBe((ids[0], true));
        (await _core.SendAsync(new ListChargeRefunds(first) { StartingAfter = ids[0] })).Data.Single().Id.ShouldBe(ids[2]);
        (await _core.SendAsync(new GetChargeRefund(second, ids[1]))).Id.ShouldBe(ids[1]);
        (await _core.TryAsync(new GetChargeRefund(second, ids[0]))).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.SendAsync(new ListCharges())).Data.Select(charge => charge.Refunds.Data.Count).ShouldBe([1, 2]);
    }

    [EngineFact]
    public async Task The_paid_charge_of_an_intent_is_refunded()
    {
        var store = _core.Get<ChargeStore>();
        var paid = (await ChargeAsync()).Id;
        await _core.Database.WriteAsync(async () =>
        {
            await store.InsertAsync(Samples.Charge("ch_0") with { PaymentIntent = "pi_1", Status = ChargeStatus.Failed, Captured = false });
            await store.InsertAsync((await store.GetToChangeAsync(CoreHost.Merchant, paid)) with { Id = "ch_1", PaymentIntent = "pi_1" });
            await store.InsertAsync(Samples.Charge("ch_2") with { PaymentIntent = "pi_1", Status = ChargeStatus.Failed, Captured = false });
        });

        var refund = await _core.SendAsync(new CreateRefund { PaymentIntent = "pi_1" });

        (refund.Charge, refund.PaymentIntent).ShouldBe(("ch_1", "pi_1"));
        (await _core.SendAsync(new ListRefunds { PaymentIntent = "pi_1" })).Data.ShouldHaveSingleItem().Id.ShouldBe(refund.Id);
    }

    [EngineFact]
    public async Task Bad_requests_are_refused_by_their_parameter()
    {
        var id = (await ChargeAsync()).Id;

        foreach (var (request, param, code) in new (CreateRefund, string, ProblemCode?)[]
                 {
                     (new CreateRefund(), "charge", ProblemCode.ParameterMissing),
                     (new CreateRefund { Charge = "" }, "charge", ProblemCode.ParameterMissing),
                     (new CreateRefund { Charge = id, PaymentIntent = "pi_x" }, "charge", null),
                     (new CreateRefund { Charge = "ch_x" }, "charge", ProblemCode.ResourceMissing),
                     (new CreateRefund { PaymentIntent = "pi_x" }, "payment_intent", ProblemCode.ResourceMissing),
                     (new CreateRefund { Charge = id, Amount = 0 }, "amount", ProblemCode.ParameterInvalidInteger),
                     (new CreateRefund { Charge = id, Amount = -1 }, "amount", ProblemCode.ParameterInvalidInteger),
                     (new CreateRefund { Charge = id, Reason = "other" }, "reason", null),
                 })
        {
            var refused = (await _core.TryAsync(request)).Refused.ShouldNotBeNull();
            (refused.Kind, refused.Param, refused.Code).ShouldBe((ProblemKind.InvalidRequest, param, code), refused.Message);
        }

        (await _core.CountAsync("refunds")).ShouldBe(0);
    }

    [EngineFact]
    public async Task Another_merchants_refunds_are_not_seen()
    {
        const string Other = "acct_other";
        var charge = await ChargeAsync("tok_pendingRefund");
        (await _core.TryAsync(new CreateRefund { Charge = charge.Id }, merchant: Other)).Refused?.Code.ShouldBe(ProblemCode.ResourceMissing);
        var refund = await _core.SendAsync(new CreateRefund { Charge = charge.Id });

        (await _core.TryAsync(new GetRefund(refund.Id), merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new UpdateRefund(refund.Id), merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new CancelRefund(refund.Id), merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new ListChargeRefunds(charge.Id), merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new GetChargeRefund(charge.Id, refund.Id), merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.SendAsync(new ListRefunds(), merchant: Other)).Data.ShouldBeEmpty();
        (await _core.SendAsync(new SettleRefund(Other, refund.Id))).ShouldBeNull();
        (await _core.SendAsync(new GetRefund(refund.Id))).ShouldBeWire(refund);
    }

    private async Task<ChargeObject> ChargeAsync(string source = "tok_visa", bool? capture = null) => (await _core.SendAsync(new CreateCharge
    {
        Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source), Description = "d", Capture = capture,
    })).Charge!;

    private async Task<long> PendingAsync() => (await _core.SendAsync(new GetBalance())).Pending.Single().Amount;

    /// <summary>The types of all events, oldest first.</summary>
    private async Task<List<string>> TypesAsync() => [.. (await _core.SendAsync(new ListEvents { Limit = 100 })).Data.Select(recorded => recorded.Type).Reverse()];
}
