using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PaymentSim.Core.Expansion;

/// <summary>A type of the wire's objects as paths go through it: its fields by the names that the wire has for them.</summary>
internal sealed class WireType
{
    private static readonly ConcurrentDictionary<Type, WireType> Known = new();

    private readonly Dictionary<string, Field> _fields;

    private WireType(Type type) => _fields = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition != JsonIgnoreCondition.Always)
        .Select(property => new Field(
            property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name),
            property.GetCustomAttribute<ExpandableAttribute>(),
            Part(property.PropertyType)))
        .ToDictionary(field => field.Name);

    public static WireType Of(Type type) => Known.GetOrAdd(type, static of => new WireType(of));

    public Field? Find(string name) => _fields.GetValueOrDefault(name);

    /// <summary>The record that a field holds, or a list of; null for plain values.</summary>
    private static Type? Part(Type type)
    {
        var item = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : type;
        return item.IsClass && item.Assembly == typeof(WireType).Assembly ? item : null;
    }

    /// <param name="Expandable">Null where it cannot be expanded itself.</param>
    /// <param name="Part">The type of the object that it holds as it is, or of its list's items.</param>
    public sealed record Field(string Name, ExpandableAttribute? Expandable, Type? Part)
    {
        /// <summary>All types that a path can go on with behind this field.</summary>
        public IEnumerable<Type> Next => Part is null ? Expandable?.Kinds ?? [] : [Part, .. Expandable?.Kinds ?? []];
    }
}
