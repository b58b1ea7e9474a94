using PaymentSim.Core;
using PaymentSim.Core.Disputes;
using PaymentSim.Core.Refunds;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Disputes;

public sealed class DisputeTests
{
    [Fact]
    public void A_dispute_ends_where_it_began_as_an_inquiry_or_not()
    {
        foreach (var status in Enum.GetValues<DisputeStatus>())
        {
            var warning = status.Wire().StartsWith("warning_", StringComparison.Ordinal);
            foreach (var next in Dispute.Transitions.GetValueOrDefault(status) ?? [])
                next.Wire().StartsWith("warning_", StringComparison.Ordinal).ShouldBe(warning, $"{status} to {next}");
        }

        Enum.GetValues<DisputeStatus>().Except(Dispute.Transitions.Keys).ShouldBe([DisputeStatus.WarningClosed, DisputeStatus.Won, DisputeStatus.Lost]);
    }

    [Theory]
    [InlineData(DisputeStatus.WarningNeedsResponse, DisputeStatus.WarningUnderReview, DisputeStatus.WarningClosed, DisputeStatus.WarningClosed)]
    [InlineData(DisputeStatus.WarningUnderReview, null, DisputeStatus.WarningClosed, DisputeStatus.WarningClosed)]
    [InlineData(DisputeStatus.NeedsResponse, DisputeStatus.UnderReview, DisputeStatus.Lost, DisputeStatus.Lost)]
    [InlineData(DisputeStatus.UnderReview, null, DisputeStatus.Won, DisputeStatus.Lost)]
    [InlineData(DisputeStatus.WarningClosed, null, null, null)]
    [InlineData(DisputeStatus.Won, null, null, null)]
    [InlineData(DisputeStatus.Lost, null, null, null)]
    public void With_winning_evidence_each_step_leads_where_it_should(
        DisputeStatus from, DisputeStatus? submitted, DisputeStatus? decided, DisputeStatus? conceded)
    {
        var dispute = Of(from);

        Becomes(() => dispute.Submitted(ManualClock.Start), submitted);
        Becomes(dispute.Decided, decided);
        Becomes(dispute.Conceded, conceded);
    }

    [Theory]
    [InlineData(RefundStatus.Pending, "Succeeded,Failed,Canceled")]
    [InlineData(RefundStatus.Succeeded, "Failed")]
    [InlineData(RefundStatus.Failed, "")]
    [InlineData(RefundStatus.Canceled, "")]
    public void A_refund_goes_where_it_should(RefundStatus from, string to) =>
        string.Join(',', Enum.GetValues<RefundStatus>().Where(next => Refund.Transitions.GetValueOrDefault(from)?.Contains(next) == true)).ShouldBe(to);

    private static void Becomes(Func<Dispute> step, DisputeStatus? expected)
    {
        if (expected is { } status) step().Status.ShouldBe(status);
        else Should.Throw<ProblemException>(step).Problem.Kind.ShouldBe(ProblemKind.InvalidRequest);
    }

    private static Dispute Of(DisputeStatus status) => new()
    {
        Id = "du_1",
        MerchantId = CoreHost.Merchant,
        Charge = "ch_1",
        Amount = 2000,
        Currency = "usd",
        Reason = "fraudulent",
        Status = status,
        Metadata = new Dictionary<string, string>(),
        CreatedAt = ManualClock.Start,
        Details = new DisputeDetails
        {
            Evidence = new Dictionary<string, string> { ["uncategorized_text"] = Dispute.WinningEvidence },
            DueBy = ManualClock.Start,
            BalanceTransactions = [],
        },
    };
}
