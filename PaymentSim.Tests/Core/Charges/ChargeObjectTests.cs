using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using PaymentSim.Core;
using PaymentSim.Core.Charges;

namespace PaymentSim.Tests.Core.Charges;

/// <summary>A charge is written by code of its own, by the same rules as everything else.</summary>
public class ChargeObjectTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_written_by_the_rules_of_all_objects(bool withEverything)
    {
        var charge = JsonSerializer.Deserialize<ChargeObject>(Sample(typeof(ChargeObject), withEverything), CoreJson.ObjectRules)!;

        var text = JsonNode.Parse(charge.ToJson().Span)!.ToJsonString();

        text.ShouldBe(JsonSerializer.SerializeToNode(charge, CoreJson.ObjectRules)!.ToJsonString());
        JsonSerializer.Serialize(charge, CoreJson.Options).ShouldBe(JsonSerializer.Serialize(charge, CoreJson.ObjectRules), "byte by byte");
        if (withEverything) text.ShouldNotContain("null", customMessage: "each member has a value");
    }

    /// <summary>A value for each member of a type, or for those alone that must have one.</summary>
    private static JsonNode Sample(Type type, bool withEverything)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return "<ä> & 'x'";
        if (type == typeof(bool)) return true;
        if (type == typeof(JsonElement)) return new JsonObject { ["a"] = new JsonArray(1, "b") };
        if (type.IsPrimitive) return 7;
        if (type.IsEnum) return JsonSerializer.SerializeToNode(Enum.GetValues(type).GetValue(0), type, CoreJson.ObjectRules)!;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)) return new JsonObject { ["a key"] = Sample(type.GenericTypeArguments[1], withEverything) };
        if (type.IsGenericType) return new JsonArray(Sample(type.GenericTypeArguments[0], withEverything));

        var rules = CoreJson.ObjectRules.GetTypeInfo(type);
        rules.Properties.ShouldNotBeEmpty($"{type} is written as an object");
        return new JsonObject(rules.Properties.Where(member => withEverything || member.IsRequired || !IsNullable(member.AttributeProvider))
            .Select(member => KeyValuePair.Create<string, JsonNode?>(member.Name, Sample(member.PropertyType, withEverything))));
    }

    private static bool IsNullable(ICustomAttributeProvider? member) => new NullabilityInfoContext().Create((PropertyInfo)member!).ReadState == NullabilityState.Nullable;
}
