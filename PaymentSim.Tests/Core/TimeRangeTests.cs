using PaymentSim.Core;

namespace PaymentSim.Tests.Core;

public sealed class TimeRangeTests
{
    // A time is inside when every bound that is given holds; checked to the millisecond around each bound.
    [Theory]
    [InlineData(100L, null, null, null)]
    [InlineData(null, 100L, null, null)]
    [InlineData(null, null, 100L, null)]
    [InlineData(null, null, null, 100L)]
    [InlineData(98L, 99L, 101L, 102L)]
    [InlineData(99L, 99L, 102L, 101L)]
    [InlineData(null, null, null, null)]
    [InlineData(-5L, null, long.MaxValue, null)]
    [InlineData(null, long.MinValue, null, long.MaxValue)]
    [InlineData(long.MaxValue, null, null, null)]
    [InlineData(null, long.MaxValue, null, null)]
    public void A_range_holds_exactly_the_times_that_all_its_bounds_allow(long? gt, long? gte, long? lt, long? lte)
    {
        var range = new TimeRange { Gt = gt, Gte = gte, Lt = lt, Lte = lte };

        foreach (var milliseconds in Enumerable.Range(97, 7).SelectMany(second => new[] { second * 1000L, second * 1000L + 1, second * 1000L + 999 }))
        {
            var second = milliseconds / 1000;
            var inside = !(second <= gt) && !(second < gte) && !(second >= lt) && !(second > lte);
            (milliseconds >= range.FromMilliseconds && milliseconds < range.ToMilliseconds).ShouldBe(inside, $"{milliseconds} ms");
        }
    }

    [Fact]
    public void A_single_time_is_the_range_of_its_whole_second()
    {
        var range = TimeRange.FromNumber(1_700_000_000);

        (range.FromMilliseconds, range.ToMilliseconds).ShouldBe((1_700_000_000_000, 1_700_000_001_000));
    }
}
