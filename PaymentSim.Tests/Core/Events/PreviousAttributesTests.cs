using System.Text.Json.Nodes;
using PaymentSim.Core.Events;

namespace PaymentSim.Tests.Core.Events;

public sealed class PreviousAttributesTests
{
    [Theory]
    [InlineData("""{"a":1,"b":2}""", """{"a":1,"b":2}""", """{}""")]
    [InlineData("""{"a":1,"b":2}""", """{"a":1,"b":3}""", """{"b":2}""")]
    [InlineData("""{"a":null}""", """{"a":"x"}""", """{"a":null}""")]
    [InlineData("""{"a":"x"}""", """{"a":null}""", """{"a":"x"}""")]
    [InlineData("""{"metadata":{"a":"1","b":"2"}}""", """{"metadata":{"a":"9","b":"2"}}""", """{"metadata":{"a":"1"}}""")]
    [InlineData("""{"metadata":{"a":"1"}}""", """{"metadata":{"a":"1","b":"2"}}""", """{"metadata":{"b":null}}""")]
    [InlineData("""{"metadata":{"a":"1","b":"2"}}""", """{"metadata":{"b":"2"}}""", """{"metadata":{"a":"1"}}""")]
    [InlineData("""{"shipping":null}""", """{"shipping":{"name":"x"}}""", """{"shipping":null}""")]
    [InlineData("""{"shipping":{"name":"x"}}""", """{"shipping":null}""", """{"shipping":{"name":"x"}}""")]
    [InlineData("""{"list":[1,2]}""", """{"list":[2,1]}""", """{"list":[1,2]}""")]
    [InlineData("""{"o":{"p":{"q":1,"r":2}}}""", """{"o":{"p":{"q":2,"r":2}}}""", """{"o":{"p":{"q":1}}}""")]
    public void Only_what_changed_is_named_with_its_former_value(string before, string after, string expected)
    {
        var previous = PreviousAttributes.Between(JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(after)!.AsObject());

        previous.ToJsonString().ShouldBe(expected);
    }
}
