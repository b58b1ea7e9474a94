using Dapper;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Storage.Sqlite;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Storage;

/// <summary>The file: who owns it, how it is set up, and which schemas are accepted.</summary>
public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_owner_is_refused_with_a_way_out_and_may_come_when_the_first_has_gone()
    {
        using (Databases.Open(_folder))
        {
            var refused = Should.Throw<StorageException>(() => Databases.Open(_folder));
            refused.Message.ShouldContain("Another PaymentSim already runs");
            refused.Message.ShouldContain("PaymentSim:DataDirectory");
            refused.Message.ShouldContain("PostgreSQL");
        }

        Databases.Open(_folder).Dispose();
    }

    [Fact]
    public void Two_data_directories_are_two_installations()
    {
        using var other = new TempFolder();
        using var first = Databases.Open(_folder);
        using var second = Databases.Open(other);

        (first.HasSingleOwner, second.HasSingleOwner).ShouldBe((true, true));
    }

    [Fact]
    public void The_data_directory_is_made_with_all_its_parents()
    {
        var options = new StorageOptions(Path.Combine(_folder.Path, "a", "b"));

        new SqliteDatabase(options, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<SqliteDatabase>.Instance).Dispose();

        File.Exists(options.DatabaseFile).ShouldBeTrue();
    }

    [Fact]
    public void A_data_directory_that_cannot_be_made_is_refused_by_name()
    {
        File.WriteAllText(_folder.File("file"), "");
        var options = new StorageOptions(_folder.File("file"));

        Should.Throw<StorageException>(() =>
                new SqliteDatabase(options, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<SqliteDatabase>.Instance))
            .Message.ShouldContain($"The data directory {options.DataDirectory} cannot be written");
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_given_free_again()
    {
        var file = new StorageOptions(_folder.Path).DatabaseFile;
        File.WriteAllText(file, string.Join('\n', Enumerable.Repeat("This is a letter.", 500)));

        Should.Throw<StorageException>(() => Databases.Open(_folder)).Message.ShouldContain(file);

        File.Delete(file);
        Databases.Open(_folder).Dispose();
    }

    // 2 is FULL for synchronous and INCREMENTAL for auto_vacuum in SQLite's list of pragmas; both count for the writing connection.
    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", "2")]
    [InlineData("auto_vacuum", "2")]
    [InlineData("busy_timeout", "5000")]
    [InlineData("wal_autocheckpoint", "0")]
    public async Task Commits_are_durable_and_the_file_can_shrink(string pragma, string value)
    {
        using (var database = Databases.Open(_folder))
            (await database.WriteAsync(() => database.FirstOrDefaultAsync<string>($"PRAGMA {pragma}"))).ShouldBe(value);

        using var reopened = Databases.Open(_folder);
        (await reopened.WriteAsync(() => reopened.FirstOrDefaultAsync<string>($"PRAGMA {pragma}"))).ShouldBe(value);
    }

    [Fact]
    public async Task The_log_is_copied_into_the_file_while_writes_go_on_and_begins_anew()
    {
        const int Written = 400;
        var megabyte = new string('x', 1024 * 1024);
        using var database = Databases.Open(_folder);
        await database.WriteAsync(() => database.ExecuteAsync("CREATE TABLE things (text TEXT NOT NULL)"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            for (var i = 0; i < Written / 4; i++) await database.WriteAsync(() => database.ExecuteAsync("INSERT INTO things VALUES (@megabyte)", new { megabyte }));
        }));

        var file = new StorageOptions(_folder.Path).DatabaseFile;
        new FileInfo(file + "-wal").Length.ShouldBeLessThan(200L * megabyte.Length);
        (await database.FirstOrDefaultAsync<long>("SELECT SUM(LENGTH(text)) FROM things")).ShouldBe((long)Written * megabyte.Length);
    }

    [Fact]
    public async Task What_was_committed_is_there_after_reopening()
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_123);
        using (var database = Databases.Open(_folder))
        {
            await database.WriteAsync(() => database.ExecuteAsync(
                "INSERT INTO merchants (id, name, created_at) VALUES ('acct_1', 'Žofie 💳', @time)", new { time }));
        }

        using var reopened = Databases.Open(_folder);
        (await reopened.FirstOrDefaultAsync<string>("SELECT name FROM merchants")).ShouldBe("Žofie 💳");
        (await reopened.FirstOrDefaultAsync<DateTimeOffset>("SELECT created_at FROM merchants")).ShouldBe(time);
    }

    [Fact]
    public async Task Closing_the_last_connection_leaves_one_file_of_data()
    {
        using (var database = Databases.Open(_folder))
        {
            await database.WriteAsync(() => database.ExecuteAsync("INSERT INTO merchants (id, name, created_at) VALUES ('acct_1', 'x', 1)"));
            (await database.FirstOrDefaultAsync<string>("SELECT name FROM merchants")).ShouldBe("x");
        }

        Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order().ShouldBe(["paymentsim.db", "paymentsim.db.owner"]);
    }

    [Fact]
    public void The_schemas_steps_are_applied_once()
    {
        Databases.Open(_folder).Dispose();
        var first = Steps();
        Databases.Open(_folder).Dispose();

        Steps().ShouldBe(first);
        first.Select(step => step.Version).ShouldBe(Migration.Load("sqlite").Select(step => step.Version));
        first.Count.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void The_schema_of_a_newer_program_is_refused()
    {
        Databases.Open(_folder).Dispose();
        using (var raw = Databases.OpenRaw(_folder))
            raw.Execute("INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (9999, 'from_the_future', 'x', 1)");

        var refused = Should.Throw<StorageException>(() => Databases.Open(_folder));

        refused.Message.ShouldContain("made by a newer PaymentSim");
        refused.Message.ShouldContain("9999 (from_the_future)");
        Steps().Count(step => step.Version == 9999).ShouldBe(1, "the file is left as it is");
    }

    [Fact]
    public void A_schema_whose_applied_step_was_altered_is_refused()
    {
        Databases.Open(_folder).Dispose();
        using (var raw = Databases.OpenRaw(_folder)) raw.Execute("UPDATE schema_migrations SET checksum = 'other' WHERE version = 1");

        var refused = Should.Throw<StorageException>(() => Databases.Open(_folder));

        refused.Message.ShouldContain("step 1 of its schema (initial)");
        refused.Message.ShouldContain("PaymentSim:DataDirectory");
    }

    private List<(long Version, string Name, string Checksum, long AppliedAt)> Steps()
    {
        using var raw = Databases.OpenRaw(_folder);
        return [.. raw.Query<(long, string, string, long)>("SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY version")];
    }
}
