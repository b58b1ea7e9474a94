using PaymentSim.Core;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.Payouts;
using PaymentSim.Core.Scheduling;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Payouts;

public sealed class PayoutsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;

    public PayoutsTests() => _core = new CoreHost(_folder, _clock);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task A_payout_takes_available_money_and_arrives_later()
    {
        await EarnAsync();

        var payout = await PayAsync(1000);

        (payout.Amount, payout.Currency, payout.Status, payout.Method, payout.Destination, payout.ArrivalDate)
            .ShouldBe((1000, "usd", "pending", "standard", "ba_test", ManualClock.Start.AddMinutes(1).ToUnixTimeSeconds()));
        var transaction = await _core.SendAsync(new GetBalanceTransaction(payout.BalanceTransaction));
        (transaction.Type, transaction.ReportingCategory, transaction.Net, transaction.Fee, transaction.Source, transaction.Status)
            .ShouldBe(("payout", "payout", -1000, 0, payout.Id, "available"));
        (await AvailableAsync()).ShouldBe(912);
        var job = (PayPayout)_core.Jobs.Enqueued.Single().Job;
        (await _core.SendAsync(job)).ShouldBe(PayoutStatus.Pending, "it is not due yet");
        _clock.Advance(TimeSpan.FromMinutes(1));

        (await _core.SendAsync(job)).ShouldBe(PayoutStatus.Paid);
        (await _core.SendAsync(job)).ShouldBe(PayoutStatus.Paid, "a job that runs twice pays once");

        (await _core.SendAsync(new GetPayout(payout.Id))).ShouldBeWire(payout with { Status = "paid" });
        (await AvailableAsync()).ShouldBe(912);
        (await TypesAsync()).ShouldBe(["payout.created", "payout.paid"]);
    }

    [EngineTheory]
    [InlineData("usd", 1913, "$19.12")]
    [InlineData("eur", 1, "€0.00")]
    public async Task What_is_not_available_is_not_paid_out(string currency, long amount, string available)
    {
        await EarnAsync();
        await EarnAsync("tok_visa");

        var refused = (await _core.TryAsync(new CreatePayout { Amount = amount, Currency = currency })).Refused.ShouldNotBeNull();

        (refused.Kind, refused.Code, refused.Param).ShouldBe((ProblemKind.InvalidRequest, ProblemCode.BalanceInsufficient, "amount"));
        refused.Message.ShouldBe($"You have insufficient funds for this payout: {available} is available.");
        _clock.Advance(TimeSpan.FromDays(2));
        (await PayAsync(2 * 1912)).Status.ShouldBe("pending", "two days later all of it is available");
    }

    [EngineFact]
    public async Task Payouts_at_the_same_time_do_not_take_the_same_money()
    {
        await EarnAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _core.TryAsync(new CreatePayout { Amount = 600, Currency = "usd" })));

        answers.Count(answer => answer.Refused is null).ShouldBe(3);
        (await AvailableAsync()).ShouldBe(112);
    }

    [EngineFact]
    public async Task A_pending_payout_can_be_canceled_and_no_other()
    {
        await EarnAsync();
        var payout = await PayAsync(1000);

        var canceled = await _core.SendAsync(new CancelPayout(payout.Id));

        canceled.Status.ShouldBe("canceled");
        var transaction = await _core.SendAsync(new GetBalanceTransaction(canceled.FailureBalanceTransaction!));
        (transaction.Type, transaction.Net, transaction.ReportingCategory).ShouldBe(("payout_cancel", 1000, "payout_reversal"));
        (await AvailableAsync()).ShouldBe(1912);
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await _core.SendAsync((PayPayout)_core.Jobs.Enqueued.Single().Job)).ShouldBe(PayoutStatus.Canceled);
        (await _core.TryAsync(new CancelPayout(payout.Id))).Refused.ShouldNotBeNull().Message
            .ShouldBe($"Payout {payout.Id} is canceled; only a pending one can become canceled.");
        (await TypesAsync()).ShouldBe(["payout.created", "payout.canceled"]);
    }

    [EngineFact]
    public async Task A_paid_payout_can_be_brought_back_once()
    {
        await EarnAsync();
        var payout = await PayAsync(1000);
        (await _core.TryAsync(new ReversePayout(payout.Id))).Refused.ShouldNotBeNull("it has not arrived");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _core.SendAsync((PayPayout)_core.Jobs.Enqueued.Single().Job);

        var reversal = await _core.SendAsync(new ReversePayout(payout.Id) { Metadata = new Dictionary<string, string> { ["a"] = "1" } });

        (reversal.Amount, reversal.OriginalPayout, reversal.Status, reversal.Metadata["a"]).ShouldBe((-1000, payout.Id, "paid", "1"));
        (await _core.SendAsync(new GetPayout(payout.Id))).ReversedBy.ShouldBe(reversal.Id);
        (await AvailableAsync()).ShouldBe(1912);
        foreach (var id in new[] { payout.Id, reversal.Id })
            (await _core.TryAsync(new ReversePayout(id))).Refused.ShouldNotBeNull().Message.ShouldContain("cannot be reversed");
    }

    [EngineTheory]
    [InlineData(false, null)]
    [InlineData(true, "account_closed")]
    public async Task A_payout_that_the_bank_does_not_take_gives_its_money_back(bool arrived, string? code)
    {
        await EarnAsync();
        var payout = await PayAsync(1000);
        var job = (PayPayout)_core.Jobs.Enqueued.Single().Job;
        _clock.Advance(TimeSpan.FromMinutes(1));
        if (arrived) await _core.SendAsync(job);

        var failed = await _core.SendAsync(new FailPayout(payout.Id) { FailureCode = code });

        (failed.Status, failed.FailureCode, failed.Amount).ShouldBe(("failed", code ?? "could_not_process", 1000));
        failed.FailureMessage.ShouldNotBeNullOrEmpty();
        var transaction = await _core.SendAsync(new GetBalanceTransaction(failed.FailureBalanceTransaction!));
        (transaction.Type, transaction.ReportingCategory, transaction.Net, transaction.Source, transaction.Status)
            .ShouldBe(("payout_failure", "payout_reversal", 1000, payout.Id, "available"));
        (await AvailableAsync()).ShouldBe(1912);
        (await _core.SendAsync(job)).ShouldBe(PayoutStatus.Failed, "it does not arrive any more");
        (await _core.TryAsync(new FailPayout(payout.Id))).Refused?.Kind.ShouldBe(ProblemKind.InvalidRequest);
        (await _core.TryAsync(new CancelPayout(payout.Id))).Refused?.Kind.ShouldBe(ProblemKind.InvalidRequest);
        (await _core.TryAsync(new ReversePayout(payout.Id))).Refused?.Kind.ShouldBe(ProblemKind.InvalidRequest);
        (await AvailableAsync()).ShouldBe(1912);
        var told = (await _core.SendAsync(new ListEvents { Type = "payout.failed" })).Data.ShouldHaveSingleItem();
        (told.Data.Object.ToString()!, told.Data.PreviousAttributes!.ToString()!).ShouldSatisfyAllConditions(
            pair => pair.Item1.ShouldContain($"\"failure_code\":\"{failed.FailureCode}\""),
            pair => pair.Item2.ShouldContain(arrived ? "\"status\":\"paid\"" : "\"status\":\"pending\""));
    }

    [EngineFact]
    public async Task Only_a_payout_whose_money_is_gone_can_fail()
    {
        await EarnAsync();
        var canceled = await PayAsync(100);
        await _core.SendAsync(new CancelPayout(canceled.Id));
        var paid = await PayAsync(200);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _core.SendAsync(new PayPayout(CoreHost.Merchant, paid.Id));
        var reversal = await _core.SendAsync(new ReversePayout(paid.Id));

        foreach (var id in new[] { canceled.Id, paid.Id, reversal.Id })
            (await _core.TryAsync(new FailPayout(id))).Refused.ShouldNotBeNull(id).Kind.ShouldBe(ProblemKind.InvalidRequest);
        (await _core.TryAsync(new FailPayout("po_none"))).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        var pending = await PayAsync(300);
        (await _core.TryAsync(new FailPayout(pending.Id) { FailureCode = "bad_mood" })).Refused?.Param.ShouldBe("failure_code");
        (await _core.TryAsync(new FailPayout(pending.Id), merchant: "acct_other")).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await AvailableAsync()).ShouldBe(1612);
    }

    [EngineFact]
    public async Task A_lost_arrival_is_found_again()
    {
        await EarnAsync();
        var payout = await PayAsync(1000);
        _core.Jobs.Lose();
        (await _core.SendAsync(new SweepDueWork())).ShouldBe(0, "it is not due yet");

        _clock.Advance(TimeSpan.FromMinutes(1));

        (await _core.SendAsync(new SweepDueWork())).ShouldBe(1);
        _core.Jobs.Enqueued.Single().Job.ShouldBe(new PayPayout(CoreHost.Merchant, payout.Id));
    }

    [EngineFact]
    public async Task Payouts_are_listed_filtered_and_changed()
    {
        await EarnAsync();
        var first = await PayAsync(100);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _core.SendAsync(new PayPayout(CoreHost.Merchant, first.Id));
        var second = await _core.SendAsync(new CreatePayout
        {
            Amount = 200, Currency = "usd", Method = "instant", Destination = "ba_other", StatementDescriptor = "SHOP", SourceType = "card",
        });

        (await IdsAsync(new ListPayouts())).ShouldBe([second.Id, first.Id]);
        (await IdsAsync(new ListPayouts { Status = "paid" })).ShouldBe([first.Id]);
        (await IdsAsync(new ListPayouts { Destination = "ba_other" })).ShouldBe([second.Id]);
        (await IdsAsync(new ListPayouts { ArrivalDate = new TimeRange { Gt = first.ArrivalDate } })).ShouldBe([second.Id]);
        (await IdsAsync(new ListPayouts { Created = new TimeRange { Lte = first.Created } })).ShouldBe([first.Id]);
        (await _core.SendAsync(new ListBalanceTransactions { Payout = first.Id })).Data.ShouldHaveSingleItem().Net.ShouldBe(-100);
        (await _core.SendAsync(new UpdatePayout(first.Id) { Metadata = new Dictionary<string, string> { ["a"] = "1" } })).Metadata["a"].ShouldBe("1");
        await _core.SendAsync(new UpdatePayout(first.Id) { Metadata = new Dictionary<string, string> { ["a"] = "1" } });
        (await TypesAsync()).ShouldBe(["payout.created", "payout.paid", "payout.created", "payout.updated"]);
    }

    [EngineFact]
    public async Task Bad_requests_are_refused_by_their_parameter()
    {
        await EarnAsync();

        foreach (var (request, param) in new[]
                 {
                     (new CreatePayout { Currency = "usd" }, "amount"),
                     (new CreatePayout { Amount = 0, Currency = "usd" }, "amount"),
                     (new CreatePayout { Amount = 100 }, "currency"),
                     (new CreatePayout { Amount = 100, Currency = "usx" }, "currency"),
                     (new CreatePayout { Amount = 100, Currency = "usd", Method = "pigeon" }, "method"),
                     (new CreatePayout { Amount = 100, Currency = "usd", SourceType = "cash" }, "source_type"),
                     (new CreatePayout { Amount = 100, Currency = "usd", StatementDescriptor = new string('x', 23) }, "statement_descriptor"),
                 })
        {
            var refused = (await _core.TryAsync(request)).Refused.ShouldNotBeNull();
            (refused.Kind, refused.Param).ShouldBe((ProblemKind.InvalidRequest, param), refused.Message);
        }

        (await _core.CountAsync("payouts")).ShouldBe(0);
    }

    [EngineFact]
    public async Task Another_merchants_payouts_and_money_are_not_touched()
    {
        const string Other = "acct_other";
        await EarnAsync();
        var payout = await PayAsync(1000);

        (await _core.TryAsync(new CreatePayout { Amount = 1, Currency = "usd" }, merchant: Other)).Refused?.Code.ShouldBe(ProblemCode.BalanceInsufficient);
        (await _core.TryAsync(new GetPayout(payout.Id), merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new UpdatePayout(payout.Id), merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new CancelPayout(payout.Id), merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new ReversePayout(payout.Id), merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.SendAsync(new ListPayouts(), merchant: Other)).Data.ShouldBeEmpty();
        (await _core.SendAsync(new PayPayout(Other, payout.Id))).ShouldBeNull();
        (await _core.SendAsync(new GetPayout(payout.Id))).ShouldBeWire(payout);
    }

    /// <summary>$20.00 come in; $19.12 stay.</summary>
    private Task EarnAsync(string source = "tok_bypassPending") =>
        _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source) });

    private Task<PayoutObject> PayAsync(long amount) => _core.SendAsync(new CreatePayout { Amount = amount, Currency = "usd" });

    private async Task<long> AvailableAsync() => (await _core.SendAsync(new GetBalance())).Available.Single().Amount;

    private async Task<List<string>> IdsAsync(ListPayouts query) => [.. (await _core.SendAsync(query)).Data.Select(payout => payout.Id)];

    /// <summary>The types of the payouts' events, oldest first.</summary>
    private async Task<List<string>> TypesAsync() =>
        [.. (await _core.SendAsync(new ListEvents { Type = "payout.*", Limit = 100 })).Data.Select(recorded => recorded.Type).Reverse()];
}
