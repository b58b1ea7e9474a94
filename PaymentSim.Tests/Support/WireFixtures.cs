using System.Text.Json;

namespace PaymentSim.Tests.Support;

/// <summary>One example object per resource of the wire, MIT-licensed data from Stripe's public OpenAPI repository.</summary>
public static class WireFixtures
{
    private static readonly JsonElement All =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "stripe-fixtures.json"))).RootElement;

    public static JsonElement Of(string resource) => All.GetProperty(resource);

    /// <summary>
    /// Where ours does not have the fixture's shape: every key of the fixture must be in ours, with the same JSON type or null. A null
    /// in the fixture says nothing of the type. Answers one line per difference.
    /// </summary>
    public static IEnumerable<string> Differences(JsonElement fixture, JsonElement ours, string path, params string[] except)
    {
        foreach (var member in fixture.EnumerateObject())
        {
            var at = $"{path}.{member.Name}";
            if (except.Contains(at)) continue;
            if (!ours.TryGetProperty(member.Name, out var value))
            {
                yield return $"{at} is missing";
                continue;
            }

            if (value.ValueKind == JsonValueKind.Null || member.Value.ValueKind == JsonValueKind.Null) continue;
            if (Type(value) != Type(member.Value))
            {
                yield return $"{at} is {Type(value)} but should be {Type(member.Value)}";
            }
            else if (value.ValueKind == JsonValueKind.Object)
            {
                foreach (var difference in Differences(member.Value, value, at, except)) yield return difference;
            }
        }
    }

    private static string Type(JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? "a boolean" : value.ValueKind.ToString();
}
