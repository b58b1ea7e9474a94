using PaymentSim.Api.Jobs;

namespace PaymentSim.Tests.Api.Jobs;

public sealed class BatchPaceTests
{
    private readonly BatchPace _pace = new(100);

    [Fact]
    public void Few_deliveries_get_a_job_each_at_once()
    {
        // Twenty-five a second, for ever.
        for (var i = 0; i < 1000; i++) _pace.Next(1, i * BatchPace.Interval).ShouldBe((1, TimeSpan.Zero));
    }

    [Fact]
    public void A_few_together_get_a_job_each_too()
    {
        for (var waiting = BatchPace.Burst; waiting > 0; waiting--) _pace.Next(waiting, TimeSpan.Zero).ShouldBe((1, TimeSpan.Zero));

        _pace.Next(1, TimeSpan.Zero).ShouldBe((0, BatchPace.Interval));
        _pace.Next(1, BatchPace.Interval).ShouldBe((1, TimeSpan.Zero));
    }

    [Theory]
    [InlineData(11, 11)]
    [InlineData(100, 100)]
    [InlineData(101, 100)]
    [InlineData(100_000, 100)]
    public void Many_together_share_a_job(int waiting, int taken) => _pace.Next(waiting, TimeSpan.Zero).ShouldBe((taken, TimeSpan.Zero));

    [Fact]
    public void A_steady_stream_waits_for_one_interval_and_then_shares_a_job()
    {
        for (var i = 0; i < BatchPace.Burst; i++) _pace.Next(1, TimeSpan.Zero);

        for (var round = 1; round < 100; round++)
        {
            var (start, part) = ((round - 1) * BatchPace.Interval, BatchPace.Interval / 4);
            _pace.Next(20, start + part).ShouldBe((0, BatchPace.Interval - part));
            _pace.Next(40, start + 4 * part).ShouldBe((40, TimeSpan.Zero));
        }
    }

    [Fact]
    public void A_full_job_does_not_wait_and_is_not_made_up_for_afterwards()
    {
        for (var i = 0; i < 1000; i++) _pace.Next(100, TimeSpan.Zero).ShouldBe((100, TimeSpan.Zero));

        _pace.Next(1, TimeSpan.Zero).ShouldBe((0, BatchPace.Interval));
    }

    [Fact]
    public void Quiet_time_gives_back_the_burst_and_no_more()
    {
        for (var i = 0; i < BatchPace.Burst; i++) _pace.Next(1, TimeSpan.Zero);
        var later = TimeSpan.FromHours(1);

        for (var i = 0; i < BatchPace.Burst; i++) _pace.Next(1, later).ShouldBe((1, TimeSpan.Zero));
        _pace.Next(1, later).ShouldBe((0, BatchPace.Interval));
    }
}
