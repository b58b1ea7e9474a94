using System.Runtime.CompilerServices;
using Dapper;
using Microsoft.Data.Sqlite;
using PaymentSim.Core.Storage;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Storage;

public sealed class MigratorTests : IDisposable
{
    private static readonly Migration One = new(1, "one", "CREATE TABLE a (x BIGINT);\nINSERT INTO a VALUES (1);");
    private static readonly Migration Two = new(2, "two", "INSERT INTO a VALUES (2)");

    private readonly TempFolder _folder = new();
    private readonly SqliteConnection _connection;

    public MigratorTests()
    {
        RuntimeHelpers.RunClassConstructor(typeof(Database).TypeHandle);
        _connection = Databases.OpenRaw(_folder);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_newer_program_applies_only_the_steps_that_are_new()
    {
        Migrate(One);
        Migrate(One, Two);
        Migrate(One, Two);

        _connection.Query<long>("SELECT x FROM a ORDER BY x").ShouldBe([1, 2]);
        _connection.Query<long>("SELECT version FROM schema_migrations ORDER BY version").ShouldBe([1, 2]);
        _connection.ExecuteScalar<long>("SELECT applied_at FROM schema_migrations WHERE version = 1").ShouldBe(ManualClock.Start.ToUnixTimeMilliseconds());
    }

    [Fact]
    public void A_step_that_fails_leaves_nothing_of_itself_and_can_be_made_good()
    {
        Should.Throw<SqliteException>(() => Migrate(One, Two with { Sql = "INSERT INTO a VALUES (3); INSERT INTO nowhere VALUES (1);" }));
        _connection.Query<long>("SELECT x FROM a").ShouldBe([1]);

        Migrate(One, Two);

        _connection.Query<long>("SELECT x FROM a ORDER BY x").ShouldBe([1, 2]);
    }

    [Fact]
    public void A_checkouts_line_ends_do_not_make_another_step() =>
        new Migration(1, "one", One.Sql.Replace("\n", "\r\n", StringComparison.Ordinal)).Checksum.ShouldBe(One.Checksum);

    [Fact]
    public void Any_other_change_makes_another_step()
    {
        Migrate(One);

        Should.Throw<StorageException>(() => Migrate(new Migration(1, "one", One.Sql + " "))).Message.ShouldContain("another build");
    }

    [Fact]
    public void The_embedded_steps_are_numbered_from_one_and_no_number_comes_twice()
    {
        var steps = Migration.Load("sqlite");

        steps.Count.ShouldBeGreaterThan(0);
        steps[0].Version.ShouldBe(1);
        steps.Select(step => step.Version).ShouldBeUnique();
        steps.ShouldAllBe(step => step.Sql.Length > 0 && step.Name.Length > 0);
    }

    private void Migrate(params Migration[] steps) => Migrator.Migrate(_connection, steps, "test.db", new ManualClock());
}
