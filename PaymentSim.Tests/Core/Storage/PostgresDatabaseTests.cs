using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PaymentSim.Core;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Storage.Postgres;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Storage;

/// <summary>What several nodes on one PostgreSQL database, and the network between, bring with them.</summary>
public sealed class PostgresDatabaseTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TempFolder _folder = new();
    private readonly List<PostgresDatabase> _opened = [];

    public void Dispose()
    {
        _opened.ForEach(database => database.Dispose());
        _folder.Dispose();
    }

    [PostgresFact]
    public async Task Units_that_lock_one_another_out_are_run_again_until_all_are_done()
    {
        var (one, other) = (await OpenWithThingsAsync("a", "b"), Open());
        using var bothHaveOne = new Barrier(2);
        var runs = 0;

        await Task.WhenAll(
            Task.Run(() => one.WriteAsync(() => TakeAsync(one, "a", "b"))),
            Task.Run(() => other.WriteAsync(() => TakeAsync(other, "b", "a")))).WaitAsync(Limit);

        runs.ShouldBeGreaterThan(2, "one of them was the deadlock's victim");
        (await one.QueryAsync<long>("SELECT count FROM things")).ShouldBe([2, 2]);

        async Task TakeAsync(PostgresDatabase database, string first, string second)
        {
            var run = Interlocked.Increment(ref runs);
            await AddToAsync(database, first);
            if (run <= 2) bothHaveOne.SignalAndWait(Limit).ShouldBeTrue();
            await AddToAsync(database, second);
        }
    }

    [PostgresFact]
    public async Task What_is_read_in_order_to_change_it_is_read_by_one_unit_at_a_time()
    {
        var nodes = new[] { await OpenWithThingsAsync("a"), Open(), Open() };

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => nodes[i % 3].WriteAsync(async () =>
        {
            var database = nodes[i % 3];
            var count = await database.FirstOrDefaultAsync<long>($"SELECT count FROM things WHERE name = 'a' {database.ForUpdate}");
            await database.ExecuteAsync("UPDATE things SET count = @count WHERE name = 'a'", new { count = count + 1 });
        })))).WaitAsync(Limit);

        (await nodes[0].FirstOrDefaultAsync<long>("SELECT count FROM things")).ShouldBe(60);
    }

    [PostgresFact]
    public async Task What_has_no_row_yet_is_made_once_by_those_who_lock_its_name()
    {
        var nodes = new[] { await OpenWithThingsAsync(), Open(), Open() };

        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(() => nodes[i % 3].WriteAsync(async () =>
        {
            var database = nodes[i % 3];
            await database.LockAsync("things", "a");
            if (await database.FirstOrDefaultAsync<string>("SELECT name FROM things WHERE name = 'a'") is null) await InsertAsync(database, "a");
            else await AddToAsync(database, "a");
        })))).WaitAsync(Limit);

        (await nodes[0].FirstOrDefaultAsync<long>("SELECT count FROM things")).ShouldBe(29);
    }

    [PostgresFact]
    public async Task A_unit_whose_connection_dies_before_its_commit_is_run_again()
    {
        var database = await OpenWithThingsAsync("a");
        var runs = 0;

        await database.WriteAsync(async () =>
        {
            await AddToAsync(database, "a");
            if (++runs == 1) await KillAsync(await database.FirstOrDefaultAsync<int>("SELECT pg_backend_pid()"));
            await AddToAsync(database, "a");
        });

        runs.ShouldBe(2);
        (await database.FirstOrDefaultAsync<long>("SELECT count FROM things")).ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_unit_whose_dead_connection_is_not_recognised_at_once_is_run_again()
    {
        var database = await OpenWithThingsAsync("a");
        var runs = 0;

        await database.WriteAsync(async () =>
        {
            if (++runs == 1)
            {
                await KillAsync(await database.FirstOrDefaultAsync<int>("SELECT pg_backend_pid()"));
                await Record.ExceptionAsync(() => AddToAsync(database, "a"));
            }

            // It is not to be opened again: this would be written outside of the transaction.
            await AddToAsync(database, "a");
        });

        runs.ShouldBe(2);
        (await database.FirstOrDefaultAsync<long>("SELECT count FROM things")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task Statements_that_wait_run_before_the_next_one_and_in_their_order()
    {
        var database = await OpenWithThingsAsync("a");

        await database.WriteAsync(async () =>
        {
            await SendAsync("b");
            await database.LockAsync("things", "b");
            (await database.QueryAsync<string>("SELECT name FROM things ORDER BY name")).ShouldBe(["a", "b"]);
            await SendAsync("c");
            (await database.ExecuteAsync("UPDATE things SET count = count + 1 WHERE name >= 'b'")).ShouldBe(2, "its own count, and not that of what went along");
            await SendAsync("d");
            await database.LockAsync("things", "d");
            (await database.FirstOrDefaultAsync<long>("SELECT COUNT(*) FROM things")).ShouldBe(4);
            await SendAsync("e");
        });

        (await database.QueryAsync<string>("SELECT name FROM things ORDER BY name")).ShouldBe(["a", "b", "c", "d", "e"]);

        Task SendAsync(string name) => database.SendAsync("INSERT INTO things (name, count) VALUES (@name, 0)", new { name });
    }

    [PostgresFact]
    public async Task A_statement_that_waited_and_fails_undoes_its_unit()
    {
        var database = await OpenWithThingsAsync("a");

        foreach (var next in new Func<Task>[] { () => Task.CompletedTask, () => database.QueryAsync<string>("SELECT name FROM things"), () => AddToAsync(database, "a") })
        {
            (await Should.ThrowAsync<PostgresException>(database.WriteAsync(async () =>
            {
                await database.SendAsync("INSERT INTO things (name, count) VALUES ('b', 0)");
                await database.SendAsync("INSERT INTO things (name, count) VALUES ('a', 0)");
                await next();
            }))).SqlState.ShouldBe(PostgresErrorCodes.UniqueViolation);
        }

        (await database.QueryAsync<(string, long)>("SELECT name, count FROM things")).ShouldBe([("a", 0L)]);
    }

    [PostgresFact]
    public async Task A_part_that_is_undone_takes_what_waited_in_it_along_and_nothing_else()
    {
        var database = await OpenWithThingsAsync("a");

        await database.WriteAsync(async () =>
        {
            await database.SendAsync("INSERT INTO things (name, count) VALUES ('before', 0)");
            await Should.ThrowAsync<ProblemException>(database.NestedAsync<bool>(async () =>
            {
                await database.SendAsync("INSERT INTO things (name, count) VALUES ('inside', 0)");
                throw new ProblemException(Problem.Invalid("No."));
            }));
            await database.SendAsync("INSERT INTO things (name, count) VALUES ('after', 0)");
        });

        (await database.QueryAsync<string>("SELECT name FROM things ORDER BY name")).ShouldBe(["a", "after", "before"]);
    }

    [PostgresFact]
    public async Task Idle_connections_that_died_are_not_noticed()
    {
        var database = await OpenWithThingsAsync("a");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => database.QueryAsync<string>("SELECT name FROM things, pg_sleep(0.05)")));

        await KillAllAsync();

        (await database.QueryAsync<string>("SELECT name FROM things")).ShouldBe(["a"]);
        await KillAllAsync();
        await database.WriteAsync(() => AddToAsync(database, "a"));
    }

    [PostgresFact]
    public async Task A_connection_that_is_lost_during_the_commit_leaves_an_unknown_outcome_and_its_caller_is_told()
    {
        var database = await OpenWithThingsAsync("a");
        var runs = 0;
        // A constraint that is checked at the commit: the server ends the session in the middle of it.
        await database.WriteAsync(() => database.ExecuteAsync(
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER dies AFTER UPDATE ON things DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()
            """));

        var refused = await Should.ThrowAsync<ProblemException>(database.WriteAsync(() =>
        {
            runs++;
            return AddToAsync(database, "a");
        }));

        runs.ShouldBe(1, "it may have been committed, so it must not be run again");
        refused.Problem.Kind.ShouldBe(ProblemKind.Unavailable);
        refused.Message.ShouldContain("not known whether this request took effect");
        refused.Message.ShouldContain("same Idempotency-Key");
        (await database.QueryAsync<string>("SELECT name FROM things")).ShouldBe(["a"], "the next one gets a connection that lives");
    }

    [PostgresFact]
    public async Task A_unit_that_goes_on_after_a_statement_failed_is_not_taken_for_committed()
    {
        var database = await OpenWithThingsAsync("a");

        (await Should.ThrowAsync<PostgresException>(database.WriteAsync(async () =>
        {
            await AddToAsync(database, "a");
            await Record.ExceptionAsync(() => InsertAsync(database, "a"));
        }))).SqlState.ShouldBe(PostgresErrorCodes.InFailedSqlTransaction);

        (await database.FirstOrDefaultAsync<long>("SELECT count FROM things")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task While_the_database_takes_no_connections_it_is_unavailable_and_then_goes_on()
    {
        var database = await OpenWithThingsAsync("a");
        var name = new NpgsqlConnectionStringBuilder(_folder.Postgres).Database;
        PostgresServer.Instance.Execute($"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        await KillAllAsync();

        foreach (var use in new Func<Task>[] { () => database.WriteAsync(() => AddToAsync(database, "a")), () => database.QueryAsync<string>("SELECT name FROM things"), () => database.TryTakeTurnAsync("x") })
        {
            var refused = await Should.ThrowAsync<ProblemException>(use());
            refused.Problem.Kind.ShouldBe(ProblemKind.Unavailable);
            refused.Message.ShouldStartWith("The database cannot be used right now, and nothing was changed: ");
        }

        PostgresServer.Instance.Execute($"ALTER DATABASE {name} ALLOW_CONNECTIONS true");
        await database.WriteAsync(() => AddToAsync(database, "a"));
    }

    [PostgresFact]
    public async Task Who_waits_for_a_connection_too_long_is_told_to_come_again()
    {
        using var database = Open(";Maximum Pool Size=1;Timeout=1");
        var release = new TaskCompletionSource();
        var inside = new TaskCompletionSource();
        var unit = Task.Run(() => database.WriteAsync(async () =>
        {
            await database.QueryAsync<long>("SELECT 1");
            inside.SetResult();
            await release.Task;
        }));
        await inside.Task.WaitAsync(Limit);

        var refused = await Should.ThrowAsync<ProblemException>(database.QueryAsync<long>("SELECT 1"));

        (refused.Problem.Kind, refused.Message.Contains("pool has been exhausted", StringComparison.Ordinal)).ShouldBe((ProblemKind.Unavailable, true));
        release.SetResult();
        await unit;
    }

    [PostgresFact]
    public async Task A_turn_is_one_nodes_at_a_time_and_ends_with_it()
    {
        var (one, other) = (Open(), Open());

        var turn = (await one.TryTakeTurnAsync("sweep")).ShouldNotBeNull();
        (await other.TryTakeTurnAsync("sweep")).ShouldBeNull();
        await (await other.TryTakeTurnAsync("something else")).ShouldNotBeNull().DisposeAsync();
        await turn.DisposeAsync();
        (await other.TryTakeTurnAsync("sweep")).ShouldNotBeNull();
        await KillAllAsync();
        (await one.TryTakeTurnAsync("sweep")).ShouldNotBeNull("the other's session is gone");
    }

    [PostgresFact]
    public async Task Nodes_that_start_together_make_the_schema_once()
    {
        var name = "empty_" + Guid.NewGuid().ToString("N");
        var options = new StorageOptions(_folder.Path) { Postgres = PostgresServer.Instance.CreateEmpty(name) };
        try
        {
            var nodes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
                () => new PostgresDatabase(options, TimeProvider.System, NullLogger<PostgresDatabase>.Instance))));
            (await nodes[0].QueryAsync<long>("SELECT version FROM schema_migrations ORDER BY version"))
                .ShouldBe(Migration.Load("postgres").Select(step => step.Version));
            foreach (var node in nodes) node.Dispose();
        }
        finally
        {
            PostgresServer.Instance.Drop(name);
        }
    }

    [PostgresFact]
    public async Task Texts_sort_by_their_bytes_in_a_database_of_any_language()
    {
        var name = "icu_" + Guid.NewGuid().ToString("N");
        var options = new StorageOptions(_folder.Path)
        {
            Postgres = PostgresServer.Instance.CreateEmpty(name, "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C' ENCODING UTF8"),
        };
        try
        {
            using var database = new PostgresDatabase(options, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
            (await database.QueryAsync<string>("SELECT x FROM (VALUES ('B'), ('a'), ('C')) AS v (x) ORDER BY x")).ShouldBe(["a", "B", "C"], "its language is English");
            string[] ids = ["ch_Z", "ch_a", "ch_B", "ch_b", "ch_9", "ch_A"];
            foreach (var id in ids)
                await database.WriteAsync(() => database.ExecuteAsync("INSERT INTO merchants (id, name, created_at) VALUES (@id, '', 0)", new { id }));

            (await database.QueryAsync<string>("SELECT id FROM merchants ORDER BY id")).ShouldBe(ids.Order(StringComparer.Ordinal));
            (await database.QueryAsync<string>("SELECT id FROM merchants WHERE id > 'ch_Z' ORDER BY id")).ShouldBe(["ch_a", "ch_b"]);
            (await database.QueryAsync<string>(
                "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"))
                .Where(column => !column.StartsWith("schema_migrations.", StringComparison.Ordinal)).ShouldBeEmpty();
        }
        finally
        {
            PostgresServer.Instance.Drop(name);
        }
    }

    [PostgresFact]
    public async Task A_character_that_cannot_be_stored_is_the_requests_fault()
    {
        var database = await OpenWithThingsAsync();

        var refused = await Should.ThrowAsync<ProblemException>(database.WriteAsync(() => InsertAsync(database, "a\0b")));

        refused.Problem.Kind.ShouldBe(ProblemKind.InvalidRequest);
    }

    [PostgresFact]
    public void A_database_whose_texts_are_not_unicode_is_refused()
    {
        var name = "latin_" + Guid.NewGuid().ToString("N");
        var options = new StorageOptions(_folder.Path) { Postgres = PostgresServer.Instance.CreateEmpty(name, "LOCALE 'C' ENCODING LATIN1") };

        Should.Throw<StorageException>(() => new PostgresDatabase(options, TimeProvider.System, NullLogger<PostgresDatabase>.Instance))
            .Message.ShouldContain("needs a database whose encoding is UTF8");

        PostgresServer.Instance.Drop(name);
    }

    [PostgresFact]
    public void The_schema_of_a_newer_program_is_refused()
    {
        using (var raw = new NpgsqlConnection(_folder.Postgres))
            raw.Execute("INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (9999, 'from_the_future', 'x', 1)");

        var refused = Should.Throw<StorageException>(() => Open());

        refused.Message.ShouldContain("9999 (from_the_future)");
        refused.Message.ShouldContain(PostgresDatabase.Setting);
    }

    private PostgresDatabase Open(string more = "")
    {
        var database = new PostgresDatabase(
            new StorageOptions(_folder.Path) { Postgres = _folder.Postgres + more }, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
        _opened.Add(database);
        return database;
    }

    private async Task<PostgresDatabase> OpenWithThingsAsync(params string[] names)
    {
        var database = Open();
        await database.WriteAsync(() => database.ExecuteAsync("CREATE TABLE things (name TEXT NOT NULL PRIMARY KEY, count BIGINT NOT NULL)"));
        foreach (var name in names) await database.WriteAsync(() => InsertAsync(database, name));
        return database;
    }

    private static Task<int> InsertAsync(PostgresDatabase database, string name) =>
        database.ExecuteAsync("INSERT INTO things (name, count) VALUES (@name, 0)", new { name });

    private static Task<int> AddToAsync(PostgresDatabase database, string name) =>
        database.ExecuteAsync("UPDATE things SET count = count + 1 WHERE name = @name", new { name });

    private async Task KillAsync(int backend)
    {
        await using var other = new NpgsqlConnection(_folder.Postgres);
        await other.ExecuteAsync("SELECT pg_terminate_backend(@backend)", new { backend });
    }

    private Task KillAllAsync()
    {
        var name = new NpgsqlConnectionStringBuilder(_folder.Postgres).Database;
        PostgresServer.Instance.Execute($"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()");
        return Task.CompletedTask;
    }
}
