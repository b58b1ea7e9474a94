using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace PaymentSim.Core.Storage.Sqlite;

/// <summary>
/// A command over a statement that its connection keeps prepared: what Dapper runs again and again is parsed and planned once. The text is one
/// statement; transactions are the writer's, so a command has none.
/// </summary>
internal sealed class PreparedCommand(PreparedConnection connection) : DbCommand
{
    private readonly PreparedParameters _parameters = [];

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

    protected override DbParameter CreateDbParameter() => new PreparedParameter();

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => new PreparedReader(Bound());

    private SqliteStatement Bound()
    {
        var statement = connection.Prepare(CommandText);
        foreach (var name in statement.ParameterNames) statement.Bind(_parameters.ValueOf(name));
        return statement;
    }
}
