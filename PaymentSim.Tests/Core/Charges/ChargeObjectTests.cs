using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.Storage;

namespace PaymentSim.Tests.Core.Charges;

/// <summary>A charge and its event are written by code of their own, by the same rules as everything else.</summary>
public class ChargeObjectTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_written_by_the_rules_of_all_objects(bool withEverything)
    {
        var charge = Made<ChargeObject>(withEverything);

        var text = JsonNode.Parse(charge.ToJson().Span)!.ToJsonString();

        text.ShouldBe(JsonSerializer.SerializeToNode(charge, CoreJson.ObjectRules)!.ToJsonString());
        JsonSerializer.Serialize(charge, CoreJson.Options).ShouldBe(JsonSerializer.Serialize(charge, CoreJson.ObjectRules), "byte by byte");
        if (withEverything) text.ShouldNotContain("null", customMessage: "each member has a value");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Its_details_are_stored_by_the_same_rules(bool withEverything)
    {
        var details = Made<ChargeDetails>(withEverything);

        StoredText.Json(details, ChargeJson.Default.ChargeDetails.SerializeHandler).ToString().ShouldBe(JsonSerializer.Serialize(details, CoreJson.Options));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void So_is_its_event(bool withEverything)
    {
        var sample = Made<EventObject>(withEverything);
        object[] objects = [Made<ChargeObject>(withEverything), new { SomeName = "<ä>" }, JsonSerializer.SerializeToElement(new { a = 1 })];
        foreach (var thing in objects)
        {
            var recorded = sample with { Data = new EventData { Object = thing, PreviousAttributes = withEverything ? new { Amount = 5 } : null } };

            StoredText.Json(recorded, EventObject.Write).ToString().ShouldBe(JsonSerializer.Serialize(recorded, CoreJson.Options));
        }
    }

    private static T Made<T>(bool withEverything) => JsonSerializer.Deserialize<T>(Sample(typeof(T), withEverything), CoreJson.ObjectRules)!;

    /// <summary>A value for each member of a type, or for those alone that must have one.</summary>
    private static JsonNode Sample(Type type, bool withEverything)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return "<ä> & 'x'";
        if (type == typeof(bool)) return true;
        if (type == typeof(JsonElement) || type == typeof(object)) return new JsonObject { ["a"] = new JsonArray(1, "b") };
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
