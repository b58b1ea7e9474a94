using System.Globalization;
using System.Text;
using System.Text.Json;
using PaymentSim.Core;

namespace PaymentSim.Api.Rest;

/// <summary>A request's parameters as a tree, the same for JSON bodies, form bodies and query strings.</summary>
internal abstract record ParameterNode
{
    /// <summary>A single value. Forms know only text; JSON adds numbers, booleans and null, kept here as their text.</summary>
    public sealed record Scalar(string Text, JsonValueKind Kind) : ParameterNode;

    /// <summary>Named parts, or, in forms, list items under their indexes.</summary>
    public sealed record Map(Dictionary<string, ParameterNode> Members) : ParameterNode
    {
        /// <summary>The parts as a list, if they are one: all named 0, 1, 2 …, in any order.</summary>
        public IReadOnlyList<ParameterNode>? AsList() => Members.Keys.All(key => key.Length < 6 && key.All(char.IsAsciiDigit))
            ? [.. Members.OrderBy(member => int.Parse(member.Key, CultureInfo.InvariantCulture)).Select(member => member.Value)]
            : null;
    }

    public sealed record Items(IReadOnlyList<ParameterNode> Nodes) : ParameterNode;
}

/// <summary>Reads parameters from bytes, strictly: malformed text is refused, never repaired.</summary>
internal static class Parameters
{
    public const int MaxDepth = 12;
    private const int MaxCount = 1000;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <exception cref="ProblemException">It is no JSON object, is nested too deeply, or holds invalid UTF-8.</exception>
    public static ParameterNode.Map FromJson(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? (ParameterNode.Map)FromJson(document.RootElement)
                : throw Malformed("The request's body must be a JSON object.");
        }
        catch (JsonException failure)
        {
            throw Malformed(
                $"The request's body is no valid JSON (line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1}); nested at most {MaxDepth} deep, in UTF-8.");
        }
        catch (InvalidOperationException)
        {
            throw Malformed("The request's body holds a text that is no valid Unicode.");
        }
    }

    /// <summary>Adds the parameters of a form body or query string to a tree.</summary>
    /// <exception cref="ProblemException">A name is malformed or nested too deeply, there are too many, or they hold invalid UTF-8.</exception>
    public static void AddForm(ParameterNode.Map root, ReadOnlySpan<byte> form)
    {
        var count = 0;
        foreach (var range in form.Split((byte)'&'))
        {
            var pair = form[range];
            if (pair.IsEmpty) continue;
            if (++count > MaxCount) throw Malformed($"A request can have at most {MaxCount} parameters.");

            var equals = pair.IndexOf((byte)'=');
            var name = Decode(equals < 0 ? pair : pair[..equals]);
            var value = equals < 0 ? "" : Decode(pair[(equals + 1)..]);
            Add(root, name, new ParameterNode.Scalar(value, JsonValueKind.String));
        }
    }

    private static ParameterNode FromJson(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new ParameterNode.Map(Members(element)),
        JsonValueKind.Array => new ParameterNode.Items([.. element.EnumerateArray().Select(FromJson)]),
        JsonValueKind.String => new ParameterNode.Scalar(element.GetString()!, JsonValueKind.String),
        JsonValueKind.Null => new ParameterNode.Scalar("", JsonValueKind.Null),
        _ => new ParameterNode.Scalar(element.GetRawText(), element.ValueKind),
    };

    private static Dictionary<string, ParameterNode> Members(JsonElement element)
    {
        var members = new Dictionary<string, ParameterNode>();
        foreach (var member in element.EnumerateObject()) members[member.Name] = FromJson(member.Value);
        return members;
    }

    /// <summary>Puts a value at its place: <c>a</c>, <c>a[b]</c>, <c>a[0][b]</c>, <c>a[]</c>.</summary>
    private static void Add(ParameterNode.Map root, string name, ParameterNode.Scalar value)
    {
        var path = Split(name);
        var map = root;
        for (var i = 0; i < path.Count - 1; i++)
        {
            var key = path[i].Length > 0 ? path[i] : CurrentIndex(map, path[i + 1]);
            if (!map.Members.TryGetValue(key, out var child)) map.Members[key] = child = new ParameterNode.Map([]);
            map = child as ParameterNode.Map ?? throw Malformed($"The parameter {path[0]} is given both as a value and as an object.", path[0]);
        }

        var last = path[^1].Length > 0 ? path[^1] : Index(map.Members.Count);
        if (map.Members.GetValueOrDefault(last) is ParameterNode.Map)
            throw Malformed($"The parameter {path[0]} is given both as a value and as an object.", path[0]);
        map.Members[last] = value;
    }

    /// <summary>For <c>items[][price]</c>: the item that is being written, until a name comes again.</summary>
    private static string CurrentIndex(ParameterNode.Map map, string next)
    {
        var last = map.Members.Count - 1;
        return last >= 0 && map.Members.GetValueOrDefault(Index(last)) is ParameterNode.Map item && !item.Members.ContainsKey(next)
            ? Index(last)
            : Index(last + 1);
    }

    private static string Index(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static List<string> Split(string name)
    {
        var open = name.IndexOf('[', StringComparison.Ordinal);
        if (open < 0 && name.Length > 0) return [name];
        if (open <= 0 || !name.EndsWith(']')) throw Malformed($"The parameter name '{Short(name)}' is malformed: write a[b] for parts.");

        var parts = new List<string> { name[..open] };
        parts.AddRange(name[(open + 1)..^1].Split("]["));
        if (parts.Count > MaxDepth) throw Malformed($"The parameter {Short(parts[0])} is nested more than {MaxDepth} deep.", Short(parts[0]));
        return parts.Any(part => part.Contains('[', StringComparison.Ordinal) || part.Contains(']', StringComparison.Ordinal))
            ? throw Malformed($"The parameter name '{Short(name)}' is malformed: write a[b] for parts.")
            : parts;
    }

    private static string Decode(ReadOnlySpan<byte> encoded)
    {
        var bytes = new byte[encoded.Length];
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            var b = encoded[i];
            if (b == '+')
            {
                b = (byte)' ';
            }
            else if (b == '%' && i + 2 < encoded.Length && byte.TryParse(encoded.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex))
            {
                b = hex;
                i += 2;
            }

            bytes[length++] = b;
        }

        try
        {
            return StrictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("The request's parameters are no valid UTF-8.");
        }
    }

    private static string Short(string name) => name.Length <= 100 ? name : name[..100] + "…";

    private static ProblemException Malformed(string message, string? param = null) => new(Problem.Invalid(message, param));
}
