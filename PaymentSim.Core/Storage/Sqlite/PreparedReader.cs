using System.Collections;
using System.Data.Common;
using System.Globalization;

namespace PaymentSim.Core.Storage.Sqlite;

/// <summary>The rows of a <see cref="PreparedCommand"/>. Its statement can be used again once it is closed.</summary>
internal sealed class PreparedReader : DbDataReader
{
    private readonly SqliteStatement _statement;
    private bool _atFirst;
    private bool _closed;

    public PreparedReader(SqliteStatement statement)
    {
        _statement = statement;
        // A statement that changes rows and returns none must do so without being read.
        try
        {
            _atFirst = HasRows = statement.Step();
        }
        catch
        {
            Close();
            throw;
        }
    }

    public override int Depth => 0;

    public override int FieldCount => _statement.Columns.Length;

    public override bool HasRows { get; }

    public override bool IsClosed => _closed;

    public override int RecordsAffected => -1;

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => GetValue(GetOrdinal(name));

    public override bool Read()
    {
        if (!_atFirst) return HasRows && _statement.Step();
        _atFirst = false;
        return true;
    }

    public override bool NextResult() => false;

    public override void Close()
    {
        if (_closed) return;
        _closed = true;
        _statement.Reset();
    }

    public override string GetName(int ordinal) => _statement.Columns[ordinal].Name;

    public override int GetOrdinal(string name)
    {
        var ordinal = Array.FindIndex(_statement.Columns, column => string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase));
        return ordinal >= 0 ? ordinal : throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such column.");
    }

    public override Type GetFieldType(int ordinal) => _statement.Columns[ordinal].Type;

    public override string GetDataTypeName(int ordinal) => GetFieldType(ordinal).Name;

    public override bool IsDBNull(int ordinal) => _statement.IsNull(ordinal);

    public override object GetValue(int ordinal) => _statement.Value(ordinal) ?? DBNull.Value;

    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, FieldCount);
        for (var i = 0; i < count; i++) values[i] = GetValue(i);
        return count;
    }

    public override long GetInt64(int ordinal) => _statement.Int64(ordinal);

    public override string GetString(int ordinal) => _statement.Text(ordinal);

    public override double GetDouble(int ordinal) => _statement.Double(ordinal);

    public override bool GetBoolean(int ordinal) => GetInt64(ordinal) != 0;

    public override byte GetByte(int ordinal) => checked((byte)GetInt64(ordinal));

    public override short GetInt16(int ordinal) => checked((short)GetInt64(ordinal));

    public override int GetInt32(int ordinal) => checked((int)GetInt64(ordinal));

    public override float GetFloat(int ordinal) => (float)GetDouble(ordinal);

    public override decimal GetDecimal(int ordinal) => Convert.ToDecimal(GetValue(ordinal), CultureInfo.InvariantCulture);

    public override char GetChar(int ordinal) => GetString(ordinal)[0];

    public override IEnumerator GetEnumerator() => new DbEnumerator(this);

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => throw NotStored("binary data");

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => throw NotStored("streams of text");

    public override DateTime GetDateTime(int ordinal) => throw NotStored("times other than unix milliseconds");

    public override Guid GetGuid(int ordinal) => throw NotStored("GUIDs");

    private static NotSupportedException NotStored(string what) => new($"The database holds no {what}.");
}
