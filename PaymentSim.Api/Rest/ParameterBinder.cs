using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using PaymentSim.Core;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Api.Rest;

/// <summary>
/// Builds any request of Core from a tree of parameters: its public properties, in snake case, are the parameters. What is unknown or
/// of a wrong type is refused by name.
/// </summary>
internal static class ParameterBinder
{
    private static readonly ConcurrentDictionary<Type, Shape> Shapes = new();

    /// <param name="type">A record of Core.</param>
    /// <param name="parameters">What the client sent.</param>
    /// <param name="fixedValues">Values that the route decides (<c>id</c>); the client cannot give them as parameters.</param>
    /// <exception cref="ProblemException">A parameter is unknown or has the wrong type.</exception>
    public static object Bind(Type type, ParameterNode.Map parameters, IReadOnlyDictionary<string, string> fixedValues) =>
        Bind(type, parameters, fixedValues, path: "");

    private static object Bind(Type type, ParameterNode.Map parameters, IReadOnlyDictionary<string, string> fixedValues, string path)
    {
        var shape = Shapes.GetOrAdd(type, static t => new Shape(t));
        var target = shape.Create(fixedValues);
        foreach (var (name, node) in parameters.Members)
        {
            var full = path.Length == 0 ? name : $"{path}[{name}]";
            if (!shape.Properties.TryGetValue(name, out var property) || (path.Length == 0 && fixedValues.ContainsKey(name)))
                throw new ProblemException(Problem.Invalid($"Received unknown parameter: {full}", full, ProblemCode.ParameterUnknown));
            property.SetValue(target, Convert(property.PropertyType, node, full));
        }

        return target;
    }

    private static object? Convert(Type type, ParameterNode node, string name)
    {
        if (type == typeof(string)) return Text(node, name);
        if (type == typeof(long?)) return Integer(node, name);
        if (type == typeof(bool?)) return Boolean(node, name);
        if (type == typeof(double?)) return Number(node, name);
        if (type == typeof(JsonElement?)) return JsonSerializer.SerializeToElement(Free(node, name));
        if (type == typeof(IReadOnlyList<string>)) return Strings(node, name);
        if (type == typeof(IReadOnlyList<long>)) return Integers(node, name);
        if (type == typeof(IReadOnlyDictionary<string, string>)) return Dictionary(node, name);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return Objects(type.GetGenericArguments()[0], node, name);
        return Object(type, node, name);
    }

    /// <summary>Null and the empty string both unset a text.</summary>
    private static string Text(ParameterNode node, string name)
    {
        if (node is not ParameterNode.Scalar { Kind: JsonValueKind.String or JsonValueKind.Null } scalar)
            throw new ProblemException(Problem.Invalid($"Invalid string: {name} must be a text.", name));
        return scalar.Text.Contains('\0', StringComparison.Ordinal)
            ? throw new ProblemException(Problem.Invalid($"Invalid string: {name} holds a NUL character.", name, ProblemCode.ParameterInvalidString))
            : scalar.Text;
    }

    private static long? Integer(ParameterNode node, string name)
    {
        if (node is not ParameterNode.Scalar scalar) throw Invalid("an object");
        if (scalar.Kind == JsonValueKind.Null) return null;
        if (scalar.Text.Length == 0)
        {
            throw new ProblemException(Problem.Invalid(
                $"You passed an empty string for '{name}', which cannot be unset.", name, ProblemCode.ParameterInvalidEmpty));
        }

        return scalar.Kind is JsonValueKind.Number or JsonValueKind.String
            && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw Invalid(scalar.Text.Length <= 40 ? scalar.Text : scalar.Text[..40] + "…");

        ProblemException Invalid(string given) => new(Problem.Invalid($"Invalid integer: {given}", name, ProblemCode.ParameterInvalidInteger));
    }

    /// <summary>A number with or without decimals, for what is no money.</summary>
    private static double? Number(ParameterNode node, string name)
    {
        if (node is ParameterNode.Scalar { Kind: JsonValueKind.Null }) return null;
        return node is ParameterNode.Scalar { Kind: JsonValueKind.Number or JsonValueKind.String } scalar
            && double.TryParse(scalar.Text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value)
                ? value
                : throw new ProblemException(Problem.Invalid($"Invalid number: {name} must be a number such as 0.5.", name));
    }

    private static bool? Boolean(ParameterNode node, string name) => node switch
    {
        ParameterNode.Scalar { Kind: JsonValueKind.Null } => null,
        ParameterNode.Scalar { Kind: JsonValueKind.True } or ParameterNode.Scalar { Kind: JsonValueKind.String, Text: "true" } => true,
        ParameterNode.Scalar { Kind: JsonValueKind.False } or ParameterNode.Scalar { Kind: JsonValueKind.String, Text: "false" } => false,
        _ => throw new ProblemException(Problem.Invalid($"Invalid boolean: {name} must be true or false.", name)),
    };

