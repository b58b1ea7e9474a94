using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage;
using PaymentSim.Core;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>Jobs inside the write units of others.</summary>
public sealed partial class SqliteJobStorageTests
{
    [Fact]
    public async Task A_job_of_a_unit_is_seen_by_workers_once_the_unit_is_on_the_disk()
    {
        var key = Probe.NewKey();
        var id = "";

        await _database.WriteAsync(async () =>
        {
            await InsertMerchantAsync("acct_1");
            id = Client.Enqueue("q", () => Probe.Leave(key, "x"));
            _connection.GetJobData(id).State.ShouldBe("Enqueued", "the unit sees its own job");
            Monitor.EnqueuedCount("q").ShouldBe(0, "no worker does");
        });

        using var fetched = Fetch("q");
        (fetched.JobId, await CountAsync("merchants")).ShouldBe((id, 1));
    }

    [Fact]
    public async Task A_unit_that_rolls_back_takes_its_job_along()
    {
        var id = "";

        await Should.ThrowAsync<InvalidTimeZoneException>(() => _database.WriteAsync(async () =>
        {
            await InsertMerchantAsync("acct_1");
            id = Client.Enqueue("q", () => Probe.Nothing());
            throw new InvalidTimeZoneException();
        }));

        (Monitor.EnqueuedCount("q"), await CountAsync("jobs"), await CountAsync("job_queue"), await CountAsync("merchants")).ShouldBe((0, 0, 0, 0));
        (_connection.GetJobData(id), Monitor.JobDetails(id)).ShouldBe((null, null));
        Reopen();
        Monitor.EnqueuedCount("q").ShouldBe(0);
    }

    [Fact]
    public async Task A_units_scheduled_job_is_counted_when_the_unit_is_on_the_disk()
    {
        await Should.ThrowAsync<InvalidTimeZoneException>(() => _database.WriteAsync<int>(() =>
        {
            Client.Schedule(() => Probe.Nothing(), Month);
            throw new InvalidTimeZoneException();
        }));
        Monitor.ScheduledCount().ShouldBe(0);

        await _database.WriteAsync(() => Task.FromResult(Client.Schedule(() => Probe.Nothing(), Month)));
        Monitor.ScheduledCount().ShouldBe(1);
    }

    [Fact]
    public async Task A_transaction_that_fails_inside_a_unit_leaves_nothing_even_if_the_unit_goes_on()
    {
        var id = NewJob(new EnqueuedState());
        await _database.WriteAsync(() => _database.ExecuteAsync("CREATE TRIGGER refuse BEFORE INSERT ON job_lists BEGIN SELECT RAISE(ABORT, 'refused'); END"));

        await _database.WriteAsync(async () =>
        {
            Should.Throw<Microsoft.Data.Sqlite.SqliteException>(() => Write(transaction =>
            {
                transaction.SetJobState(id, new ScheduledState(Month));
                transaction.AddToQueue("q", id);
                transaction.InsertToList("l", "a");
            }));
            await InsertMerchantAsync("acct_1");
        });

        (_connection.GetJobData(id).State, Monitor.EnqueuedCount("q"), await CountAsync("job_queue"), await CountAsync("merchants"))
            .ShouldBe(("Enqueued", 0, 0, 1));
        Monitor.ScheduledCount().ShouldBe(0);
    }

