using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using PaymentSim.Core.JobStorage;
using PaymentSim.Core.Storage;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>What is kept, for how long, and what it costs.</summary>
public sealed partial class SqliteJobStorageTests
{
    [Fact]
    public async Task A_job_that_has_expired_goes_with_all_that_is_its_own()
    {
        var id = NewJob(new EnqueuedState());
        var kept = NewJob(new ScheduledState(Month));
        _connection.SetJobParameter(id, "a", "1");
        Write(transaction =>
        {
            transaction.SetJobState(id, new SucceededState(null, 1, 1));
            transaction.ExpireJob(id, TimeSpan.FromHours(1));
        });

        _clock.Advance(TimeSpan.FromMinutes(59));
        Sweep();
        Monitor.SucceededListCount().ShouldBe(1);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Sweep();

        (_connection.GetJobData(id), Monitor.JobDetails(id), _connection.GetJobParameter(id, "a")).ShouldBe((null, null, null));
        (Monitor.SucceededListCount(), Monitor.SucceededJobs(0, 10).Count).ShouldBe((0, 0));
        (await CountAsync("jobs"), await CountAsync("job_states")).ShouldBe((1, 0));
        _connection.GetJobData(kept).ShouldNotBeNull();
    }

    [Fact]
    public async Task Everything_else_that_has_expired_goes_too()
    {
        Write(transaction =>
        {
            transaction.AddToSet("s", "a");
            transaction.ExpireSet("s", TimeSpan.FromHours(1));
            transaction.SetRangeInHash("h", [KeyValuePair.Create("f", "v")]);
            transaction.ExpireHash("h", TimeSpan.FromHours(1));
            transaction.InsertToList("l", "a");
            transaction.ExpireList("l", TimeSpan.FromHours(1));
            transaction.IncrementCounter("c", TimeSpan.FromHours(1));
            transaction.AddToSet("kept", "a");
            transaction.IncrementCounter("kept");
            transaction.IncrementCounter("later", TimeSpan.FromHours(3));
        });

        _clock.Advance(TimeSpan.FromHours(2));
        Sweep();

        (_connection.GetSetCount("s"), _connection.GetHashCount("h"), _connection.GetListCount("l"), _connection.GetCounter("c")).ShouldBe((0, 0, 0, 0));
        (_connection.GetSetCount("kept"), _connection.GetCounter("kept"), _connection.GetCounter("later")).ShouldBe((1, 1, 1));
        (await CountAsync("job_expirations")).ShouldBe(0);
    }

    [Fact]
    public async Task Much_that_has_expired_goes_in_batches()
    {
        Reopen(new SqliteJobStorageOptions { ExpirationBatch = 7 });
        for (var i = 0; i < 20; i++)
        {
            var id = NewJob(new SucceededState(null, 1, 1));
            Write(transaction => transaction.ExpireJob(id, TimeSpan.FromHours(1)));
        }

        _clock.Advance(TimeSpan.FromHours(2));
        var process = (ExpirationProcess)_storage.GetStorageWideProcesses().Single();

        Enumerable.Range(0, 4).Select(_ => process.RemoveBatch()).ShouldBe([7, 7, 6, 0]);
        (await CountAsync("jobs"), Monitor.SucceededListCount()).ShouldBe((0, 0));
    }

    [Fact]
    public void Failed_jobs_are_kept_for_their_own_time()
    {
        Reopen(new SqliteJobStorageOptions { FailedJobRetention = TimeSpan.FromDays(90), ExpirationBatch = 2 });
        var old = Enumerable.Range(0, 3).Select(_ => NewJob(Failure())).ToList();
        _clock.Advance(TimeSpan.FromDays(60));
        var young = NewJob(Failure());
        var requeued = NewJob(Failure());
        Write(transaction => transaction.SetJobState(requeued, new EnqueuedState()));

        Sweep();
        Monitor.FailedCount().ShouldBe(4);
        _clock.Advance(TimeSpan.FromDays(31));
        Sweep();

        (Monitor.FailedCount(), Monitor.FailedJobs(0, 10).ShouldHaveSingleItem().Key).ShouldBe((1, young));
        old.ShouldAllBe(id => _connection.GetJobData(id) == null);
        _connection.GetJobData(requeued).ShouldNotBeNull("it is not failed any more");
    }

    [Fact]
    public void Failed_jobs_can_be_kept_for_ever()
    {
        Reopen(new SqliteJobStorageOptions { FailedJobRetention = TimeSpan.MaxValue });
        NewJob(Failure());

        _clock.Advance(TimeSpan.FromDays(100 * 365));
        Sweep();

        Monitor.FailedCount().ShouldBe(1);
    }

    [Fact]
    public void A_clock_that_is_set_back_neither_reorders_nor_delays()
    {
        var id = NewJob(new EnqueuedState());
        _clock.Advance(TimeSpan.FromHours(1));
        Write(transaction => transaction.SetJobState(id, new ScheduledState(Month)));
        Write(transaction => transaction.ExpireJob(id, TimeSpan.FromMinutes(10)));
        _clock.Advance(TimeSpan.FromHours(-5));
        Write(transaction => transaction.AddJobState(id, Failure()));

        var history = Monitor.JobDetails(id).History;
        history.Select(state => state.StateName).ShouldBe(["Failed", "Scheduled", "Enqueued"]);
        history.Select(state => state.CreatedAt).ShouldBe(history.Select(state => state.CreatedAt).OrderDescending());
        Sweep();
        _connection.GetJobData(id).ShouldNotBeNull("its time has not come");
        _clock.Advance(TimeSpan.FromHours(5) + TimeSpan.FromMinutes(10));
        Sweep();
        _connection.GetJobData(id).ShouldBeNull();
    }

