using System.Text.Encodings.Web;
using System.Text.Json;

namespace PaymentSim.Core.JobStorage;

/// <summary>Parameters and state data as they are stored: one JSON object of texts.</summary>
internal static class JobTexts
{
    /// <summary>Nobody reads it as HTML: escaping would multiply the size of texts that are not Latin.</summary>
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(Dictionary<string, string?> values) => values.Count == 0 ? "{}" : JsonSerializer.Serialize(values, Json);

    /// <summary>What was written; nothing where the text is missing or damaged, so that one bad row breaks no page and no worker.</summary>
    public static Dictionary<string, string?> Read(string? text)
    {
        if (text is null or "{}") return [];
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string?>>(text, Json) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
