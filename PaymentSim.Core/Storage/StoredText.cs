using System.Buffers;
using System.Data;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using PaymentSim.Core.Storage.Sqlite;

namespace PaymentSim.Core.Storage;

/// <summary>
/// A parameter for a column of text that is written when its statement takes it. SQLite takes UTF-8, so that there is no string in between, and no memory for
/// one: JSON is most of what a charge stores.
/// </summary>
internal abstract class StoredText
{
    /// <summary>The buffer of one thread is kept up to here.</summary>
    private const int MostKept = 64 * 1024;

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? _scratch;

    /// <summary>A value as JSON, by the rules of <see cref="CoreJson.Options"/>.</summary>
    /// <param name="value">What is stored.</param>
    /// <param name="write">A quicker way that comes to the same; null: there is none.</param>
    public static StoredText Json<T>(T value, Action<Utf8JsonWriter, T>? write = null) => new JsonOf<T>(value, write ?? JsonOf<T>.ByRules);

    public static StoredText Of(string text) => new Given(text);

    /// <summary>The text as a string.</summary>
    public abstract override string ToString();

    /// <summary>Gives the text to a statement as UTF-8; it has gone by when this returns.</summary>
    public abstract void BindTo(SqliteStatement statement);

    private sealed class Given(string text) : StoredText
    {
        public override string ToString() => text;

        public override void BindTo(SqliteStatement statement) => statement.Bind(text);
    }

    private sealed class JsonOf<T>(T value, Action<Utf8JsonWriter, T> write) : StoredText
    {
        private static readonly JsonTypeInfo<T> Rules = (JsonTypeInfo<T>)CoreJson.Options.GetTypeInfo(typeof(T));

        public static readonly Action<Utf8JsonWriter, T> ByRules = (writer, value) => JsonSerializer.Serialize(writer, value, Rules);

        public override string ToString()
        {
            var (buffer, writer) = New();
            using (writer) write(writer, value);
            return Encoding.UTF8.GetString(buffer.WrittenSpan);
        }

        public override void BindTo(SqliteStatement statement)
        {
            // Not there while it is in use: what a failure leaves half-written is nobody's any more.
            var (buffer, writer) = _scratch ?? New();
            _scratch = null;
            write(writer, value);
            writer.Flush();
            statement.BindUtf8(buffer.WrittenSpan);
            if (buffer.Capacity > MostKept) return;
            buffer.ResetWrittenCount();
            writer.Reset();
            _scratch = (buffer, writer);
        }

        private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer) New()
        {
            var buffer = new ArrayBufferWriter<byte>(4096);
            return (buffer, new Utf8JsonWriter(buffer, CoreJson.WriterRules));
        }
    }

    /// <summary>How Dapper gives it to each engine.</summary>
    internal sealed class Handler : SqlMapper.TypeHandler<StoredText>
    {
        public override StoredText Parse(object value) => throw new NotSupportedException("Texts are read as what they are.");

        public override void SetValue(IDbDataParameter parameter, StoredText? value) => Set(parameter, value);

        public static void Set(IDbDataParameter parameter, StoredText? value)
        {
            parameter.DbType = DbType.String;
            parameter.Value = value is null ? DBNull.Value : parameter is PreparedParameter ? value : value.ToString();
        }
    }
}
