using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PaymentSim.Core.Storage.Sqlite;

/// <summary>
/// A prepared statement without the layers of ADO.NET, for what runs thousands of times a second: get it from
/// <see cref="PreparedConnection.Prepare"/>, bind all its parameters in their order, and run it.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int StackBytes = 1024;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private string[]? _parameterNames;
    private (string Name, Type Type)[]? _columns;
    private int _bound;

    /// <exception cref="ArgumentException">The text holds more than one statement.</exception>
    /// <exception cref="SqliteException">The text is not SQL that this database understands.</exception>
    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement, out var rest));
        if (!string.IsNullOrWhiteSpace(rest)) throw new ArgumentException($"Only the first statement would run: {rest} would not.", nameof(sql));
    }

    /// <summary>The names of its parameters in their order, without the <c>@</c>.</summary>
    public string[] ParameterNames => _parameterNames ??=
        [.. Enumerable.Range(1, raw.sqlite3_bind_parameter_count(_statement)).Select(i => raw.sqlite3_bind_parameter_name(_statement, i).utf8_to_string()[1..])];

    /// <summary>Its columns, with the types that tables declare for them; the type of a computed one is not known before there is a row.</summary>
    public (string Name, Type Type)[] Columns => _columns ??=
        [.. Enumerable.Range(0, raw.sqlite3_column_count(_statement)).Select(i => (raw.sqlite3_column_name(_statement, i).utf8_to_string(), TypeOf(i)))];

    /// <summary>The next parameter is the first, also where an earlier use was broken off between its parameters.</summary>
    public void Begin() => _bound = 0;

    public SqliteStatement Bind(long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, ++_bound, value));
        return this;
    }

    public SqliteStatement Bind(long? value)
    {
        Check(value is { } number ? raw.sqlite3_bind_int64(_statement, ++_bound, number) : raw.sqlite3_bind_null(_statement, ++_bound));
        return this;
    }

    public SqliteStatement Bind(double value)
    {
        Check(raw.sqlite3_bind_double(_statement, ++_bound, value));
        return this;
    }

    public SqliteStatement Bind(string? value)
    {
        if (value is null)
        {
            Check(raw.sqlite3_bind_null(_statement, ++_bound));
            return this;
        }

        var size = Encoding.UTF8.GetMaxByteCount(value.Length);
        var rented = size > StackBytes ? ArrayPool<byte>.Shared.Rent(size) : null;
        var bytes = rented ?? stackalloc byte[StackBytes];
        Check(raw.sqlite3_bind_text(_statement, ++_bound, bytes[..Encoding.UTF8.GetBytes(value, bytes)]));
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return this;
    }

    /// <summary>A text of which there are the bytes.</summary>
    public SqliteStatement BindUtf8(ReadOnlySpan<byte> text)
    {
        Check(raw.sqlite3_bind_text(_statement, ++_bound, text));
        return this;
    }

    public SqliteStatement Bind(StoredText text)
    {
        text.BindTo(this);
        return this;
    }

    /// <summary>Binds a value of any type that the database stores.</summary>
    /// <exception cref="NotSupportedException">It stores none of this type.</exception>
    public SqliteStatement Bind(object? value) => value switch
    {
        null or DBNull => Bind((string?)null),
        string text => Bind(text),
        StoredText text => Bind(text),
        long number => Bind(number),
        int number => Bind((long)number),
        bool truth => Bind(truth ? 1L : 0L),
        double number => Bind(number),
        _ => throw new NotSupportedException($"The database stores no {value.GetType().Name}."),
    };

    /// <summary>Runs it, and answers how many rows it changed.</summary>
    public int Execute()
    {
        try
        {
            while (Step())
            {
                // Rows that nobody reads.
            }

            return raw.sqlite3_changes(_database);
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Runs it, and reads each row.</summary>
    public List<T> Query<T>(Func<SqliteStatement, T> read)
    {
        try
        {
            var rows = new List<T>();
            while (Step()) rows.Add(read(this));
            return rows;
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Runs it, and reads the first row; without rows: the default.</summary>
    public T? First<T>(Func<SqliteStatement, T> read)
    {
        try
        {
            return Step() ? read(this) : default;
        }
        finally
        {
            Reset();
        }
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    public double Double(int column) => raw.sqlite3_column_double(_statement, column);

    /// <summary>The text as it was bound, zeros in it included.</summary>
    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(_statement, column));

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>The column's value in the type that it is stored in; null where it is NULL.</summary>
    public object? Value(int column) => raw.sqlite3_column_type(_statement, column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => Int64(column),
        raw.SQLITE_FLOAT => Double(column),
        _ => Text(column),
    };

    public void Dispose() => _statement.Dispose();

    /// <summary>Goes to the next row, if there is one. Whoever steps resets.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW) return true;
        if (result != raw.SQLITE_DONE) Check(result);
        return false;
    }

    /// <summary>An open statement would hold its read transaction, and what was bound would stay in memory.</summary>
    public void Reset()
    {
        raw.sqlite3_reset(_statement);
        raw.sqlite3_clear_bindings(_statement);
    }

    private Type TypeOf(int column) => raw.sqlite3_column_decltype(_statement, column).utf8_to_string()?.ToUpperInvariant() switch
    {
        "TEXT" => typeof(string),
        "BIGINT" or "INTEGER" or "BOOLEAN" => typeof(long),
        "REAL" => typeof(double),
        _ => typeof(object),
    };

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(result, _database);
    }
}
