using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace PaymentSim.Core.Storage.Sqlite;

/// <summary>A connection that keeps each statement that was prepared on it, until it is closed. Used by one thread at a time.</summary>
internal sealed class PreparedConnection(string connectionString) : SqliteConnection(connectionString)
{
    /// <summary>Far more than the program has; a list of ids of each length is a text of its own.</summary>
    private const int MostStatements = 500;

    private readonly Dictionary<string, SqliteStatement> _statements = [];
    private readonly Stack<PreparedCommand> _idle = [];

    /// <summary>
    /// The same for every connection and every file: Dapper compiles each statement's reader and parameters once per connection string, and the writer,
    /// the readers and other simulators of this process share them.
    /// </summary>
    [AllowNull]
    public override string ConnectionString
    {
        get => "PaymentSim";
        set => base.ConnectionString = value;
    }

    /// <summary>False also where an error, such as a full disk, made SQLite roll the transaction back by itself.</summary>
    public bool IsInTransaction => SQLitePCL.raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>The statement of this text, ready for its first parameter, and the caller's until it has run to its end.</summary>
    /// <exception cref="ArgumentException">The text holds more than one statement.</exception>
    /// <exception cref="SqliteException">The text is not SQL that this database understands.</exception>
    public SqliteStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            if (_statements.Count >= MostStatements) Forget();
            _statements[sql] = statement = new SqliteStatement(this, sql);
        }

        statement.Begin();
        return statement;
    }

    public override void Close()
    {
        Forget();
        base.Close();
    }

    /// <summary>A command that its user has disposed.</summary>
    public void TakeBack(PreparedCommand command)
    {
        command.IsIdle = true;
        _idle.Push(command);
    }

    /// <summary>What Dapper runs here is prepared, too.</summary>
    protected override DbCommand CreateDbCommand()
    {
        if (!_idle.TryPop(out var command)) return new PreparedCommand(this);
        command.IsIdle = false;
        return command;
    }

    /// <summary>A connection with statements left on it would keep the file open.</summary>
    private void Forget()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _statements.Clear();
    }
}