    [Fact]
    public async Task A_history_holds_the_newest_states()
    {
        Reopen(new SqliteJobStorageOptions { HistoryPerJob = 5 });
        var id = NewJob(new EnqueuedState());
        for (var i = 0; i < 20; i++)
        {
            var reason = $"{i}";
            Write(transaction =>
            {
                transaction.AddJobState(id, Failure());
                transaction.SetJobState(id, new ScheduledState(Month) { Reason = reason });
            });
        }

        var history = Monitor.JobDetails(id).History;

        history.Select(state => state.StateName).ShouldBe(["Scheduled", "Failed", "Scheduled", "Failed", "Scheduled"]);
        (history[0].Reason, history[2].Reason, await CountAsync("job_states")).ShouldBe(("19", "18", 4));
    }

    [Fact]
    public async Task A_running_server_removes_what_has_expired()
    {
        Reopen(new SqliteJobStorageOptions { ExpirationInterval = TimeSpan.FromMilliseconds(50) });
        using var server = new BackgroundJobServer(new BackgroundJobServerOptions { WorkerCount = 1 }, _storage);
        var id = NewJob(new SucceededState(null, 1, 1));
        Write(transaction => transaction.ExpireJob(id, TimeSpan.FromMinutes(1)));

        _clock.Advance(TimeSpan.FromHours(1));

        await Eventually.HoldsAsync(() => Task.FromResult(_connection.GetJobData(id) is null), "the job is gone");
    }

    [Fact]
    public async Task A_scheduled_job_is_due_when_the_clock_says_so()
    {
        var key = Probe.NewKey();
        var due = _clock.GetUtcNow() + TimeSpan.FromDays(3);
        Client.Schedule(() => Probe.Leave(key, "done"), due);
        using var server = new BackgroundJobServer(
            new BackgroundJobServerOptions { WorkerCount = 1, SchedulePollingInterval = TimeSpan.FromMilliseconds(50) }, _storage);
        Probe.Of(key).ShouldBeEmpty();

        _clock.Advance(TimeSpan.FromDays(3));

        await Eventually.HoldsAsync(() => Task.FromResult(Probe.Of(key).Count == 1), "the job runs");
    }

    [Fact]
    public async Task A_jobs_life_takes_three_commits()
    {
        var key = Probe.NewKey();
        var before = Commits();
        var id = Client.Enqueue(() => Probe.Leave(key, "done"));
        (Commits() - before).ShouldBe(1, "create and enqueue");

        using var server = new BackgroundJobServer(new BackgroundJobServerOptions { WorkerCount = 2 }, _storage);
        await Eventually.HoldsAsync(() => Task.FromResult(Monitor.SucceededListCount() == 1), "it has run");

        (Commits() - before, _connection.GetJobData(id).State).ShouldBe((3, "Succeeded"));
    }

    [Fact]
    public void The_dashboard_works_with_100000_failed_jobs()
    {
        const int Jobs = 100_000;
        var nothing = Job.FromExpression(() => Probe.Nothing());
        var none = new Dictionary<string, string>();
        var first = "";
        var last = "";
        for (var i = 0; i < Jobs; i += 2000)
        {
            Write(transaction =>
            {
                for (var j = 0; j < 2000; j++)
                {
                    last = transaction.CreateJob(nothing, none, _clock.GetUtcNow().UtcDateTime, Month);
                    if (first.Length == 0) first = last;
                    transaction.SetJobState(last, Failure());
                    transaction.PersistJob(last);
                }
            });
        }

        Reopen();

        (Monitor.FailedCount(), Monitor.GetStatistics().Failed).ShouldBe((Jobs, Jobs));
        Monitor.FailedJobs(0, 10).Select(job => job.Key).First().ShouldBe(last);
        Monitor.FailedJobs(Jobs - 10, 50).Select(job => job.Key).Last().ShouldBe(first);
        Monitor.FailedJobs(Jobs, 10).ShouldBeEmpty();
        Monitor.FailedJobs(Jobs / 2, 500).ShouldAllBe(job => job.Value.ExceptionMessage == "boom" && job.Value.Job.Method.Name == nameof(Probe.Nothing));
        Monitor.JobDetails(last).History.Single().StateName.ShouldBe("Failed");
        Sweep();
        Monitor.FailedCount().ShouldBe(Jobs);
    }

    private static FailedState Failure() => new(new InvalidOperationException("boom"));

    /// <summary>How many commits the write-ahead log holds: in it, the last page of each commit says how large the database is then.</summary>
    private int Commits()
    {
        const int LogHeader = 32;
        const int PageHeader = 24;
        var log = new FileStream(new StorageOptions(_folder.Path).DatabaseFile + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new BinaryReader(log);
        var header = reader.ReadBytes(LogHeader);
        if (header.Length < LogHeader) return 0;
        var pageSize = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(8));
        var salts = header.AsSpan(16, 8).ToArray();
        var commits = 0;
        while (reader.ReadBytes(PageHeader) is { Length: PageHeader } page && page.AsSpan(8, 8).SequenceEqual(salts))
        {
            if (System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(page.AsSpan(4)) != 0) commits++;
            log.Seek(pageSize, SeekOrigin.Current);
        }

        return commits;
    }
}
