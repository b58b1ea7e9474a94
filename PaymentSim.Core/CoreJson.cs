using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PaymentSim.Core;

/// <summary>The one way in which Core's objects become JSON, on the wire and in the database: snake case, nulls written out.</summary>
public static class CoreJson
{
    /// <summary>The same, by which an object is written that is not written once: <see cref="WireObject"/>'s own.</summary>
    internal static readonly JsonSerializerOptions ObjectRules = Create(Configure);

    /// <summary>Of writers for a serialiser that gives no writer its rules itself.</summary>
    internal static readonly JsonWriterOptions WriterRules = new() { Encoder = ObjectRules.Encoder, SkipValidation = true };

    public static JsonSerializerOptions Options { get; } = Create(options =>
    {
        Configure(options);
        WriteObjectsOnce(options);
    });

    /// <summary>Applies these rules to a face's own options.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DictionaryKeyPolicy = null;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
    }

    /// <summary>Has objects that stand in several places serialised for the first of them only: beside <see cref="Configure"/>, where answers are written.</summary>
    public static void WriteObjectsOnce(JsonSerializerOptions options) => options.Converters.Add(new WireObject.Converter());

    /// <summary>An enum value as the wire and the database spell it: <c>requires_action</c>.</summary>
    public static string Wire<TEnum>(this TEnum value)
        where TEnum : struct, Enum => WireNames<TEnum>.Of[value];

    /// <summary>The enum value that the wire and the database spell so.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static TEnum FromWire<TEnum>(string name)
        where TEnum : struct, Enum => WireNames<TEnum>.ByName[name];

    private static JsonSerializerOptions Create(Action<JsonSerializerOptions> configure)
    {
        var options = new JsonSerializerOptions();
        configure(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private static class WireNames<TEnum>
        where TEnum : struct, Enum
    {
        public static readonly Dictionary<TEnum, string> Of = Enum.GetValues<TEnum>()
            .ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        public static readonly Dictionary<string, TEnum> ByName = Of.ToDictionary(pair => pair.Value, pair => pair.Key);
    }
}
