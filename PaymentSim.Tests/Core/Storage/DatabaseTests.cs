using System.Collections.Concurrent;
using PaymentSim.Core;
using PaymentSim.Core.Storage;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Storage;

/// <summary>What every write unit is promised; and what the one writer of the embedded engine promises beside.</summary>
public sealed class DatabaseTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TempFolder _folder = new();
    private readonly Database _database;

    public DatabaseTests()
    {
        _database = Databases.OpenOfEngine(_folder);
        _database.WriteAsync(() => _database.ExecuteAsync("CREATE TABLE things (name TEXT NOT NULL PRIMARY KEY)")).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        ((IDisposable)_database).Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task A_unit_commits_as_a_whole_and_answers_its_result()
    {
        var answer = await _database.WriteAsync(async () =>
        {
            await AddAsync("a");
            await AddAsync("b");
            return 42;
        });

        answer.ShouldBe(42);
        (await NamesAsync()).ShouldBe(["a", "b"]);
    }

    [EngineFact]
    public async Task A_unit_that_fails_leaves_nothing_and_its_caller_gets_its_own_exception()
    {
        var failure = new InvalidTimeZoneException("mine");

        var thrown = await Should.ThrowAsync<InvalidTimeZoneException>(_database.WriteAsync(async () =>
        {
            await AddAsync("a");
            throw failure;
        }));

        thrown.ShouldBeSameAs(failure);
        (await NamesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_the_units_of_one_commit_those_that_fail_are_undone_alone()
    {
        Task[] units = [];
        await WhileTheWriterIsBusyAsync(() => units =
        [
            _database.WriteAsync(() => AddAsync("first")),
            _database.WriteAsync(async () =>
            {
                await AddAsync("undone");
                throw new InvalidTimeZoneException();
            }),
            _database.WriteAsync(() => AddAsync("first")),
            _database.WriteAsync(() => AddAsync("last")),
        ]);

        await units[0];
        await Should.ThrowAsync<InvalidTimeZoneException>(units[1]);
        (await Should.ThrowAsync<Microsoft.Data.Sqlite.SqliteException>(units[2])).Message.ShouldContain("UNIQUE");
        await units[3];
        (await NamesAsync()).ShouldBe(["first", "last"]);
    }

    [Fact]
    public async Task Five_hundred_units_at_once_all_commit_and_see_each_other_in_turn()
    {
        var counts = new ConcurrentBag<long>();

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => _database.WriteAsync(async () =>
        {
            await AddAsync($"thing {i:000}");
            counts.Add(await _database.FirstOrDefaultAsync<long>("SELECT COUNT(*) FROM things"));
        })))).WaitAsync(Limit);

        counts.Order().ShouldBe(Enumerable.Range(1, 500).Select(i => (long)i));
        (await NamesAsync()).ShouldBe(Enumerable.Range(0, 500).Select(i => $"thing {i:000}"));
    }

    [EngineFact]
    public async Task A_nested_part_that_fails_is_undone_alone_and_one_that_succeeds_stays()
    {
        await _database.WriteAsync(async () =>
        {
            await AddAsync("before");
            (await _database.NestedAsync(() => AddAsync("kept"))).ShouldBe(1);
            (await Record.ExceptionAsync(() => _database.NestedAsync<int>(async () =>
            {
                await AddAsync("undone");
                throw new InvalidTimeZoneException();
            }))).ShouldBeOfType<InvalidTimeZoneException>();
            await AddAsync("after");
        });

        (await NamesAsync()).ShouldBe(["after", "before", "kept"]);
    }

    [EngineFact]
    public async Task A_nested_part_goes_down_with_its_unit()
    {
        await Should.ThrowAsync<InvalidTimeZoneException>(_database.WriteAsync(async () =>
        {
            await _database.NestedAsync(() => AddAsync("undone"));
            throw new InvalidTimeZoneException();
        }));

        (await NamesAsync()).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task What_was_promised_for_after_the_commit_is_done_once_readers_see_the_commit()
    {
        var seen = new List<string>();

        await _database.WriteAsync(async () =>
        {
            _database.AfterCommit(() => seen.AddRange(NamesAsync().GetAwaiter().GetResult()));
            await AddAsync("a");
            seen.ShouldBeEmpty();
        });

        seen.ShouldBe(["a"]);
    }

    [EngineFact]
    public async Task What_was_promised_for_after_the_commit_is_never_done_after_a_rollback()
    {
        var done = new List<string>();

        await Should.ThrowAsync<InvalidTimeZoneException>(_database.WriteAsync(() =>
        {
            _database.AfterCommit(() => done.Add("of a failed unit"));
            throw new InvalidTimeZoneException();
        }));
        await _database.WriteAsync(async () =>
        {
            _database.AfterCommit(() => done.Add("before the part"));
            (await Record.ExceptionAsync(() => _database.NestedAsync<int>(() =>
            {
                _database.AfterCommit(() => done.Add("of a failed part"));
                throw new InvalidTimeZoneException();
            }))).ShouldBeOfType<InvalidTimeZoneException>();
            _database.AfterCommit(() => done.Add("after the part"));
        });

        done.ShouldBe(["before the part", "after the part"]);
    }

    [EngineFact]
    public async Task Each_end_says_whether_its_writes_are_on_the_disk_and_undoing_goes_backwards()
    {
        var ends = new List<string>();

        await _database.WriteAsync(async () =>
        {
            AtEnd("before the part");
            (await Record.ExceptionAsync(() => _database.NestedAsync<int>(async () =>
            {
                AtEnd("of the part");
                await _database.NestedAsync(() => AddAtEndAsync("of a part within"));
                AtEnd("last of the part");
                throw new InvalidTimeZoneException();
            }))).ShouldBeOfType<InvalidTimeZoneException>();
            ends.ShouldBe(["last of the part: False", "of a part within: False", "of the part: False"], "it ends with the part");
            ends.Clear();
            await _database.NestedAsync(() => AddAtEndAsync("of a part that is kept"));
            AtEnd("after the parts");
            ends.ShouldBeEmpty();
        });
        await Should.ThrowAsync<InvalidTimeZoneException>(_database.WriteAsync(() =>
        {
            AtEnd("first of a failed unit");
            AtEnd("last of a failed unit");
            throw new InvalidTimeZoneException();
        }));

        ends.ShouldBe([
            "before the part: True", "of a part that is kept: True", "after the parts: True", "last of a failed unit: False", "first of a failed unit: False"]);
        (await NamesAsync()).ShouldBe(["of a part that is kept"]);

        void AtEnd(string what) => _database.AtEnd(committed => ends.Add($"{what}: {committed}"));

        Task<int> AddAtEndAsync(string what)
        {
            AtEnd(what);
            return AddAsync(what);
        }
    }

    [EngineFact]
    public async Task A_refusal_after_the_commit_reaches_the_caller_and_keeps_the_writes()
    {
        var refusal = new ProblemException(Problem.Invalid("no"));
        var done = false;

        var thrown = await Should.ThrowAsync<ProblemException>(_database.WriteAsync(async () =>
        {
            await AddAsync("kept");
            _database.AfterCommit(() => done = true);
            _database.ThrowAfterCommit(refusal);
        }));

        thrown.ShouldBeSameAs(refusal);
        done.ShouldBeTrue();
        (await NamesAsync()).ShouldBe(["kept"]);
    }

    [EngineFact]
    public async Task Writing_outside_a_unit_is_refused()
    {
        (await Should.ThrowAsync<InvalidOperationException>(() => AddAsync("a"))).Message.ShouldContain("needs a write unit");
        Should.Throw<InvalidOperationException>(() => _database.AfterCommit(() => { })).Message.ShouldContain("needs a write unit");
        (await NamesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Reading_outside_a_unit_cannot_write()
    {
        var refused = await Should.ThrowAsync<Exception>(_database.QueryAsync<string>("INSERT INTO things (name) VALUES ('a') RETURNING name"));

        refused.ToString().ShouldContain("readonly");
        (await NamesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_unit_that_waits_for_anything_else_is_refused_and_the_writer_goes_on()
    {
        var afterwards = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);

        var refused = await Should.ThrowAsync<InvalidOperationException>(_database.WriteAsync(async () =>
        {
            await AddAsync("undone");
            await Task.Delay(TimeSpan.FromMilliseconds(1));
            try
            {
                await AddAsync("too late");
                afterwards.SetResult(null);
            }
            catch (InvalidOperationException failure)
            {
                afterwards.SetResult(failure);
            }
        }));

        refused.Message.ShouldContain("awaited something other than its database");
        (await afterwards.Task.WaitAsync(Limit)).ShouldNotBeNull("its rest must not write any more").Message.ShouldContain("after its end");
        await _database.WriteAsync(() => AddAsync("next"));
        (await NamesAsync()).ShouldBe(["next"]);
    }

    [Fact]
    public async Task A_units_connection_serves_no_other_thread()
    {
        Exception? refused = null;

        await _database.WriteAsync(async () =>
        {
            var thread = new Thread(() => refused = Record.Exception(() => AddAsync("a").GetAwaiter().GetResult()));
            thread.Start();
            thread.Join();
            await AddAsync("b");
        });

        refused.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("another thread");
        (await NamesAsync()).ShouldBe(["b"]);
    }

    [EngineFact]
    public async Task What_a_unit_started_cannot_use_its_connection_after_its_end()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task left = Task.CompletedTask;

        await _database.WriteAsync(async () =>
        {
            left = Task.Run(async () =>
            {
                await ended.Task;
                await AddAsync("too late");
            });
            await AddAsync("in time");
        });
        ended.SetResult();

        (await Should.ThrowAsync<InvalidOperationException>(left)).Message.ShouldContain("after its end");
        (await NamesAsync()).ShouldBe(["in time"]);
    }

    [EngineFact]
    public async Task A_unit_that_was_cancelled_before_it_was_given_does_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(_database.WriteAsync(() => AddAsync("a"), cancelled.Token));

        (await NamesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_unit_that_is_cancelled_while_it_waits_for_its_turn_does_nothing()
    {
        using var cancel = new CancellationTokenSource();
        var unit = Task.CompletedTask;

        await WhileTheWriterIsBusyAsync(() =>
        {
            unit = _database.WriteAsync(() => AddAsync("a"), cancel.Token);
            cancel.Cancel();
        });

        await Should.ThrowAsync<OperationCanceledException>(unit);
        (await NamesAsync()).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_unit_that_has_begun_is_not_cancelled_any_more()
    {
        using var cancel = new CancellationTokenSource();

        await _database.WriteAsync(
            async () =>
            {
                await cancel.CancelAsync();
                await AddAsync("a");
            },
            cancel.Token);

        (await NamesAsync()).ShouldBe(["a"]);
    }

    [EngineFact]
    public async Task Readers_see_what_was_committed_and_nothing_before()
    {
        IReadOnlyList<string>? during = null;

        var writing = _database.WriteAsync(async () =>
        {
            await AddAsync("a");
            (await NamesAsync()).ShouldBe(["a"], "the unit sees its own writes");
            using (ExecutionContext.SuppressFlow())
            {
                var outside = Task.Run(NamesAsync);
                during = outside.GetAwaiter().GetResult();
            }
        });
        await writing;

        during.ShouldNotBeNull().ShouldBeEmpty();
        (await NamesAsync()).ShouldBe(["a"]);
    }

    [EngineFact]
    public async Task A_unit_inside_a_unit_joins_it()
    {
        await Should.ThrowAsync<InvalidTimeZoneException>(_database.WriteAsync(async () =>
        {
            (await _database.WriteAsync(() => AddAsync("joined"))).ShouldBe(1);
            throw new InvalidTimeZoneException();
        }));
        (await NamesAsync()).ShouldBeEmpty("the joined unit went down with the outer one");

        await _database.WriteAsync(() => _database.WriteAsync(() => AddAsync("joined")));
        (await NamesAsync()).ShouldBe(["joined"]);
    }

    [EngineFact]
    public async Task After_its_end_the_database_takes_no_more_units()
    {
        ((IDisposable)_database).Dispose();

        await Should.ThrowAsync<ObjectDisposedException>(_database.WriteAsync(() => AddAsync("a")));
        await Should.ThrowAsync<ObjectDisposedException>(NamesAsync());
    }

    [Fact]
    public async Task What_waits_for_the_writer_is_still_written_when_the_database_is_closed()
    {
        Task[] units = [];
        await WhileTheWriterIsBusyAsync(() => units = [.. Enumerable.Range(0, 20).Select(i => _database.WriteAsync(() => AddAsync($"{i:00}")))]);
        ((IDisposable)_database).Dispose();
        await Task.WhenAll(units).WaitAsync(Limit);

        using var reopened = Databases.Open(_folder);
        (await reopened.QueryAsync<string>("SELECT name FROM things ORDER BY name")).Count.ShouldBe(20);
    }

    // A limit on the file's pages is SQLite's own way to a full disk (SQLITE_FULL).
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_full_disk_is_reported_as_unavailable_writes_nothing_and_is_got_over(bool nested, bool wrapped)
    {
        var pages = await _database.WriteAsync(() => _database.FirstOrDefaultAsync<long>("PRAGMA page_count"));
        await LimitPagesAsync(pages + 2);

        var full = await Should.ThrowAsync<ProblemException>(_database.WriteAsync(async () =>
        {
            await AddAsync("undone");
            return nested ? await _database.NestedAsync(AddTooMuchAsync) : await AddTooMuchAsync();
        }));

        full.Problem.Kind.ShouldBe(ProblemKind.Unavailable);
        (await NamesAsync()).ShouldBeEmpty();
        await LimitPagesAsync(1_000_000);
        await _database.WriteAsync(() => AddAsync("next"));
        (await NamesAsync()).ShouldBe(["next"]);

        // Libraries wrap what is thrown through them, as Hangfire does when it makes a job.
        async Task<int> AddTooMuchAsync()
        {
            try
            {
                return await AddAsync(new string('x', 200_000));
            }
            catch (Exception failure) when (wrapped)
            {
                throw new InvalidOperationException("It failed.", failure);
            }
        }
    }

    [Fact]
    public async Task Of_a_commit_that_meets_a_full_disk_no_caller_is_told_that_his_unit_was_written_when_it_was_not()
    {
        var pages = await _database.WriteAsync(() => _database.FirstOrDefaultAsync<long>("PRAGMA page_count"));
        await LimitPagesAsync(pages + 4);
        Task<int>[] units = [];

        await WhileTheWriterIsBusyAsync(() => units =
            [.. Enumerable.Range(0, 20).Select(i => _database.WriteAsync(() => AddAsync(i == 10 ? new string('x', 200_000) : $"{i:00}")))]);
        await Task.WhenAll(units.Select(unit => Record.ExceptionAsync(() => unit))).WaitAsync(Limit);

        var names = await NamesAsync();
        names.ShouldBe(Enumerable.Range(0, 20).Where(i => units[i].IsCompletedSuccessfully).Select(i => $"{i:00}"));
        units.Where(unit => unit.IsFaulted).ShouldNotBeEmpty();
        units.Where(unit => unit.IsFaulted).ShouldAllBe(
            unit => unit.Exception!.InnerException is ProblemException && ((ProblemException)unit.Exception.InnerException).Problem.Kind == ProblemKind.Unavailable);
    }

    private Task LimitPagesAsync(long pages) =>
        _database.WriteAsync(() => _database.FirstOrDefaultAsync<long>($"PRAGMA max_page_count = {pages}"));

    /// <summary>Holds the writer inside a unit, so that what <paramref name="enqueue"/> gives it waits and is then committed together.</summary>
    private async Task WhileTheWriterIsBusyAsync(Action enqueue)
    {
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var busy = _database.WriteAsync(() =>
        {
            entered.Set();
            leave.Wait(Limit).ShouldBeTrue();
            return Task.CompletedTask;
        });
        entered.Wait(Limit).ShouldBeTrue();
        enqueue();
        leave.Set();
        await busy;
    }

    private Task<int> AddAsync(string name) => _database.ExecuteAsync("INSERT INTO things (name) VALUES (@name)", new { name });

    private Task<IReadOnlyList<string>> NamesAsync() => _database.QueryAsync<string>("SELECT name FROM things ORDER BY name");
}