    private static string[] Strings(ParameterNode node, string name) => [.. Items(node, name, "texts").Select((item, i) => Text(item, $"{name}[{i}]"))];

    private static long[] Integers(ParameterNode node, string name) => [.. Items(node, name, "integers").Select((item, i) => Integer(item, $"{name}[{i}]")
        ?? throw new ProblemException(Problem.Invalid("Invalid integer: null", $"{name}[{i}]", ProblemCode.ParameterInvalidInteger)))];

    private static IReadOnlyList<ParameterNode> Items(ParameterNode node, string name, string what) => node switch
    {
        ParameterNode.Items list => list.Nodes,
        ParameterNode.Map map when map.AsList() is { } list => list,
        ParameterNode.Scalar { Text: "" } => [],
        _ => throw new ProblemException(Problem.Invalid($"Invalid array: {name} must be a list of {what}.", name)),
    };

    private static Array Objects(Type type, ParameterNode node, string name)
    {
        var items = Items(node, name, "objects");
        var objects = Array.CreateInstance(type, items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var item = Object(type, items[i], $"{name}[{i}]")
                ?? throw new ProblemException(Problem.Invalid($"Invalid object: {name}[{i}] must have named parts.", $"{name}[{i}]"));
            objects.SetValue(item, i);
        }

        return objects;
    }

    private static Dictionary<string, string> Dictionary(ParameterNode node, string name)
    {
        var members = node switch
        {
            ParameterNode.Map map => map.Members,
            ParameterNode.Scalar { Text: "", Kind: JsonValueKind.String or JsonValueKind.Null } => [],
            _ => throw new ProblemException(Problem.Invalid($"Invalid object: {name} must be a map of texts.", name)),
        };
        return members.ToDictionary(member => Text(new ParameterNode.Scalar(member.Key, JsonValueKind.String), name), member => Value(member.Key, member.Value));

        // Numbers and booleans in a map are kept as they are written.
        string Value(string key, ParameterNode value) => value is ParameterNode.Scalar { Kind: not JsonValueKind.String } scalar
            ? scalar.Text
            : Text(value, $"{name}[{key}]");
    }

    private static object? Object(Type type, ParameterNode node, string name)
    {
        var shape = Shapes.GetOrAdd(type, static t => new Shape(t));
        return node switch
        {
            ParameterNode.Map map => Bind(type, map, new Dictionary<string, string>(), name),
            ParameterNode.Scalar { Kind: JsonValueKind.Null } => null,
            ParameterNode.Scalar when shape.FromString is { } create => create.Invoke(null, [Text(node, name)]),
            ParameterNode.Scalar when shape.FromNumber is { } create => create.Invoke(null, [Integer(node, name)!.Value]),
            ParameterNode.Scalar { Text: "" } => null,
            _ => throw new ProblemException(Problem.Invalid($"Invalid object: {name} must have named parts.", name)),
        };
    }

    private static JsonNode? Free(ParameterNode node, string name) => node switch
    {
        ParameterNode.Map { Members.Count: > 0 } map when map.AsList() is { } list => new JsonArray([.. list.Select(item => Free(item, name))]),
        ParameterNode.Map map => new JsonObject(map.Members.Select(member => KeyValuePair.Create(member.Key, Free(member.Value, $"{name}[{member.Key}]")))),
        ParameterNode.Items list => new JsonArray([.. list.Nodes.Select(item => Free(item, name))]),
        ParameterNode.Scalar { Kind: JsonValueKind.String } => JsonValue.Create(Text(node, name)),
        ParameterNode.Scalar scalar => JsonNode.Parse(scalar.Kind == JsonValueKind.Null ? "null" : scalar.Text),
        _ => throw new InvalidOperationException($"Unknown node {node.GetType()}."),
    };

    /// <summary>How to build a type: its constructor's parameters come from the route, its settable properties from the client.</summary>
    private sealed class Shape
    {
        private readonly ConstructorInfo _constructor;
        private readonly string[] _fixedNames;

        public Shape(Type type)
        {
            _constructor = type.GetConstructors().OrderByDescending(constructor => constructor.GetParameters().Length).First();
            _fixedNames = [.. _constructor.GetParameters().Select(parameter => ParameterName.Of(parameter.Name!))];
            Properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.SetMethod is { IsPublic: true })
                .ToDictionary(property => ParameterName.Of(property.Name));
            FromString = type.GetMethod("FromString", BindingFlags.Public | BindingFlags.Static);
            FromNumber = type.GetMethod("FromNumber", BindingFlags.Public | BindingFlags.Static);
        }

        public Dictionary<string, PropertyInfo> Properties { get; }

        public MethodInfo? FromString { get; }

        public MethodInfo? FromNumber { get; }

        public object Create(IReadOnlyDictionary<string, string> fixedValues) =>
            _constructor.Invoke(Array.ConvertAll(_fixedNames, name => (object?)fixedValues.GetValueOrDefault(name)));
    }
}
