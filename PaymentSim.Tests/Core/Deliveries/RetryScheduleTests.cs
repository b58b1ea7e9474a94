using Bogus;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Tests.Core.Deliveries;

public sealed class RetryScheduleTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 15, 12, 0, 0, TimeSpan.Zero);

    // The wire's default: after the first attempt 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
    private static readonly RetrySchedule Default = RetrySchedule.Parse("5s,5m,30m,2h,5h,10h,14h,20h,24h");

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 300)]
    [InlineData(3, 1_800)]
    [InlineData(4, 7_200)]
    [InlineData(5, 18_000)]
    [InlineData(6, 36_000)]
    [InlineData(7, 50_400)]
    [InlineData(8, 72_000)]
    [InlineData(9, 86_400)]
    public void Each_failure_waits_its_turn_and_up_to_a_tenth_longer(long failures, long seconds)
    {
        Wait(Default, failures, chance: 0).ShouldBe(TimeSpan.FromSeconds(seconds));
        Wait(Default, failures, chance: 0.5).ShouldBe(TimeSpan.FromSeconds((seconds * 105 + 99) / 100));
        Wait(Default, failures, chance: 1).ShouldBe(TimeSpan.FromSeconds((seconds * 110 + 99) / 100));
    }

    [Fact]
    public void The_next_attempt_is_at_a_whole_second_never_before_the_wait_and_less_than_a_second_late()
    {
        var random = new Randomizer(localSeed: 20250615);
        for (var i = 0; i < 2000; i++)
        {
            // To the tick, as clocks have it; one in ten is a tick after a whole second.
            var now = Now.AddTicks(i % 10 == 0 ? 1 : random.Long(0, TimeSpan.TicksPerDay));
            var wait = TimeSpan.FromSeconds(random.Int(0, 100_000));
            var chance = i % 10 == 0 ? 0 : random.Double();

            var next = new RetrySchedule([wait]).Next(1, now, null, chance).ShouldNotBeNull();

            (next.Ticks % TimeSpan.TicksPerSecond).ShouldBe(0);
            next.ShouldBeGreaterThanOrEqualTo(now + wait);
            next.ShouldBeLessThan(now + wait * 1.1 + TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public void The_chance_spreads_the_attempts_over_the_tenth()
    {
        var random = new Randomizer(localSeed: 1);
        var waits = Enumerable.Range(0, 500).Select(_ => Wait(Default, 3, random.Double()).TotalSeconds).ToList();

        waits.Min().ShouldBeInRange(1_800, 1_805);
        waits.Max().ShouldBeInRange(1_975, 1_980);
        waits.Distinct().Count().ShouldBeGreaterThan(100);
    }

    [Theory]
    [InlineData("5s,5m", 3)]
    [InlineData("5s,5m", 100)]
    [InlineData("", 1)]
    [InlineData(" , ", 1)]
    public void When_the_waits_are_used_up_there_is_no_next_attempt(string schedule, long failures) =>
        RetrySchedule.Parse(schedule).Next(failures, Now, TimeSpan.FromSeconds(1), 0).ShouldBeNull();

    [Theory]
    [InlineData(1, 120, 120)]
    [InlineData(1, 3, 5)]
    [InlineData(1, 0, 5)]
    [InlineData(1, -60, 5)]
    [InlineData(2, 301, 301)]
    [InlineData(2, 299, 300)]
    [InlineData(1, 86_400, 86_400)]
    [InlineData(1, 86_401, 86_400)]
    [InlineData(1, 31_536_000, 86_400)]
    public void Retry_After_lengthens_the_wait_to_a_day_at_most_and_never_shortens_it(long failures, long asked, long expected) =>
        (Default.Next(failures, Now, TimeSpan.FromSeconds(asked), 0) - Now).ShouldBe(TimeSpan.FromSeconds(expected));

    [Theory]
    [InlineData("24h", 1.0, 95_040)]
    [InlineData("3d", 0.0, 259_200)]
    public void A_wait_beyond_a_day_is_not_cut_by_a_longer_Retry_After(string schedule, double chance, long expected) =>
        (RetrySchedule.Parse(schedule).Next(1, Now, TimeSpan.FromDays(30), chance) - Now).ShouldBe(TimeSpan.FromSeconds(expected));

    [Theory]
    [InlineData("5s,5m,30m,2h,5h,10h,14h,20h,24h", "5s,5m,30m,2h,5h,10h,14h,20h,1d")]
    [InlineData(" 100ms , 2s ", "100ms,2s")]
    [InlineData("", "")]
    public void A_schedule_is_read_and_written(string text, string written)
    {
        RetrySchedule.Parse(text).ToString().ShouldBe(written);
        RetrySchedule.Parse(written).Waits.ShouldBe(RetrySchedule.Parse(text).Waits);
    }

    [Theory]
    [InlineData("5s;5m")]
    [InlineData("5s,soon")]
    [InlineData("-5s")]
    public void What_is_no_schedule_is_refused(string text) => Should.Throw<FormatException>(() => RetrySchedule.Parse(text));

    private static TimeSpan Wait(RetrySchedule schedule, long failures, double chance) =>
        schedule.Next(failures, Now, null, chance).ShouldNotBeNull() - Now;
}
