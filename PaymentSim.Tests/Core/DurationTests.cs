using Bogus;
using PaymentSim.Core;

namespace PaymentSim.Tests.Core;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("5s", 5_000)]
    [InlineData("30m", 1_800_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("0s", 0)]
    [InlineData(" 5s ", 5_000)]
    public void A_duration_is_read(string text, long milliseconds) => Duration.Parse(text).ShouldBe(TimeSpan.FromMilliseconds(milliseconds));

    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(500, "500ms")]
    [InlineData(1_500, "1500ms")]
    [InlineData(5_000, "5s")]
    [InlineData(90_000, "90s")]
    [InlineData(1_800_000, "30m")]
    [InlineData(7_200_000, "2h")]
    [InlineData(86_400_000, "1d")]
    [InlineData(129_600_000, "36h")]
    public void A_duration_is_written_in_its_largest_whole_unit(long milliseconds, string text) =>
        Duration.Format(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(text);

    [Fact]
    public void What_is_written_is_read_back()
    {
        var random = new Randomizer(localSeed: 4711);
        foreach (var unit in new[] { 1L, 1_000, 60_000, 3_600_000, 86_400_000 })
        {
            for (var i = 0; i < 200; i++)
            {
                var duration = TimeSpan.FromMilliseconds(unit * random.Long(0, 3650L * 86_400_000 / unit));
                Duration.Parse(Duration.Format(duration)).ShouldBe(duration);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("+5s")]
    [InlineData("1e3s")]
    [InlineData("1,000s")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("5w")]
    [InlineData("five s")]
    [InlineData("5s5s")]
    [InlineData("NaNs")]
    [InlineData("Infinitys")]
    [InlineData("-Infinitys")]
    [InlineData("3651d")]
    [InlineData("99999999999999999999d")]
    public void What_is_no_duration_is_refused_by_name(string text) =>
        Should.Throw<FormatException>(() => Duration.Parse(text)).Message.ShouldContain($"'{text}'");
}
