using PaymentSim.Core.Webhooks;

namespace PaymentSim.Tests.Core.Webhooks;

/// <summary>Which faults happen to which attempt: a matter of the plan and of numbers alone.</summary>
public sealed class FaultPlanTests
{
    [Fact]
    public void The_same_seed_draws_the_same_and_another_seed_others()
    {
        var (first, again, other) = (Drawn(Plan(1, At(FaultKind.Drop, 0.5))), Drawn(Plan(1, At(FaultKind.Drop, 0.5))), Drawn(Plan(2, At(FaultKind.Drop, 0.5))));

        again.ShouldBe(first);
        other.ShouldNotBe(first);
    }

    [Fact]
    public void What_is_drawn_stays_the_same_from_release_to_release() =>
        Drawn(Plan(42, At(FaultKind.Drop, 0.3))).Take(8).ShouldBe(Known);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.1, 60, 140)]
    [InlineData(0.5, 440, 560)]
    [InlineData(1, 1000, 1000)]
    public void About_so_many_deliveries_meet_a_fault_as_its_probability_says(double probability, int least, int most) =>
        Enumerable.Range(1, 1000).Count(number => Plan(7, At(FaultKind.Drop, probability)).Of(number).Count == 1).ShouldBeInRange(least, most);

    [Fact]
    public void Faults_of_one_plan_are_drawn_each_for_itself()
    {
        var plan = Plan(7, At(FaultKind.Corrupt, 0.5), At(FaultKind.Duplicate, 0.5));

        Enumerable.Range(1, 100).Select(number => string.Join(',', plan.Of(number))).Distinct().Order().ShouldBe(["", "0", "0,1", "1"]);
    }

    [Fact]
    public void The_next_deliveries_are_the_first_ones_and_no_more()
    {
        var plan = Plan(7, new Fault { Kind = FaultKind.Drop, Next = 2, Attempts = 1 });

        Enumerable.Range(1, 4).Select(number => plan.Of(number).Count).ShouldBe([1, 1, 0, 0]);
        new long[] { 0, 1, 2, 5 }.Select(deliveries => plan.Left(0, deliveries)).ShouldBe([2, 1, 0, 0]);
        Plan(7, At(FaultKind.Drop, 1)).Left(0, 3).ShouldBeNull();
    }

    [Fact]
    public void A_fault_happens_to_the_first_attempts_alone()
    {
        var plan = Plan(7, new Fault { Kind = FaultKind.BadSignature, Next = 1, Attempts = 2 });

        Enumerable.Range(1, 4).Select(attempt => plan.Of(1, attempt).Count).ShouldBe([1, 1, 0, 0]);
    }

    [Fact]
    public void What_is_dropped_has_nothing_else_go_wrong_but_what_held_it_back()
    {
        var plan = Plan(7, At(FaultKind.Duplicate, 1, attempts: 2), At(FaultKind.Corrupt, 1, attempts: 2), At(FaultKind.Drop, 1), At(FaultKind.Delay, 1));

        plan.Of(1, 1).Select(place => plan.Faults[place].Kind).ShouldBe([FaultKind.Delay, FaultKind.Drop]);
        plan.Of(1, 2).Select(place => plan.Faults[place].Kind).ShouldBe([FaultKind.Corrupt, FaultKind.Duplicate], "in the order in which they happen");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.9)]
    [InlineData(0.5)]
    public void The_one_after_one_that_is_held_back_overtakes_it(double probability)
    {
        var plan = Plan(7, At(FaultKind.Reorder, probability));

        var held = Enumerable.Range(1, 200).Select(number => plan.Of(number).Count == 1).ToList();
        held.ShouldContain(true);
        held.Zip(held.Skip(1)).ShouldNotContain((true, true));
    }

    private static readonly bool[] Known = [false, true, true, false, false, false, false, false];

    private static List<bool> Drawn(FaultPlan plan) => [.. Enumerable.Range(1, 100).Select(number => plan.Of(number).Count == 1)];

    private static Fault At(FaultKind kind, double probability, long attempts = 1) => new() { Kind = kind, Probability = probability, Attempts = attempts, Delay = 1 };

    private static FaultPlan Plan(long seed, params Fault[] faults) => new() { Id = "wfp_1", Seed = seed, Faults = faults, CreatedAt = DateTimeOffset.UnixEpoch };
}