    [Fact]
    public async Task A_transaction_that_failed_can_be_tried_again()
    {
        await _database.WriteAsync(() => _database.ExecuteAsync("CREATE TRIGGER refuse BEFORE INSERT ON job_lists BEGIN SELECT RAISE(ABORT, 'refused'); END"));
        var id = _connection.CreateExpiredJob(Job.FromExpression(() => Probe.Nothing()), new Dictionary<string, string>(), DateTime.UtcNow, Month);
        using var transaction = NewTransaction();
        transaction.SetJobState(id, new EnqueuedState("q"));
        transaction.AddToQueue("q", id);
        transaction.InsertToList("l", "a");

        Should.Throw<Microsoft.Data.Sqlite.SqliteException>(transaction.Commit);
        _connection.GetJobData(id).ShouldNotBeNull("the job itself was created").State.ShouldBeNull();
        await _database.WriteAsync(() => _database.ExecuteAsync("DROP TRIGGER refuse"));
        transaction.Commit();

        (_connection.GetJobData(id).State, Monitor.EnqueuedCount("q"), _connection.GetListCount("l"), await CountAsync("jobs")).ShouldBe(("Enqueued", 1, 1, 1));
        Monitor.JobDetails(id).History.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_unit_changes_a_jobs_state_and_sees_it()
    {
        var id = Client.Schedule(() => Probe.Nothing(), Month);

        await _database.WriteAsync(() =>
        {
            Client.ChangeState(id, new EnqueuedState("q"), ScheduledState.StateName).ShouldBeTrue();
            Client.ChangeState(id, new DeletedState(), EnqueuedState.StateName).ShouldBeTrue("the unit's own lock is no obstacle to it");
            return Task.CompletedTask;
        });

        (_connection.GetJobData(id).State, Monitor.ScheduledCount(), Monitor.DeletedListCount()).ShouldBe(("Deleted", 0, 1));
        Monitor.JobDetails(id).History.Select(state => state.StateName).ShouldBe(["Deleted", "Enqueued", "Scheduled"]);
    }

    [Fact]
    public async Task A_unit_does_not_wait_for_a_lock_whose_holder_waits_for_the_writer()
    {
        using var held = _connection.AcquireDistributedLock("resource", TimeSpan.Zero);

        await Should.ThrowAsync<DistributedLockTimeoutException>(() => _database.WriteAsync(() =>
        {
            using var other = _storage.GetConnection();
            return Task.FromResult(other.AcquireDistributedLock("resource", TimeSpan.FromMinutes(5)));
        }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_units_lock_is_its_own_until_it_ends(bool commits)
    {
        var unit = _database.WriteAsync(() =>
        {
            using (var other = _storage.GetConnection()) other.AcquireDistributedLock("resource", TimeSpan.Zero).Dispose();
            Should.Throw<DistributedLockTimeoutException>(() => TakeOnAnotherThread("resource"));
            return commits ? Task.FromResult(1) : throw new InvalidTimeZoneException();
        });
        if (commits) await unit;
        else await Should.ThrowAsync<InvalidTimeZoneException>(() => unit);

        TakeOnAnotherThread("resource");
    }

    [Fact]
    public async Task A_job_that_is_acknowledged_in_a_unit_is_back_if_the_unit_rolls_back()
    {
        var id = NewJobIn("q");
        using (var fetched = Fetch("q"))
        {
            await Should.ThrowAsync<InvalidTimeZoneException>(() => _database.WriteAsync<int>(() =>
            {
                fetched.RemoveFromQueue();
                throw new InvalidTimeZoneException();
            }));
        }

        using var again = Fetch("q");
        again.JobId.ShouldBe(id);
    }

    [Fact]
    public async Task A_full_disk_loses_nothing_that_was_promised()
    {
        var pages = await _database.WriteAsync(() => _database.FirstOrDefaultAsync<long>("PRAGMA page_count"));
        await _database.WriteAsync(() => _database.FirstOrDefaultAsync<long>($"PRAGMA max_page_count = {pages + 40}"));
        var text = new string('x', 10_000);
        var enqueued = new List<string>();
        ProblemException? full = null;
        while (full is null)
        {
            try
            {
                enqueued.Add(Client.Enqueue("q", () => Probe.Take(text)));
            }
            catch (BackgroundJobClientException failure)
            {
                full = failure.InnerException.ShouldBeOfType<ProblemException>();
            }
        }

        full.Problem.Kind.ShouldBe(ProblemKind.Unavailable);
        enqueued.Count.ShouldBeGreaterThan(1);
        Monitor.EnqueuedJobs("q", 0, 1000).Select(job => job.Key).ShouldBe(enqueued);
        await _database.WriteAsync(() => _database.FirstOrDefaultAsync<long>("PRAGMA max_page_count = 1073741823"));
        enqueued.Add(Client.Enqueue("q", () => Probe.Take(text)));

        Monitor.EnqueuedJobs("q", 0, 1000).Select(job => job.Key).ShouldBe(enqueued);
        Reopen();
        Monitor.EnqueuedJobs("q", 0, 1000).Select(job => job.Key).ShouldBe(enqueued);
        Monitor.JobDetails(enqueued[^1]).Job.Args.Single().ShouldBe(text);
    }

    private Task InsertMerchantAsync(string id) =>
        _database.ExecuteAsync("INSERT INTO merchants (id, name, created_at) VALUES (@id, 'x', 1)", new { id });

    private void TakeOnAnotherThread(string resource)
    {
        // Not a task of the unit's: the unit's context must not flow to it.
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var connection = _storage.GetConnection();
                connection.AcquireDistributedLock(resource, TimeSpan.Zero).Dispose();
            }
            catch (DistributedLockTimeoutException refused)
            {
                failure = refused;
            }
        });
        thread.UnsafeStart();
        thread.Join();
        if (failure is not null) throw failure;
    }
}
