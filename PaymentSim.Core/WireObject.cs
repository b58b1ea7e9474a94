using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PaymentSim.Core;

/// <summary>
/// An object of the wire that stands in several places at once: in the answer, in its event, under an idempotency key. It is the same text in all of
/// them, so it is serialised once (by <see cref="CoreJson.WriteObjectsOnce"/>): that would otherwise be a sixth of what a charge costs.
/// </summary>
public abstract record WireObject
{
    /// <summary>In bytes: what a charge takes, with room for what a merchant says of it.</summary>
    private const int UsualSize = 3 * 1024;

    private ArrayBufferWriter<byte>? _json;

    protected WireObject()
    {
    }

    /// <summary>A changed copy is another text.</summary>
    protected WireObject(WireObject original)
    {
        // So nothing is taken over.
    }

    /// <summary>What was written already plays no part in what the object is.</summary>
    public virtual bool Equals(WireObject? other) => other is not null && EqualityContract == other.EqualityContract;

    public override int GetHashCode() => EqualityContract.GetHashCode();

    /// <summary>The text, as UTF-8.</summary>
    public ReadOnlyMemory<byte> ToJson() => (_json ??= Write()).WrittenMemory;

    /// <summary>Writes the object by <see cref="CoreJson.ObjectRules"/>, or in a quicker way that comes to the same.</summary>
    private protected virtual void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, GetType(), CoreJson.ObjectRules);

    private ArrayBufferWriter<byte> Write()
    {
        var text = new ArrayBufferWriter<byte>(UsualSize);
        using (var writer = new Utf8JsonWriter(text, CoreJson.WriterRules)) Write(writer);
        return text;
    }

    /// <summary>Writes and reads objects by rules of its own, and keeps what it wrote.</summary>
    internal sealed class Converter : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => typeToConvert.IsSubclassOf(typeof(WireObject));

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert))!;

        private sealed class Of<T> : JsonConverter<T>
            where T : WireObject
        {
            public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
                JsonSerializer.Deserialize<T>(ref reader, CoreJson.ObjectRules);

            public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
                writer.WriteRawValue(value.ToJson().Span, skipInputValidation: true);
        }
    }
}
