using System.Data.Common;
using PaymentSim.Core.Storage.Sqlite;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Storage;

/// <summary>Commands that their users have disposed are used again, and nothing of the former use is left in them.</summary>
public sealed class PreparedCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DbConnection _connection;

    public PreparedCommandTests()
    {
        _connection = new PreparedConnection($"Data Source={_folder.File("commands.db")};Pooling=false");
        _connection.Open();
    }

    public void Dispose()
    {
        _connection.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_command_is_as_new_when_it_is_used_again()
    {
        var first = Command("SELECT @a || @b", ("@a", "x"), ("@b", "y"));
        first.ExecuteScalar().ShouldBe("xy");
        first.Dispose();

        using var second = _connection.CreateCommand();

        second.ShouldBeSameAs(first);
        (second.CommandText, second.Parameters.Count).ShouldBe(("", 0));
        second.CommandText = "SELECT @b";
        Should.Throw<InvalidOperationException>(() => second.ExecuteScalar()).Message.ShouldContain("@b");
        Add(second, "@b", null);
        second.ExecuteScalar().ShouldBeNull();
    }

    [Fact]
    public void A_command_that_is_disposed_twice_has_one_next_user()
    {
        var command = _connection.CreateCommand();
        command.Dispose();
        command.Dispose();

        using var one = _connection.CreateCommand();
        using var two = _connection.CreateCommand();

        two.ShouldNotBeSameAs(one);
    }

    [Fact]
    public void Rows_are_read_on_while_others_use_what_the_command_gave_back()
    {
        var command = Command("SELECT value FROM json_each(@values)", ("@values", "[1,2,3]"));
        using var reader = command.ExecuteReader();
        command.Dispose();
        using var other = Command("SELECT @values", ("@values", "other"));

        reader.Read().ShouldBeTrue();
        other.ExecuteScalar().ShouldBe("other");
        reader.Read().ShouldBeTrue();
        reader.GetInt64(0).ShouldBe(2);
    }

    private DbCommand Command(string sql, params (string Name, object? Value)[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters) Add(command, name, value);
        return command;
    }

    private static void Add(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        // As Dapper names them.
        (parameter.ParameterName, parameter.Value) = (name.TrimStart('@'), value);
        command.Parameters.Add(parameter);
    }
}
