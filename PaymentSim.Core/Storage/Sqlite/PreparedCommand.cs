using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace PaymentSim.Core.Storage.Sqlite;

/// <summary>
/// A command over a statement that its connection keeps prepared: what Dapper runs again and again is parsed and planned once. The text is one
/// statement; transactions are the writer's, so a command has none. It goes back to its connection when it is disposed, with its parameters, for whoever is next.
/// </summary>
internal sealed class PreparedCommand(PreparedConnection connection) : DbCommand
{
    private readonly PreparedParameters _parameters = [];

    /// <summary>It waits at its connection for whoever is next.</summary>
    public bool IsIdle { get; set; }

    [AllowNull]
    public override string CommandText { get; set; } = "";

    public override int CommandTimeout { get; set; }

    public override CommandType CommandType { get; set; } = CommandType.Text;

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection
    {
        get => connection;
        set => throw new NotSupportedException("A prepared command belongs to its connection.");
    }

    protected override DbParameterCollection DbParameterCollection => _parameters;

    protected override DbTransaction? DbTransaction { get; set; }

    public override int ExecuteNonQuery() => Bound().Execute();

    public override object? ExecuteScalar() => Bound().First(row => row.Value(0));

    public override void Prepare() => connection.Prepare(CommandText);

    /// <summary>A statement runs to its end within one call.</summary>
    public override void Cancel()
    {
    }

    protected override DbParameter CreateDbParameter() => _parameters.Spare();

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => new PreparedReader(Bound());

    protected override void Dispose(bool disposing)
    {
        if (!disposing || IsIdle) return;
        (CommandText, CommandType, DbTransaction) = ("", CommandType.Text, null);
        _parameters.Clear();
        connection.TakeBack(this);
    }

    private SqliteStatement Bound()
    {
        var statement = connection.Prepare(CommandText);
        foreach (var name in statement.ParameterNames) statement.Bind(_parameters.ValueOf(name));
        return statement;
    }
}
