using System.Text.Json;
using System.Text.Json.Serialization;
using MediatR;

namespace PaymentSim.Core.Pipeline;

/// <summary>
/// Before the transaction: what a request under an idempotency key is recognised by. That takes longer than all of its writes, and every other
/// request would wait for it inside.
/// </summary>
internal sealed class FingerprintBehavior<TRequest, TResponse>(RequestContext context, IdempotencyRecords records) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ICommand<TResponse>
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        if (context.IdempotencyKey is not null) context.Fingerprint = records.FingerprintOf(request);
        return next();
    }
}

/// <summary>JSON in which equal requests are equal texts: the members that a client names stand in one order.</summary>
internal static class CanonicalJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions();
        CoreJson.Configure(options);
        options.Converters.Add(new SortedMap());
        options.Converters.Add(new SortedElement());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class SortedMap : WriteOnly<IReadOnlyDictionary<string, string>>
    {
        public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var (name, text) in value.OrderBy(member => member.Key, StringComparer.Ordinal)) writer.WriteString(name, text);
            writer.WriteEndObject();
        }
    }

    private sealed class SortedElement : WriteOnly<JsonElement>
    {
        public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    writer.WriteStartObject();
                    foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                    {
                        writer.WritePropertyName(member.Name);
                        Write(writer, member.Value, options);
                    }

                    writer.WriteEndObject();
                    break;
                case JsonValueKind.Array:
                    writer.WriteStartArray();
                    foreach (var item in value.EnumerateArray()) Write(writer, item, options);
                    writer.WriteEndArray();
                    break;
                default:
                    value.WriteTo(writer);
                    break;
            }
        }
    }

    private abstract class WriteOnly<T> : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("A fingerprint is never read back.");
    }
}
