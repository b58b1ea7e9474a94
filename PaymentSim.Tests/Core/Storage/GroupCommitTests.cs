using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PaymentSim.Core;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Storage.Postgres;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Storage;

/// <summary>Units that only insert share transactions on PostgreSQL, and nobody can tell but the server.</summary>
public sealed class GroupCommitTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<PostgresDatabase> _opened = [];

    public void Dispose()
    {
        _opened.ForEach(database => database.Dispose());
        _folder.Dispose();
    }

    [PostgresFact]
    public async Task Units_that_come_together_are_committed_together()
    {
        var database = await OpenAsync();

        var outcomes = await TogetherAsync(database, Enumerable.Range(0, 40).Select(i => $"thing {i}"));

        outcomes.ShouldAllBe(failure => failure == null);
        (await database.FirstOrDefaultAsync<long>("SELECT COUNT(*) FROM things")).ShouldBe(40);
        (await database.FirstOrDefaultAsync<long>("SELECT COUNT(DISTINCT xmin::text) FROM things")).ShouldBeLessThanOrEqualTo(4, "two were under way, and the others waited");
    }

    [PostgresFact]
    public async Task A_unit_that_fails_takes_no_other_along()
    {
        var database = await OpenAsync();

        var outcomes = await TogetherAsync(database, Enumerable.Range(0, 20).Select(i => i is 7 or 13 ? "the same" : $"thing {i}"));

        outcomes.Count(failure => failure is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation }).ShouldBe(1);
        outcomes.Count(failure => failure is null).ShouldBe(19);
        (await database.FirstOrDefaultAsync<long>("SELECT COUNT(*) FROM things")).ShouldBe(19);
        (await database.FirstOrDefaultAsync<long>("SELECT COUNT(*) FROM seconds")).ShouldBe(19, "all of a unit is committed, or nothing");
    }

    [PostgresFact]
    public async Task A_unit_whose_expectation_fails_is_run_again_and_takes_no_other_along()
    {
        var database = await OpenAsync();
        var runs = 0;

        var expecting = new Func<Task>(async () =>
        {
            var (expected, name) = ++runs == 1 ? (1, "before") : (0, "after");
            await InsertAsync(database, name);
            await database.ExpectAsync("(SELECT COUNT(*) FROM nothing) = @expected", new { expected });
        });
        var outcomes = await TogetherAsync(database, ["a", "b", "c"], expecting);

        outcomes.ShouldAllBe(failure => failure == null);
        runs.ShouldBe(2);
        (await database.QueryAsync<string>("SELECT name FROM things ORDER BY name")).ShouldBe(["a", "after", "b", "c"]);
    }

    [PostgresFact]
    public async Task What_is_promised_for_after_the_commit_happens_once_for_each_that_was_committed()
    {
        var database = await OpenAsync();
        var (kept, ended) = (0, new List<bool>());

        await TogetherAsync(database, Enumerable.Range(0, 10).Select(i => i < 2 ? "the same" : $"thing {i}"), promise: () =>
        {
            database.AfterCommit(() => Interlocked.Increment(ref kept));
            database.AtEnd(committed =>
            {
                lock (ended) ended.Add(committed);
            });
        });

        kept.ShouldBe(9);
        ended.Count(committed => committed).ShouldBe(9);
        ended.Count.ShouldBe(10);
    }

    [PostgresFact]
    public async Task A_connection_that_is_lost_while_they_are_committed_leaves_every_unit_an_unknown_outcome()
    {
        var database = await OpenAsync();
        using var blocker = await BlockAsync();

        var units = Enumerable.Range(0, 5).Select(i => Record.ExceptionAsync(() => database.WriteAsync(() => InsertAsync(database, $"thing {i}")))).ToList();
        await WaitingAsync();
        PostgresServer.Instance.Execute($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Name}' AND wait_event_type = 'Lock'");
        // Those that were not under way yet find another connection, and wait for the lock again.
        await units[0];
        blocker.Execute("COMMIT");

        var outcomes = await Task.WhenAll(units);
        var written = await database.FirstOrDefaultAsync<long>("SELECT COUNT(*) FROM things");
        outcomes.Count(failure => failure is null).ShouldBe((int)written, "what is acknowledged is there, and a killed transaction is not");
        foreach (var failure in outcomes.OfType<Exception>())
            failure.ShouldBeOfType<ProblemException>().Message.ShouldContain("not known whether this request took effect");
    }

    [Theory]
    [InlineData("INSERT INTO things (name) VALUES ('a')", true)]
    [InlineData("INSERT INTO things (name) VALUES ('a') ON CONFLICT (name) DO UPDATE SET name = 'b'", false)]
    [InlineData("UPDATE things SET name = 'a'", false)]
    [InlineData("SELECT pg_advisory_xact_lock(1)", false)]
    [InlineData("SAVEPOINT part", false)]
    public void What_may_have_to_wait_for_a_lock_has_a_transaction_of_its_own(string sql, bool shares) =>
        GroupCommit.Takes([new NpgsqlBatchCommand("INSERT INTO seconds (name) VALUES ('a')"), new NpgsqlBatchCommand(sql)]).ShouldBe(shares);

    [PostgresFact]
    public async Task A_unit_that_does_nothing_needs_no_server()
    {
        var database = await OpenAsync();
        PostgresServer.Instance.Execute($"ALTER DATABASE {Name} ALLOW_CONNECTIONS false");
        PostgresServer.Instance.Execute($"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{Name}'");

        await database.WriteAsync(() => Task.CompletedTask);
        var refused = await Should.ThrowAsync<ProblemException>(database.WriteAsync(() => InsertAsync(database, "a")));

        refused.Problem.Kind.ShouldBe(ProblemKind.Unavailable);
        refused.Message.ShouldStartWith("The database cannot be used right now, and nothing was changed: ", customMessage: "it was never sent");
        PostgresServer.Instance.Execute($"ALTER DATABASE {Name} ALLOW_CONNECTIONS true");
        await database.WriteAsync(() => InsertAsync(database, "a"));
    }

    private string Name => new NpgsqlConnectionStringBuilder(_folder.Postgres).Database!;

    /// <summary>Runs units, one for each name, all of which have come before the first can be committed.</summary>
    private async Task<Exception?[]> TogetherAsync(PostgresDatabase database, IEnumerable<string> names, Func<Task>? one = null, Action? promise = null)
    {
        using var blocker = await BlockAsync();
        var units = names.Select(name => Record.ExceptionAsync(() => database.WriteAsync(async () =>
        {
            promise?.Invoke();
            await InsertAsync(database, name);
        }))).ToList();
        if (one is not null) units.Add(Record.ExceptionAsync(() => database.WriteAsync(one)));
        await WaitingAsync();
        blocker.Execute("COMMIT");
        return await Task.WhenAll(units);
    }

    /// <summary>Nobody can insert until it commits.</summary>
    private async Task<NpgsqlConnection> BlockAsync()
    {
        var blocker = new NpgsqlConnection(_folder.Postgres);
        await blocker.OpenAsync();
        await blocker.ExecuteAsync("BEGIN; LOCK TABLE things IN EXCLUSIVE MODE");
        return blocker;
    }

    private Task WaitingAsync() => Eventually.HoldsAsync(
        async () =>
        {
            await using var watcher = new NpgsqlConnection(_folder.Postgres);
            return await watcher.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = @Name AND wait_event_type = 'Lock'", new { Name }) > 0;
        },
        "a transaction waits for the lock");

    private async Task<PostgresDatabase> OpenAsync()
    {
        var database = new PostgresDatabase(
            new StorageOptions(_folder.Path) { Postgres = _folder.Postgres }, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
        _opened.Add(database);
        await database.WriteAsync(() => database.ExecuteAsync(
            """
            CREATE TABLE things (name TEXT NOT NULL PRIMARY KEY);
            CREATE TABLE seconds (name TEXT NOT NULL);
            CREATE TABLE nothing (name TEXT NOT NULL)
            """));
        return database;
    }

    private static async Task InsertAsync(PostgresDatabase database, string name)
    {
        await database.SendAsync("INSERT INTO seconds (name) VALUES (@name)", new { name });
        await database.SendAsync("INSERT INTO things (name) VALUES (@name)", new { name });
    }
}
