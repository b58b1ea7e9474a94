using System.Text.Json;
using System.Text.Json.Serialization;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.Tokens;

namespace PaymentSim.Core.Customers;

/// <summary>What a customer has saved as a source, as the wire shows it: a card or a bank account.</summary>
[JsonConverter(typeof(Converter))]
public abstract record CustomerSource
{
    [Expandable(typeof(CustomerObject))]
    public string? Customer { get; init; }

    /// <summary>Each kind is written whole, and known again by its <c>object</c>.</summary>
    internal sealed class Converter : JsonConverter<CustomerSource>
    {
        public override CustomerSource? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.GetProperty("object").ValueEquals("card")
                ? document.Deserialize<SourceObject>(options)
                : document.Deserialize<BankAccountObject>(options);
        }

        public override void Write(Utf8JsonWriter writer, CustomerSource value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, value.GetType(), options);
    }
}
