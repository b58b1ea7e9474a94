using System.Text.Json;
using System.Text.Json.Nodes;

namespace PaymentSim.Core.Events;

/// <summary>What an update changed.</summary>
internal static class PreviousAttributes
{
    /// <summary>The members that differ, with their former values; within maps (metadata) only the keys that differ.</summary>
    public static JsonObject Between<T>(T before, T after)
    {
        var (old, now) = (ToObject(before), ToObject(after));
        return Difference(old, now);
    }

    private static JsonObject Difference(JsonObject before, JsonObject after)
    {
        var changed = new JsonObject();
        foreach (var name in before.Select(member => member.Key).Union(after.Select(member => member.Key)))
        {
            var (old, now) = (before[name], after[name]);
            if (JsonNode.DeepEquals(old, now)) continue;
            changed[name] = old is JsonObject oldObject && now is JsonObject newObject ? Difference(oldObject, newObject) : old?.DeepClone();
        }

        return changed;
    }

    private static JsonObject ToObject<T>(T value) => JsonSerializer.SerializeToNode(value, CoreJson.Options)!.AsObject();
}
