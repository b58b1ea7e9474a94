using PaymentSim.Core;

namespace PaymentSim.Tests.Core;

public sealed class MetadataTests
{
    // Written as form bodies are: "a=1 b=" sets a and gives b an empty value; null means the parameter was not given.
    [Theory]
    [InlineData("a=1 b=2", null, "a=1 b=2")]
    [InlineData("a=1 b=2", "", "")]
    [InlineData("a=1", "b=2", "a=1 b=2")]
    [InlineData("a=1 b=2", "a=9", "a=9 b=2")]
    [InlineData("a=1 b=2", "a=", "b=2")]
    [InlineData("a=1", "b=", "a=1")]
    [InlineData("a=1", "a= b=2", "b=2")]
    [InlineData("", "a=", "")]
    [InlineData("a=1", "A=2", "a=1 A=2")]
    public void An_update_sets_given_keys_and_removes_those_given_empty(string current, string? update, string expected) =>
        Metadata.Merge(Map(current), update is null ? null : Map(update)).ShouldBe(Map(expected), ignoreOrder: true);

    [Fact]
    public void A_key_given_as_null_is_removed() =>
        Metadata.Merge(Map("a=1 b=2"), new Dictionary<string, string> { ["a"] = null! }).ShouldBe(Map("b=2"));

    [Fact]
    public void A_merge_leaves_the_former_map_as_it_was()
    {
        var current = Map("a=1");

        Metadata.Merge(current, Map("a=2 b=3"));

        current.ShouldBe(Map("a=1"));
    }

    [Fact]
    public void Fifty_keys_are_the_most_that_updates_can_add_up_to()
    {
        var fortyNine = Numbered(0, 49);

        Metadata.Merge(fortyNine, Numbered(49, 1)).Count.ShouldBe(50);
        Metadata.Merge(Numbered(0, 50), Map("key0= new=1")).Count.ShouldBe(50);
        var problem = Should.Throw<ProblemException>(() => Metadata.Merge(fortyNine, Numbered(49, 2))).Problem;
        (problem.Kind, problem.Param).ShouldBe((ProblemKind.InvalidRequest, "metadata"));
        problem.Message.ShouldContain("51");
    }

    [Theory]
    [InlineData(50, 40, 500, null)]
    [InlineData(51, 40, 500, "metadata")]
    [InlineData(1, 41, 500, "metadata")]
    [InlineData(1, 0, 500, "metadata")]
    [InlineData(1, 5, 501, "metadata[00000]")]
    public void Too_many_keys_too_long_names_and_too_long_values_are_refused(int keys, int keyLength, int valueLength, string? param)
    {
        var map = Enumerable.Range(0, keys).ToDictionary(
            i => keyLength == 0 ? "" : i.ToString(null, null).PadLeft(keyLength, '0'), _ => new string('v', valueLength));

        var errors = new MetadataValidator().Validate(map).Errors;

        errors.Select(error => ((Problem)error.CustomState).Param).FirstOrDefault().ShouldBe(param);
    }

    private static Dictionary<string, string> Map(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);

    private static Dictionary<string, string> Numbered(int from, int count) =>
        Enumerable.Range(from, count).ToDictionary(i => $"key{i}", i => $"value{i}");
}
