using Microsoft.Data.Sqlite;

namespace PaymentSim.Core.Storage.Sqlite;

/// <summary>A connection that keeps each statement that was prepared on it, until it is closed. Used by one thread at a time.</summary>
internal sealed class PreparedConnection(string connectionString) : SqliteConnection(connectionString)
{
    private readonly Dictionary<string, SqliteStatement> _statements = [];

    /// <summary>False also where an error, such as a full disk, made SQLite roll the transaction back by itself.</summary>
    public bool IsInTransaction => SQLitePCL.raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>The statement of this text, ready for its first parameter.</summary>
    /// <param name="sql">A constant: each different text is kept.</param>
    /// <exception cref="SqliteException">The text is not SQL that this database understands.</exception>
    public SqliteStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement)) _statements[sql] = statement = new SqliteStatement(this, sql);
        statement.Begin();
        return statement;
    }

    public override void Close()
    {
        // A connection with statements left on it would keep the file open.
        foreach (var statement in _statements.Values) statement.Dispose();
        _statements.Clear();
        base.Close();
    }
}
