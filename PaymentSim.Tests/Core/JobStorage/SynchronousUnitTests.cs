using PaymentSim.Core;
using PaymentSim.Core.Storage.Sqlite;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>Write units of callers that cannot await, as Hangfire's threads cannot.</summary>
public sealed class SynchronousUnitTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SqliteDatabase _database;

    public SynchronousUnitTests()
    {
        _database = Databases.Open(_folder);
        Write("CREATE TABLE things (name TEXT NOT NULL PRIMARY KEY)");
    }

    private long Things => _database.Read(connection => ((PreparedConnection)connection).Prepare("SELECT COUNT(*) FROM things").First(row => row.Int64(0)));

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_unit_is_on_the_disk_when_it_returns()
    {
        Write("INSERT INTO things VALUES ('a')").ShouldBe(1);

        Things.ShouldBe(1);
    }

    [Fact]
    public void A_unit_that_throws_leaves_nothing_and_throws_to_its_caller()
    {
        Should.Throw<InvalidTimeZoneException>(() => _database.Write<int>(connection =>
        {
            ((PreparedConnection)connection).Prepare("INSERT INTO things VALUES ('a')").Execute();
            throw new InvalidTimeZoneException();
        })).StackTrace.ShouldNotBeNull().ShouldContain(nameof(A_unit_that_throws_leaves_nothing_and_throws_to_its_caller));

        Things.ShouldBe(0);
    }

    [Fact]
    public async Task Inside_another_unit_it_is_part_of_that()
    {
        await Should.ThrowAsync<InvalidTimeZoneException>(() => _database.WriteAsync<int>(() =>
        {
            Write("INSERT INTO things VALUES ('a')");
            Things.ShouldBe(1, "the unit sees what it wrote");
            throw new InvalidTimeZoneException();
        }));
        Things.ShouldBe(0);

        await _database.WriteAsync(() => Task.FromResult(Write("INSERT INTO things VALUES ('b')")));
        Things.ShouldBe(1);
    }

    [Fact]
    public void What_is_promised_for_after_the_commit_is_done_before_the_unit_returns_and_never_after_a_failure()
    {
        var done = new List<string>();
        _database.Write(_ =>
        {
            _database.AfterCommit(() => done.Add($"committed {Environment.CurrentManagedThreadId}"));
            _database.AtEnd(committed => done.Add($"ended {committed}"));
            return 0;
        });
        Should.Throw<InvalidTimeZoneException>(() => _database.Write<int>(_ =>
        {
            _database.AfterCommit(() => done.Add("never"));
            _database.AtEnd(committed => done.Add($"ended {committed}"));
            throw new InvalidTimeZoneException();
        }));

        done.ShouldBe(["ended True", $"committed {Environment.CurrentManagedThreadId}", "ended False"]);
    }

    [Fact]
    public void Units_of_many_threads_all_arrive()
    {
        var threads = Enumerable.Range(0, 16).Select(thread => new Thread(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                var name = $"{thread}-{i}";
                _database.Write(connection => ((PreparedConnection)connection).Prepare("INSERT INTO things VALUES (?1)").Bind(name).Execute());
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Things.ShouldBe(16 * 50);
    }

    [Fact]
    public void A_statement_that_failed_can_be_used_again()
    {
        Write("INSERT INTO things VALUES ('a')");

        Should.Throw<Microsoft.Data.Sqlite.SqliteException>(() => Write("INSERT INTO things VALUES ('a')"));
        Write("DELETE FROM things");
        Write("INSERT INTO things VALUES ('a')").ShouldBe(1);
    }

    [Fact]
    public void After_the_end_of_the_database_units_and_reads_are_refused()
    {
        _database.Dispose();

        Should.Throw<ObjectDisposedException>(() => Write("INSERT INTO things VALUES ('a')"));
        Should.Throw<ObjectDisposedException>(() => Things);
    }

    [Fact]
    public void A_full_disk_is_told_as_unavailable()
    {
        var pages = _database.Write(connection => ((PreparedConnection)connection).Prepare("PRAGMA page_count").First(row => row.Int64(0)));
        Write($"PRAGMA max_page_count = {pages}");

        Should.Throw<ProblemException>(() => Write($"INSERT INTO things VALUES ('{new string('x', 100_000)}')")).Problem.Kind.ShouldBe(ProblemKind.Unavailable);
        Write("INSERT INTO things VALUES ('small')").ShouldBe(1);
    }

    private int Write(string sql) => _database.Write(connection => ((PreparedConnection)connection).Prepare(sql).Execute());
}
