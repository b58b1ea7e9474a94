using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage;
using PaymentSim.Core.JobStorage;
using PaymentSim.Core.Storage.Sqlite;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>What our storage promises beyond Hangfire's contract: it survives, and it shares the payments' write units.</summary>
[Collection(HangfireStatics.Name)]
public sealed partial class SqliteJobStorageTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private SqliteDatabase _database;
    private SqliteJobStorage _storage;
    private JobStorageConnection _connection;

    public SqliteJobStorageTests()
    {
        JobStorages.ConfigureHangfire();
        (_database, _storage, _connection) = Open();
    }

    private JobStorageMonitor Monitor => (JobStorageMonitor)_storage.GetMonitoringApi();

    private BackgroundJobClient Client => new(_storage);

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Jobs_survive_the_process()
    {
        var scheduled = NewJob(new ScheduledState(Month));
        _connection.SetJobParameter(scheduled, "a", "1");
        var failed = NewJob(new EnqueuedState());
        Write(transaction => transaction.SetJobState(failed, new FailedState(new InvalidOperationException("boom")) { Reason = "why" }));
        Write(transaction =>
        {
            transaction.AddToSet("s", "a", 1.5);
            transaction.SetRangeInHash("h", [KeyValuePair.Create("f", "v")]);
            transaction.InsertToList("l", "a");
            transaction.IncrementCounter("stats:succeeded");
            transaction.ExpireSet("s", Month);
        });

        Reopen();

        (_connection.GetJobData(scheduled).State, _connection.GetJobParameter(scheduled, "a")).ShouldBe(("Scheduled", "1"));
        var job = Monitor.FailedJobs(0, 10).ShouldHaveSingleItem();
        (job.Key, job.Value.ExceptionMessage, job.Value.Reason, job.Value.Job.Method.Name).ShouldBe((failed, "boom", "why", nameof(Probe.Nothing)));
        Monitor.JobDetails(failed).History.Select(state => state.StateName).ShouldBe(["Failed", "Enqueued"]);
        (Monitor.FailedCount(), Monitor.ScheduledCount(), Monitor.GetStatistics().Succeeded).ShouldBe((1, 1, 1));
        (_connection.GetFirstByLowestScoreFromSet("s", 1.5, 1.5), _connection.GetValueFromHash("h", "f")).ShouldBe(("a", "v"));
        (_connection.GetAllItemsFromList("l").Single(), _connection.GetSetTtl("s") > TimeSpan.FromDays(29)).ShouldBe(("a", true));
    }

    [Fact]
    public void Jobs_that_were_not_acknowledged_are_ready_again_in_their_order()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => NewJobIn("q")).ToList();
        var first = Fetch("q");
        Fetch("q").RemoveFromQueue();
        var third = Fetch("q");
        (first.JobId, third.JobId).ShouldBe((ids[0], ids[2]));

        // As after a crash: nobody gave them back.
        Reopen();

        Monitor.EnqueuedJobs("q", 0, 10).Select(job => job.Key).ShouldBe([ids[0], ids[2], ids[3], ids[4]]);
        Monitor.FetchedCount("q").ShouldBe(0);
        Fetch("q").JobId.ShouldBe(ids[0]);
    }

    [Fact]
    public void An_id_is_never_given_twice()
    {
        var id = NewJob(new EnqueuedState());
        Write(transaction => transaction.ExpireJob(id, TimeSpan.Zero));
        Sweep();
        _connection.GetJobData(id).ShouldBeNull();

        Reopen();

        long.Parse(NewJob(new EnqueuedState()), null).ShouldBeGreaterThan(long.Parse(id, null));
    }

    [Fact]
    public void New_jobs_go_behind_those_of_the_process_before()
    {
        var before = NewJobIn("q");
        var failed = NewJob(new FailedState(new InvalidOperationException("old")));
        Reopen();

        var after = NewJobIn("q");
        var newer = NewJob(new FailedState(new InvalidOperationException("new")));

        Monitor.EnqueuedJobs("q", 0, 10).Select(job => job.Key).ShouldBe([before, after]);
        Monitor.FailedJobs(0, 10).Select(job => job.Key).ShouldBe([newer, failed]);
    }

    [Fact]
    public void A_database_has_one_job_storage()
    {
        Should.Throw<InvalidOperationException>(() => JobStorages.Open(_database)).Message.ShouldContain("job storage");

        using var folder = new TempFolder();
        using var other = Databases.Open(folder);
        JobStorages.Open(other).GetMonitoringApi().GetStatistics().Enqueued.ShouldBe(0);
    }

    [Fact]
    public void It_says_what_it_is_and_not_where()
    {
        _storage.ToString().ShouldNotBeNullOrEmpty();
        _storage.ToString().ShouldNotContain("/");
        _storage.ToString().ShouldNotContain(Path.GetFileName(_folder.Path));
        _storage.LinearizableReads.ShouldBeTrue();
        _storage.JobExpirationTimeout.ShouldBe(TimeSpan.FromDays(1));
    }

    [Theory]
    [InlineData("Job.Queue")]
    [InlineData("Storage.ExtendedApi")]
    [InlineData("Storage.ProcessesInsteadOfComponents")]
    [InlineData("Connection.GetUtcDateTime")]
    [InlineData("Connection.BatchedGetFirstByLowestScoreFromSet")]
    [InlineData("Connection.GetSetContains")]
    [InlineData("Connection.GetSetCount.Limited")]
    [InlineData("Transaction.AcquireDistributedLock")]
    [InlineData("Transaction.CreateJob")]
    [InlineData("Transaction.SetJobParameter")]
    [InlineData("Monitoring.DeletedStateGraphs")]
    [InlineData("Monitoring.AwaitingJobs")]
    public void It_declares_what_it_can(string feature) => _storage.HasFeature(feature).ShouldBeTrue();

    [Fact]
    public void It_does_not_declare_what_it_has_never_heard_of() => _storage.HasFeature("Storage.TimeTravel").ShouldBeFalse();

    [Fact]
    public void Hangfires_own_way_to_choose_a_storage_chooses_it()
    {
        using var folder = new TempFolder();
        using var database = Databases.Open(folder);

        var chosen = GlobalConfiguration.Configuration.UseSqliteStorage(database).Entry;

        Hangfire.JobStorage.Current.ShouldBeSameAs(chosen);
        chosen.JobExpirationTimeout.ShouldBe(new SqliteJobStorageOptions().FinishedJobRetention);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        using var folder = new TempFolder();
        using var database = Databases.Open(folder);
        SqliteJobStorageOptions[] wrong =
        [
            new() { FinishedJobRetention = TimeSpan.Zero }, new() { FailedJobRetention = TimeSpan.FromDays(-1) }, new() { HistoryPerJob = 0 },
            new() { ExpirationInterval = TimeSpan.Zero }, new() { ExpirationBatch = 0 },
        ];

        foreach (var options in wrong) Should.Throw<ArgumentOutOfRangeException>(() => JobStorages.Open(database, options), options.ToString());
        JobStorages.Open(database, new SqliteJobStorageOptions { FailedJobRetention = TimeSpan.MaxValue, FinishedJobRetention = TimeSpan.FromHours(1) })
            .JobExpirationTimeout.ShouldBe(TimeSpan.FromHours(1));
    }

    [Fact]
    public void Its_time_is_the_injected_clocks()
    {
        _connection.GetUtcDateTime().ShouldBe(ManualClock.Start.UtcDateTime);
        _clock.Advance(Month);
        _connection.GetUtcDateTime().ShouldBe((ManualClock.Start + Month).UtcDateTime);
        _clock.Advance(-Month);
        _connection.GetUtcDateTime().ShouldBe(ManualClock.Start.UtcDateTime, "who asks for the time gets the clock's");
    }

    [Fact]
    public async Task Damaged_rows_break_neither_workers_nor_pages()
    {
        string[] states = ["Failed", "Succeeded", "Deleted", "Scheduled", "Processing", "Awaiting", "Enqueued"];
        foreach (var state in states)
        {
            await _database.WriteAsync(() => _database.ExecuteAsync(
                """
                INSERT INTO jobs (created_at, expire_at, state, state_number, states, list_order, state_at, state_reason, state_data, queue, type, parameters, arguments)
                VALUES (9223372036854775807, 'soon', @state, 'x', -5, 1, 'yesterday', NULL, '{"EnqueueAt":"never","Latency":"x","ParentId":[]', NULL, NULL, '[1', 'nothing')
                """,
                new { state }));
        }

        await _database.WriteAsync(() => _database.ExecuteAsync("INSERT INTO job_queue (id, queue, job_id) SELECT id, 'q', id FROM jobs"));
        await _database.WriteAsync(() => _database.ExecuteAsync("INSERT INTO job_queue (id, queue, job_id) VALUES (100, 'q', 'x')"));
        Reopen();

        Monitor.FailedJobs(0, 10).ShouldHaveSingleItem().Value.LoadException.ShouldNotBeNull();
        (Monitor.SucceededJobs(0, 10).Count, Monitor.DeletedJobs(0, 10).Count, Monitor.ScheduledJobs(0, 10).Count).ShouldBe((1, 1, 1));
        (Monitor.ProcessingJobs(0, 10).Count, Monitor.AwaitingJobs(0, 10).Count, Monitor.EnqueuedJobs("q", 0, 10).Count).ShouldBe((1, 1, 8));
        Monitor.Queues().ShouldHaveSingleItem();
        Monitor.JobDetails("1").ShouldNotBeNull().Job.ShouldBeNull();
        for (var i = 0; i < 8; i++)
        {
            using var fetched = Fetch("q");
            _connection.GetJobData(fetched.JobId)?.LoadException.ShouldNotBeNull();
            fetched.RemoveFromQueue();
        }
    }

    private (SqliteDatabase Database, SqliteJobStorage Storage, JobStorageConnection Connection) Open(SqliteJobStorageOptions? options = null)
    {
        var database = Databases.Open(_folder);
        var storage = JobStorages.Open(database, options, _clock);
        return (database, storage, (JobStorageConnection)storage.GetConnection());
    }

    /// <summary>Closes the file and opens it anew, as the next process does.</summary>
    private void Reopen(SqliteJobStorageOptions? options = null)
    {
        _database.Dispose();
        (_database, _storage, _connection) = Open(options);
    }

    private JobStorageTransaction NewTransaction() => (JobStorageTransaction)_connection.CreateWriteTransaction();

    private void Write(Action<JobStorageTransaction> change)
    {
        using var transaction = NewTransaction();
        change(transaction);
        transaction.Commit();
    }

    private string NewJob(IState state)
    {
        var id = "";
        Write(transaction =>
        {
            id = transaction.CreateJob(Job.FromExpression(() => Probe.Nothing()), new Dictionary<string, string>(), _clock.GetUtcNow().UtcDateTime, Month);
            transaction.SetJobState(id, state);
            transaction.PersistJob(id);
        });
        return id;
    }

    private string NewJobIn(string queue)
    {
        var id = NewJob(new EnqueuedState(queue));
        Write(transaction => transaction.AddToQueue(queue, id));
        return id;
    }

    private IFetchedJob Fetch(string queue)
    {
        using var limit = new CancellationTokenSource(Limit);
        return _connection.FetchNextJob([queue], limit.Token);
    }

    /// <summary>Removes what has expired, as the storage's own process does.</summary>
    private void Sweep()
    {
        var process = _storage.GetStorageWideProcesses().ShouldHaveSingleItem().ShouldBeOfType<ExpirationProcess>();
        while (process.RemoveBatch() > 0)
        {
            // The next batch.
        }
    }

    private Task<long> CountAsync(string table) => _database.FirstOrDefaultAsync<long>($"SELECT COUNT(*) FROM {table}");
}
