using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace PaymentSim.Tests.Support;

/// <summary>An answer of the API.</summary>
public sealed class ApiAnswer(int status, HttpResponseHeaders headers, string body)
{
    private JsonElement? _json;

    public int Status { get; } = status;

    public string Body { get; } = body;

    public JsonElement Json => _json ??= JsonDocument.Parse(Body).RootElement.Clone();

    public string Id => Text("id") ?? throw new InvalidOperationException($"The answer has no id: {this}");

    /// <summary>A list's objects.</summary>
    public IReadOnlyList<JsonElement> Data => [.. Json.GetProperty("data").EnumerateArray()];

    public IReadOnlyList<string> Ids => [.. Data.Select(item => item.GetProperty("id").GetString()!)];

    public bool HasMore => Json.GetProperty("has_more").GetBoolean();

    /// <summary>The value at a path such as <c>error.code</c> or <c>data.0.id</c> as text; null where it is null or not there.</summary>
    public string? Text(string path) => Json.At(path) is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } found ? found.ToString() : null;

    public long Number(string path) => long.Parse(Text(path) ?? "", CultureInfo.InvariantCulture);

    public string? Header(string name) => headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    public static async Task<ApiAnswer> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync();
            return new ApiAnswer((int)response.StatusCode, response.Headers, body);
        }
    }

    /// <summary>Fails, and shows the answer, unless it has this status.</summary>
    public ApiAnswer ShouldBe(int expected)
    {
        Status.ShouldBe(expected, ToString());
        return this;
    }

    /// <summary>Fails, and shows the answer, unless it is an error of this shape; null: any.</summary>
    public ApiAnswer ShouldBeError(int expected, string type, string? code = null, string? param = null, string? message = null)
    {
        ShouldBe(expected);
        Text("error.type").ShouldBe(type, ToString());
        if (code is not null) Text("error.code").ShouldBe(code, ToString());
        if (param is not null) Text("error.param").ShouldBe(param, ToString());
        if (message is not null) Text("error.message").ShouldBe(message, ToString());
        return this;
    }

    public override string ToString() => $"{Status}: {Body}";
}

internal static class JsonPaths
{
    /// <summary>The value at a path such as <c>error.code</c> or <c>data.0.id</c>; undefined where it is not there.</summary>
    public static JsonElement At(this JsonElement json, string path)
    {
        foreach (var part in path.Split('.'))
        {
            if (json.ValueKind == JsonValueKind.Array && int.TryParse(part, CultureInfo.InvariantCulture, out var index))
                json = index < json.GetArrayLength() ? json[index] : default;
            else if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(part, out json))
                return default;
        }

        return json;
    }
}
