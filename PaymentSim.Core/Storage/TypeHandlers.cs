using System.Data;
using System.Text.Json;
using Dapper;

namespace PaymentSim.Core.Storage;

/// <summary>How values that databases do not have are stored, alike on every engine: times as unix milliseconds, JSON as text.</summary>
internal static class TypeHandlers
{
    public static void Register()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
        SqlMapper.AddTypeHandler(new UnixMilliseconds());
        SqlMapper.AddTypeHandler(new StoredText.Handler());
        AddJson<IReadOnlyDictionary<string, string>>();
        AddJson<IReadOnlyList<string>>();
    }

    /// <summary>Stores values of this type as JSON text; each feature registers its own.</summary>
    /// <param name="write">A quicker way to write them that comes to the same.</param>
    public static void AddJson<T>(Action<Utf8JsonWriter, T>? write = null)
        where T : class => SqlMapper.AddTypeHandler(new Json<T>(write));

    private sealed class UnixMilliseconds : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(value, null));

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value)
        {
            parameter.DbType = DbType.Int64;
            parameter.Value = value.ToUnixTimeMilliseconds();
        }
    }

    private sealed class Json<T>(Action<Utf8JsonWriter, T>? write) : SqlMapper.TypeHandler<T>
        where T : class
    {
        public override T? Parse(object value) => JsonSerializer.Deserialize<T>((string)value, CoreJson.Options);

        public override void SetValue(IDbDataParameter parameter, T? value) => StoredText.Handler.Set(parameter, value is null ? null : StoredText.Json(value, write));
    }
}
