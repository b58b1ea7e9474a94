using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Charges;

public sealed class ChargeTests
{
    private static readonly ChargeFailure Failure = new("account_closed", "The customer's bank account has been closed.");

    // Every pair of states; into pending there is no way but to be created so.
    [Theory]
    [InlineData(ChargeStatus.Pending, ChargeStatus.Succeeded, true)]
    [InlineData(ChargeStatus.Pending, ChargeStatus.Failed, true)]
    [InlineData(ChargeStatus.Pending, ChargeStatus.Pending, false)]
    [InlineData(ChargeStatus.Succeeded, ChargeStatus.Pending, false)]
    [InlineData(ChargeStatus.Succeeded, ChargeStatus.Succeeded, false)]
    [InlineData(ChargeStatus.Succeeded, ChargeStatus.Failed, false)]
    [InlineData(ChargeStatus.Failed, ChargeStatus.Pending, false)]
    [InlineData(ChargeStatus.Failed, ChargeStatus.Succeeded, false)]
    [InlineData(ChargeStatus.Failed, ChargeStatus.Failed, false)]
    public void A_charge_leaves_only_the_pending_state(ChargeStatus from, ChargeStatus to, bool allowed)
    {
        (Charge.Transitions.GetValueOrDefault(from)?.Contains(to) == true).ShouldBe(allowed);
        if (to == ChargeStatus.Pending) return;

        var charge = Samples.Charge() with { Status = from };
        var failure = to == ChargeStatus.Failed ? Failure : null;
        if (allowed)
        {
            charge.Settled(failure).Status.ShouldBe(to);
            return;
        }

        var problem = Should.Throw<ProblemException>(() => charge.Settled(failure)).Problem;
        problem.Kind.ShouldBe(ProblemKind.Conflict);
        problem.Message.ShouldBe($"Charge ch_1 is {from.ToString().ToLowerInvariant()} and cannot become {to.ToString().ToLowerInvariant()}.");
    }

    [Fact]
    public void The_banks_yes_captures_the_amount()
    {
        var settled = Pending().Settled(null);

        (settled.Captured, settled.AmountCaptured, settled.SettlesAt, settled.Details.Failure).ShouldBe((true, 2000, null, null));
        settled.Details.Outcome.ShouldBe(Pending().Details.Outcome);
    }

    [Fact]
    public void The_banks_no_leaves_its_reason_and_captures_nothing()
    {
        var settled = Pending().Settled(Failure);

        (settled.Captured, settled.AmountCaptured, settled.SettlesAt, settled.Details.Failure).ShouldBe((false, 0, null, Failure));
        (settled.Details.Outcome.Type, settled.Details.Outcome.Reason).ShouldBe(("issuer_declined", "account_closed"));
        var shown = ChargeObject.Of(settled);
        (shown.Status, shown.Paid, shown.FailureCode, shown.FailureMessage).ShouldBe(("failed", false, Failure.Code, Failure.Message));
    }

    private static Charge Pending() =>
        Samples.Charge() with { Status = ChargeStatus.Pending, Captured = false, AmountCaptured = 0, SettlesAt = ManualClock.Start };
}
