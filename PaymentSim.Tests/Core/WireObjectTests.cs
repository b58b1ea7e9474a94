using System.Text.Json;
using PaymentSim.Core;

namespace PaymentSim.Tests.Core;

/// <summary>Objects that are serialised once, whatever they stand in.</summary>
public class WireObjectTests
{
    [Fact]
    public void It_is_the_same_text_wherever_it_stands()
    {
        var thing = new Thing { Name = "<ä>", Inner = new Thing { Name = "inner" } };
        var alone = JsonSerializer.Serialize(thing, CoreJson.Options);

        alone.ShouldBe("""{"name":"<ä>","parts":null,"inner":{"name":"inner","parts":null,"inner":null}}""");
        JsonSerializer.Serialize(new { Data = new { Object = (object)thing } }, CoreJson.Options).ShouldBe($$$"""{"data":{"object":{{{alone}}}}}""");
    }

    [Fact]
    public void It_is_serialised_once()
    {
        var parts = new List<string> { "a" };
        var thing = new Thing { Name = "x", Parts = parts };
        var first = JsonSerializer.Serialize(thing, CoreJson.Options);
        parts.Add("b");

        JsonSerializer.Serialize(thing, CoreJson.Options).ShouldBe(first);
    }

    [Fact]
    public void A_changed_copy_is_another_text()
    {
        var thing = new Thing { Name = "x" };
        JsonSerializer.Serialize(thing, CoreJson.Options);

        JsonSerializer.Serialize(thing with { Name = "y" }, CoreJson.Options).ShouldContain("\"y\"");
    }

    [Fact]
    public void What_was_written_plays_no_part_in_equality()
    {
        var (one, other) = (new Thing { Name = "x" }, new Thing { Name = "x" });
        JsonSerializer.Serialize(one, CoreJson.Options);

        one.ShouldBe(other);
        one.GetHashCode().ShouldBe(other.GetHashCode());
        one.ShouldNotBe(new Thing { Name = "y" });
    }

    [Fact]
    public void It_is_read_back()
    {
        var thing = new Thing { Name = "x", Inner = new Thing { Name = "inner" } };

        JsonSerializer.Deserialize<Thing>(JsonSerializer.Serialize(thing, CoreJson.Options), CoreJson.Options).ShouldBe(thing);
    }

    private sealed record Thing : WireObject
    {
        public required string Name { get; init; }

        public IReadOnlyList<string>? Parts { get; init; }

        public Thing? Inner { get; init; }
    }
}
