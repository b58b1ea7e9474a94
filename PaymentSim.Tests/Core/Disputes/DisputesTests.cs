using System.Text.Json;
using PaymentSim.Core;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Disputes;
using PaymentSim.Core.Events;
using PaymentSim.Core.Refunds;
using PaymentSim.Core.Scheduling;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Disputes;

public sealed class DisputesTests : IDisposable
{
    private const string Fraudulent = "tok_createDispute";
    private const string Inquiry = "tok_createDisputeInquiry";

    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;

    public DisputesTests() => _core = new CoreHost(_folder, _clock);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineTheory]
    [InlineData(Fraudulent, "fraudulent", "10.4")]
    [InlineData("tok_createDisputeProductNotReceived", "product_not_received", "13.1")]
    public async Task Some_cards_charges_are_disputed_and_their_money_is_taken(string source, string reason, string code)
    {
        var charge = await ChargeAsync(source);
        charge.Disputed.ShouldBeFalse("the dispute comes after the charge");

        var dispute = await OnlyAsync();

        (dispute.Charge, dispute.Amount, dispute.Currency, dispute.Reason, dispute.Status, dispute.IsChargeRefundable)
            .ShouldBe((charge.Id, 2000, "usd", reason, "needs_response", false));
        (dispute.PaymentMethodDetails.Card!.CaseType, dispute.PaymentMethodDetails.Card.NetworkReasonCode).ShouldBe(("chargeback", code));
        (dispute.EvidenceDetails.DueBy, dispute.EvidenceDetails.HasEvidence, dispute.EvidenceDetails.PastDue)
            .ShouldBe((ManualClock.Start.AddDays(7).ToUnixTimeSeconds(), false, false));
        var transaction = dispute.BalanceTransactions.ShouldHaveSingleItem();
        (transaction.Type, transaction.ReportingCategory, transaction.Amount, transaction.Fee, transaction.Net, transaction.Source)
            .ShouldBe(("adjustment", "dispute", -2000, 1500, -3500, dispute.Id));
        transaction.FeeDetails.Single().Description.ShouldBe("Dispute fee");
        (await _core.SendAsync(new GetBalanceTransaction(transaction.Id))).ShouldBeWire(transaction);
        (await BalanceAsync()).ShouldBe(1912 - 3500);
        (await _core.SendAsync(new GetCharge(charge.Id))).Disputed.ShouldBeTrue();
        (await TypesAsync()).ShouldBe(["charge.succeeded", "charge.dispute.created", "charge.dispute.funds_withdrawn"]);
    }

    [EngineFact]
    public async Task An_authorisation_is_disputed_when_it_is_captured()
    {
        var charge = await ChargeAsync(Fraudulent, capture: false);
        (await _core.SendAsync(new ListDisputes())).Data.ShouldBeEmpty();

        await _core.SendAsync(new CaptureCharge(charge.Id) { Amount = 1200 });

        (await OnlyAsync()).Amount.ShouldBe(1200);
    }

    [EngineFact]
    public async Task A_disputed_charge_cannot_be_refunded_until_the_dispute_is_won()
    {
        var charge = await ChargeAsync(Fraudulent);

        var refused = (await _core.TryAsync(new CreateRefund { Charge = charge.Id })).Refused.ShouldNotBeNull();

        (refused.Kind, refused.Code, refused.Message)
            .ShouldBe((ProblemKind.InvalidRequest, ProblemCode.ChargeDisputed, $"Charge {charge.Id} has been charged back; cannot issue a refund."));
        await SubmitAsync("winning_evidence");
        (await DecideAsync()).ShouldBe(DisputeStatus.Won);
        (await _core.SendAsync(new CreateRefund { Charge = charge.Id })).Amount.ShouldBe(2000);
    }

    [EngineFact]
    public async Task Winning_evidence_brings_money_and_fee_back()
    {
        await ChargeAsync(Fraudulent);

        var submitted = await SubmitAsync("winning_evidence");

        (submitted.Status, submitted.EvidenceDetails.SubmissionCount, submitted.EvidenceDetails.HasEvidence, submitted.Evidence["uncategorized_text"])
            .ShouldBe(("under_review", 1, true, "winning_evidence"));
        _core.Jobs.Enqueued.Single().NotBefore.ShouldBe(ManualClock.Start, "the bank answers at once");
        (await DecideAsync()).ShouldBe(DisputeStatus.Won);
        (await DecideAsync()).ShouldBe(DisputeStatus.Won, "a job that runs twice decides once");

        var dispute = await OnlyAsync();
        (dispute.Status, dispute.IsChargeRefundable).ShouldBe(("won", true));
        dispute.BalanceTransactions.Select(transaction => (transaction.Net, transaction.Fee, transaction.ReportingCategory))
            .ShouldBe([(-3500, 1500, "dispute"), (3500, -1500, "dispute_reversal")]);
        (await BalanceAsync()).ShouldBe(1912);
        (await TypesAsync())[3..].ShouldBe(["charge.dispute.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed"]);
        var closed = (await _core.SendAsync(new ListEvents { Type = "charge.dispute.closed" })).Data.Single();
        ((JsonElement)closed.Data.PreviousAttributes!).GetProperty("status").GetString().ShouldBe("under_review");
    }

    [EngineFact]
    public async Task Losing_evidence_loses()
    {
        var charge = await ChargeAsync(Fraudulent);
        await SubmitAsync("losing_evidence");

        (await DecideAsync()).ShouldBe(DisputeStatus.Lost);

        (await BalanceAsync()).ShouldBe(1912 - 3500);
        (await TypesAsync())[3..].ShouldBe(["charge.dispute.updated", "charge.dispute.closed"]);
        (await _core.TryAsync(new CreateRefund { Charge = charge.Id })).Refused?.Code.ShouldBe(ProblemCode.ChargeDisputed);
    }

    [EngineFact]
    public async Task Other_evidence_stays_under_review_until_the_merchant_gives_in()
    {
        await ChargeAsync(Fraudulent);
        var dispute = await SubmitAsync("I sent it.");
        _core.Jobs.Enqueued.ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromDays(30));
        (await _core.SendAsync(new SweepDueWork())).ShouldBe(0);
        (await OnlyAsync()).Status.ShouldBe("under_review");

        (await _core.TryAsync(new UpdateDispute(dispute.Id) { Submit = true })).Refused.ShouldNotBeNull().Message
            .ShouldBe($"Dispute {dispute.Id} is under_review: its evidence was submitted before.");
        (await _core.TryAsync(new UpdateDispute(dispute.Id) { Evidence = Text("more"), Submit = false })).Refused.ShouldNotBeNull();
        (await _core.SendAsync(new CloseDispute(dispute.Id))).Status.ShouldBe("lost");
    }

    [EngineFact]
    public async Task Evidence_can_be_kept_and_submitted_later()
    {
        await ChargeAsync(Fraudulent);
        var id = (await OnlyAsync()).Id;

        var kept = await _core.SendAsync(new UpdateDispute(id)
        {
            Evidence = new Dictionary<string, string> { ["uncategorized_text"] = "winning_evidence", ["customer_name"] = "Ada", ["receipt"] = "file_1" },
            Submit = false,
            Metadata = new Dictionary<string, string> { ["case"] = "7" },
        });
        (kept.Status, kept.EvidenceDetails.HasEvidence, kept.EvidenceDetails.SubmissionCount, kept.Metadata["case"]).ShouldBe(("needs_response", true, 0, "7"));
        kept = await _core.SendAsync(new UpdateDispute(id) { Evidence = new Dictionary<string, string> { ["receipt"] = "" }, Submit = false });
        (kept.Evidence["customer_name"], kept.Evidence["receipt"]).ShouldBe(("Ada", null));
        (await _core.SendAsync(new UpdateDispute(id) { Metadata = new Dictionary<string, string> { ["case"] = "8" } })).Status.ShouldBe("needs_response");
        _core.Jobs.Enqueued.ShouldBeEmpty();

        (await _core.SendAsync(new UpdateDispute(id) { Submit = true })).Status.ShouldBe("under_review");

        (await DecideAsync()).ShouldBe(DisputeStatus.Won);
        (await _core.SendAsync(new ListEvents { Type = "charge.dispute.updated" })).Data.Count.ShouldBe(4);
    }

    [EngineFact]
    public async Task An_inquiry_takes_no_money_and_ends_without_a_loss()
    {
        var charge = await ChargeAsync(Inquiry);
        var dispute = await OnlyAsync();
        (dispute.Status, dispute.IsChargeRefundable, dispute.PaymentMethodDetails.Card!.CaseType, dispute.BalanceTransactions.Count)
            .ShouldBe(("warning_needs_response", true, "inquiry", 0));
        (await TypesAsync()).ShouldBe(["charge.succeeded", "charge.dispute.created"]);

        (await SubmitAsync("losing_evidence")).Status.ShouldBe("warning_under_review");
        (await DecideAsync()).ShouldBe(DisputeStatus.WarningClosed);

        (await BalanceAsync()).ShouldBe(1912);
        (await _core.SendAsync(new CreateRefund { Charge = charge.Id })).Amount.ShouldBe(2000);
    }

    [EngineTheory]
    [InlineData(Fraudulent, "lost")]
    [InlineData(Inquiry, "warning_closed")]
    public async Task Without_evidence_in_time_the_bank_decides_alone(string source, string status)
    {
        await ChargeAsync(source);
        (await _core.SendAsync(new SweepDueWork())).ShouldBe(0, "there is time left");
        _clock.Advance(TimeSpan.FromDays(7));
        (await OnlyAsync()).EvidenceDetails.PastDue.ShouldBeTrue();

        (await _core.SendAsync(new SweepDueWork())).ShouldBe(1);
        await DecideAsync();

        (await OnlyAsync()).Status.ShouldBe(status);
    }

    [EngineTheory]
    [InlineData(Fraudulent, "lost")]
    [InlineData(Inquiry, "warning_closed")]
    public async Task A_dispute_is_closed_once(string source, string status)
    {
        await ChargeAsync(source);
        var id = (await OnlyAsync()).Id;

        (await _core.SendAsync(new CloseDispute(id))).Status.ShouldBe(status);

        (await _core.TryAsync(new CloseDispute(id))).Refused.ShouldNotBeNull().Message.ShouldBe($"Dispute {id} is already closed: it is {status}.");
        (await _core.TryAsync(new UpdateDispute(id) { Evidence = Text("late") })).Refused.ShouldNotBeNull().Kind.ShouldBe(ProblemKind.InvalidRequest);
        (await _core.SendAsync(new UpdateDispute(id) { Metadata = new Dictionary<string, string> { ["a"] = "1" } })).Metadata["a"].ShouldBe("1");
        (await _core.SendAsync(new DecideDispute(CoreHost.Merchant, id))).ShouldNotBeNull().Wire().ShouldBe(status);
    }

    [EngineFact]
    public async Task Any_paid_charge_can_be_disputed_for_tests_and_once()
    {
        var charge = await ChargeAsync("tok_visa");
        await _core.SendAsync(new CreateRefund { Charge = charge.Id, Amount = 500 });

        var dispute = await _core.SendAsync(new OpenDispute(charge.Id) { Reason = "duplicate" });

        (dispute.Amount, dispute.Reason, dispute.Status).ShouldBe((1500, "duplicate", "needs_response"));
        (await _core.TryAsync(new OpenDispute(charge.Id))).Refused.ShouldNotBeNull().Code.ShouldBe(ProblemCode.ChargeDisputed);
        (await _core.SendAsync(new OpenDispute((await ChargeAsync("tok_visa")).Id) { Inquiry = true })).Status.ShouldBe("warning_needs_response");
        (await _core.TryAsync(new OpenDispute(charge.Id) { Reason = "boredom" })).Refused.ShouldNotBeNull().Param.ShouldBe("reason");
        foreach (var unpaid in new[] { await ChargeAsync("tok_visa", capture: false), await ChargeAsync("tok_chargeDeclined"), await ChargeAsync("btok_us_verified") })
        {
            (await _core.TryAsync(new OpenDispute(unpaid.Id))).Refused.ShouldNotBeNull().Message
                .ShouldBe($"Charge {unpaid.Id} has no money that could be disputed.");
        }
    }

    [EngineFact]
    public async Task Unknown_or_endless_evidence_is_refused()
    {
        await ChargeAsync(Fraudulent);
        var id = (await OnlyAsync()).Id;

        var unknown = (await _core.TryAsync(new UpdateDispute(id) { Evidence = new Dictionary<string, string> { ["alibi"] = "x" } })).Refused.ShouldNotBeNull();
        (unknown.Code, unknown.Param).ShouldBe((ProblemCode.ParameterUnknown, "evidence[alibi]"));
        (await _core.TryAsync(new UpdateDispute(id) { Evidence = Text(new string('x', DisputeEvidence.MaxLength + 1)) })).Refused.ShouldNotBeNull().Param.ShouldBe("evidence");
        (await SubmitAsync(new string('x', DisputeEvidence.MaxLength))).Status.ShouldBe("under_review");
    }

    [EngineFact]
    public async Task Disputes_are_listed_by_their_charge_page_by_page()
    {
        var charges = new List<string>();
        for (var i = 0; i < 3; i++) charges.Insert(0, (await ChargeAsync(Fraudulent)).Id);

        var all = await _core.SendAsync(new ListDisputes());
        all.Data.Select(dispute => dispute.Charge).ShouldBe(charges);
        (await _core.SendAsync(new ListDisputes { Charge = charges[1] })).Data.ShouldHaveSingleItem().Charge.ShouldBe(charges[1]);
        (await _core.SendAsync(new ListDisputes { PaymentIntent = "pi_x" })).Data.ShouldBeEmpty();
        var page = await _core.SendAsync(new ListDisputes { Limit = 1, StartingAfter = all.Data[0].Id });
        (page.Data.Single().Charge, page.HasMore).ShouldBe((charges[1], true));
        (await _core.SendAsync(new ListDisputes { Limit = 2, EndingBefore = all.Data[2].Id })).Data.Select(dispute => dispute.Charge).ShouldBe(charges[..2]);
        (await _core.SendAsync(new ListDisputes { Created = new TimeRange { Lt = ManualClock.Start.ToUnixTimeSeconds() } })).Data.ShouldBeEmpty();
    }

    [EngineFact]
    public async Task Another_merchants_disputes_are_not_seen()
    {
        const string Other = "acct_other";
        var charge = await ChargeAsync(Fraudulent);
        var dispute = await OnlyAsync();

        (await _core.TryAsync(new GetDispute(dispute.Id), merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new UpdateDispute(dispute.Id) { Evidence = Text("x") }, merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new CloseDispute(dispute.Id), merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new OpenDispute(charge.Id), merchant: Other)).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.SendAsync(new ListDisputes(), merchant: Other)).Data.ShouldBeEmpty();
        (await _core.SendAsync(new DecideDispute(Other, dispute.Id))).ShouldBeNull();
        (await OnlyAsync()).ShouldBeWire(dispute);
    }

    private async Task<ChargeObject> ChargeAsync(string source, bool? capture = null) => (await _core.SendAsync(
        new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source), Capture = capture })).Charge!;

    private async Task<DisputeObject> OnlyAsync()
    {
        var listed = (await _core.SendAsync(new ListDisputes())).Data.ShouldHaveSingleItem();
        var read = await _core.SendAsync(new GetDispute(listed.Id));
        read.ShouldBeWire(listed);
        return read;
    }

    private async Task<DisputeObject> SubmitAsync(string text) => await _core.SendAsync(new UpdateDispute((await OnlyAsync()).Id) { Evidence = Text(text) });

    private async Task<DisputeStatus?> DecideAsync() => await _core.SendAsync((DecideDispute)_core.Jobs.Enqueued[^1].Job);

    private static Dictionary<string, string> Text(string text) => new() { ["uncategorized_text"] = text };

    private async Task<long> BalanceAsync()
    {
        var balance = await _core.SendAsync(new GetBalance());
        return balance.Available.Single().Amount + balance.Pending.Single().Amount;
    }

    /// <summary>The types of all events, oldest first.</summary>
    private async Task<List<string>> TypesAsync() => [.. (await _core.SendAsync(new ListEvents { Limit = 100 })).Data.Select(recorded => recorded.Type).Reverse()];
}
