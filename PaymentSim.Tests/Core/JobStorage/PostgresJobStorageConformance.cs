using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PaymentSim.Core.JobStorage;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Storage.Postgres;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>Hangfire.PostgreSql as it is set up for several nodes. Its known differences, each with the reason:</summary>
[Collection(HangfireStatics.Name)]
public sealed class PostgresJobStorageConformance : JobStorageConformance
{
    /// <summary>All that the tests use: any other would be the package's own.</summary>
    private static readonly string[] Queues = ["default", "q", "a", "b", "c", "a-low", "z-high", "few", "many", "in", "out", "fetched"];

    private readonly Resources _resources;

    public PostgresJobStorageConformance()
        : this(new Resources())
    {
    }

    private PostgresJobStorageConformance(Resources resources)
        : base(() => resources.Open()) => _resources = resources;

    protected override int JobsOfEachProducer => 50;

    public override void Dispose()
    {
        base.Dispose();
        _resources.Dispose();
    }

    /// <summary>The dashboard's addresses hold any text; without care the package answers them with an error.</summary>
    [SkippableTheory]
    [InlineData("x")]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("999999999")]
    [InlineData("99999999999999999999999")]
    [InlineData("1' OR '1'='1")]
    [InlineData("../..")]
    public void No_job_is_found_by_a_text_that_is_no_id(string id)
    {
        NewJob();

        Connection.GetJobData(id).ShouldBeNull();
        Connection.GetStateData(id).ShouldBeNull();
        Connection.GetJobParameter(id, "a").ShouldBeNull();
        Monitor.JobDetails(id).ShouldBeNull();
    }

    /// <summary>The end of such a listening can be missed, and the worker then stands still with the job that it has just fetched.</summary>
    [SkippableFact]
    public async Task A_worker_that_waits_for_jobs_listens_to_nothing()
    {
        using var stop = new CancellationTokenSource();
        var fetched = 0;
        var storage = Storage;
        var worker = Task.Factory.StartNew(
            () =>
            {
                using var connection = storage.GetConnection();
                while (true)
                {
                    using var job = connection.FetchNextJob(["q"], stop.Token);
                    job.RemoveFromQueue();
                    Interlocked.Increment(ref fetched);
                }
            },
            TaskCreationOptions.LongRunning);
        try
        {
            for (var i = 1; i <= 3; i++)
            {
                NewJobIn("q");
                await Eventually.HoldsAsync(() => Task.FromResult(Volatile.Read(ref fetched) == i), "the worker has the job");
            }

            await Eventually.PassesAsync(TimeSpan.FromMilliseconds(300));

            _resources.Sessions("query ILIKE 'LISTEN%'").ShouldBe(0);
            _resources.Sessions("true").ShouldBeGreaterThan(0);
        }
        finally
        {
            stop.Cancel();
        }

        await Should.ThrowAsync<OperationCanceledException>(worker);
    }

    public override void A_connections_locks_end_with_it() =>
        Skip.If(true, "Hangfire.PostgreSql holds a connection's lock until it is released or has timed out.");

    public override void A_set_is_ordered_by_score_and_its_ranges_are_inclusive() =>
        Skip.If(true, "Hangfire.PostgreSql orders a set's ranges by age instead of by score.");

    public override void Impossible_ranges_are_refused() =>
        Skip.If(true, "Hangfire.PostgreSql refuses an impossible range without naming the parameter.");

    public override void A_range_is_added_to_a_set_that_has_part_of_it() =>
        Skip.If(true, "Hangfire.PostgreSql cannot add a range to a set that has part of it.");

    public override void A_set_says_what_it_holds_and_counts_to_a_limit() =>
        Skip.If(true, "Hangfire.PostgreSql cannot be asked whether a set holds a value.");

    public override void Upper_and_lower_case_are_different() =>
        Skip.If(true, "Hangfire.PostgreSql cannot be asked whether a set holds a value.");

    public override void A_list_is_trimmed_to_a_range(int from, int to, string left) =>
        Skip.If(true, $"Hangfire.PostgreSql trims a list from its oldest end ({from} to {to}, instead of '{left}').");

    public override void Places_before_a_lists_first_are_empty(int from, int to, string left) =>
        Skip.If(true, $"Hangfire.PostgreSql takes no places before a list's first ({from} to {to}, instead of '{left}').");

    public override Task A_continuation_runs_after_its_parent()
    {
        Skip.If(true, "Hangfire.PostgreSql does not count the jobs that await others.");
        return Task.CompletedTask;
    }

    public override void A_job_reads_back_with_its_parameters() =>
        Skip.If(true, "Hangfire.PostgreSql reads parameters one by one.");

    public override void An_id_that_no_job_has_gives_nothing(string id) =>
        Skip.If(true, $"Hangfire.PostgreSql fails where a parameter is set for a job that is not there ({id}).");

    public override void Null_arguments_are_refused_by_name() =>
        Skip.If(true, "Hangfire.PostgreSql names a job's id otherwise.");

    public override void A_transaction_refuses_null_arguments_by_name() =>
        Skip.If(true, "Hangfire.PostgreSql finds null arguments when it commits.");

    public override void A_megabyte_of_any_text_survives() =>
        Skip.If(true, "Hangfire.PostgreSql cannot keep the character U+0000: PostgreSQL has none.");

    public override void The_storages_clock_is_the_clock() =>
        Skip.If(true, "Hangfire.PostgreSql has the server's clock.");

    public override void A_waiting_job_shows_its_parents_state() =>
        Skip.If(true, "Hangfire.PostgreSql does not list the jobs that await others.");

    public override void Statistics_are_right_at_once() =>
        Skip.If(true, "Hangfire.PostgreSql does not count retries.");

    public override void Graphs_are_right_at_once(string state) =>
        Skip.If(true, $"Hangfire.PostgreSql has the server's clock ({state}).");

    public override void Jobs_that_cannot_be_loaded_break_no_page() =>
        Skip.If(true, "Hangfire.PostgreSql does not list the jobs that await others.");

    public override void A_queued_job_that_is_gone_breaks_no_page() =>
        Skip.If(true, "Hangfire.PostgreSql leaves a job that is gone out of its queue's page.");

    public override void Jobs_come_in_the_order_of_enqueueing_and_not_of_creation() =>
        Skip.If(true, "Hangfire.PostgreSql takes jobs in the order of their creation.");

    public override void A_transaction_acknowledges_with_its_commit() =>
        Skip.If(true, "Hangfire.PostgreSql has no transactional acknowledge.");

    public override void A_transaction_that_is_not_committed_acknowledges_nothing() =>
        Skip.If(true, "Hangfire.PostgreSql has no transactional acknowledge.");

    public override void The_first_queue_of_the_array_comes_first() =>
        Skip.If(true, "Hangfire.PostgreSql takes queues in the order of their names.");

    public override void A_state_that_throws_throws_where_it_is_given_and_leaves_nothing() =>
        Skip.If(true, "Hangfire.PostgreSql asks a state for its data when it commits.");

    public override void A_job_expires_when_told_and_never_when_persisted() =>
        Skip.If(true, "Hangfire.PostgreSql knows no time after the year 9999.");

    public override void A_missing_job_does_not_fail_the_others(string missing) =>
        Skip.If(true, $"Hangfire.PostgreSql cannot set a parameter in a transaction ({missing}).");

    public override void A_transaction_creates_a_job_and_enqueues_it_at_once() =>
        Skip.If(true, "Hangfire.PostgreSql cannot create a job in a transaction.");

    public override void A_job_that_was_created_in_a_transaction_without_a_commit_is_not_there() =>
        Skip.If(true, "Hangfire.PostgreSql cannot create a job in a transaction.");

    public override void A_transaction_sets_parameters_with_its_commit() =>
        Skip.If(true, "Hangfire.PostgreSql cannot set a parameter in a transaction.");

    public override void A_transactions_lock_is_held_until_the_commit() =>
        Skip.If(true, "Hangfire.PostgreSql takes no lock with a transaction.");

    public override void Each_list_is_paged_in_its_order(string state, bool newestFirst)
    {
        Skip.If(state == "Awaiting", "Hangfire.PostgreSql does not list the jobs that await others.");
        Skip.If(!newestFirst, $"Hangfire.PostgreSql lists {state} jobs newest first.");
        base.Each_list_is_paged_in_its_order(state, newestFirst);
    }

    private sealed class Resources : IDisposable
    {
        private readonly TempFolder _folder = new();
        private PostgresDatabase? _database;
        private Hangfire.JobStorage? _storage;

        public Hangfire.JobStorage Open()
        {
            Skip.If(PostgresServer.Missing is not null, PostgresServer.Missing);
            _database = new PostgresDatabase(
                new StorageOptions(_folder.Path) { Postgres = _folder.Postgres }, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
            return _storage = PostgresJobs.Open(_database, TimeSpan.FromDays(1), Queues);
        }

        /// <summary>How many sessions on the database, but this question's, this is true of.</summary>
        public long Sessions(string condition)
        {
            using var connection = new NpgsqlConnection(_folder.Postgres);
            return connection.ExecuteScalar<long>($"SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}");
        }

        public void Dispose()
        {
            (_storage as IDisposable)?.Dispose();
            _database?.Dispose();
            _folder.Dispose();
        }
    }
}
