using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>Transactions: all or nothing, in their order.</summary>
public abstract partial class JobStorageConformance
{
    [SkippableFact]
    public virtual void Nothing_is_seen_before_the_commit_and_all_of_it_after()
    {
        var id = NewJob();
        using var transaction = NewTransaction();
        transaction.SetJobState(id, new EnqueuedState("q"));
        transaction.AddToQueue("q", id);
        transaction.AddToSet("s", "a");
        transaction.IncrementCounter("c");

        (Connection.GetJobData(id).State, Monitor.EnqueuedCount("q"), Connection.GetSetCount("s"), Connection.GetCounter("c")).ShouldBe((null, 0, 0, 0));
        transaction.Commit();
        (Connection.GetJobData(id).State, Monitor.EnqueuedCount("q"), Connection.GetSetCount("s"), Connection.GetCounter("c")).ShouldBe(("Enqueued", 1, 1, 1));
    }

    [SkippableFact]
    public virtual void Without_a_commit_nothing_happens()
    {
        var id = NewJob();
        using (var transaction = NewTransaction())
        {
            transaction.SetJobState(id, new EnqueuedState("q"));
            transaction.AddToQueue("q", id);
            transaction.SetRangeInHash("h", [KeyValuePair.Create("f", "v")]);
        }

        (Connection.GetJobData(id).State, Monitor.EnqueuedCount("q"), Connection.GetHashCount("h")).ShouldBe((null, 0, 0));
    }

    [SkippableFact]
    public virtual void A_state_that_throws_throws_where_it_is_given_and_leaves_nothing()
    {
        var id = NewJob();
        using (var transaction = NewTransaction())
        {
            transaction.AddToSet("s", "a");
            Should.Throw<InvalidTimeZoneException>(() => transaction.SetJobState(id, new ThrowingState()));
        }

        (Connection.GetJobData(id).State, Connection.GetSetCount("s")).ShouldBe((null, 0));
    }

    [SkippableFact]
    public virtual void The_current_state_is_the_last_set_and_the_history_holds_all()
    {
        var id = NewJob();
        Write(transaction => transaction.SetJobState(id, new EnqueuedState("q") { Reason = "first" }));
        Write(transaction =>
        {
            transaction.AddJobState(id, Failure("refused"));
            transaction.SetJobState(id, new ScheduledState(Month) { Reason = "second" });
        });
        Write(transaction => transaction.AddJobState(id, new DeletedState { Reason = "only noted" }));

        Connection.GetJobData(id).State.ShouldBe("Scheduled");
        var state = Connection.GetStateData(id);
        (state.Name, state.Reason).ShouldBe(("Scheduled", "second"));
        state.Data.ShouldContainKey("EnqueueAt");
        var history = Monitor.JobDetails(id).History;
        history.Select(entry => entry.StateName).ShouldBe(["Deleted", "Scheduled", "Failed", "Enqueued"]);
        history.Select(entry => entry.Reason).ShouldBe(["only noted", "second", "why refused", "first"]);
        history[2].Data["ExceptionMessage"].ShouldBe("refused");
        history.ShouldAllBe(entry => entry.CreatedAt.Kind == DateTimeKind.Utc);
    }

    [SkippableFact]
    public virtual void A_job_expires_when_told_and_never_when_persisted()
    {
        var id = NewJob();
        Write(transaction => transaction.ExpireJob(id, TimeSpan.FromHours(5)));
        Monitor.JobDetails(id).ExpireAt.ShouldNotBeNull().ShouldBe(DateTime.UtcNow.AddHours(5), TimeSpan.FromMinutes(1));

        Write(transaction => transaction.PersistJob(id));
        Monitor.JobDetails(id).ExpireAt.ShouldBeNull();

        Write(transaction => transaction.ExpireJob(id, TimeSpan.MaxValue));
        Monitor.JobDetails(id).ShouldNotBeNull("the end of time is a time");
    }

    [SkippableTheory]
    [InlineData("999999999")]
    [InlineData("no id")]
    public virtual void A_missing_job_does_not_fail_the_others(string missing)
    {
        var id = NewJob();

        Write(transaction =>
        {
            transaction.SetJobState(missing, new EnqueuedState("q"));
            transaction.AddJobState(missing, new EnqueuedState("q"));
            transaction.SetJobParameter(missing, "a", "1");
            transaction.ExpireJob(missing, Month);
            transaction.PersistJob(missing);
            transaction.SetJobState(id, new ScheduledState(Month));
            transaction.IncrementCounter("c");
        });

        (Connection.GetJobData(id).State, Connection.GetCounter("c")).ShouldBe(("Scheduled", 1));
    }

    [SkippableFact]
    public virtual void Operations_are_applied_in_the_order_of_the_calls()
    {
        var id = NewJob();

        Write(transaction =>
        {
            transaction.SetJobState(id, new EnqueuedState("q"));
            transaction.SetJobState(id, new ScheduledState(Month));
            transaction.ExpireJob(id, Month);
            transaction.PersistJob(id);
            transaction.AddToSet("s", "a", 1);
            transaction.RemoveSet("s");
            transaction.AddToSet("s", "b", 1);
            transaction.AddToSet("s", "b", 7);
            transaction.InsertToList("l", "1");
            transaction.InsertToList("l", "2");
            transaction.RemoveFromList("l", "1");
            transaction.SetRangeInHash("h", [KeyValuePair.Create("f", "1")]);
            transaction.RemoveHash("h");
            transaction.SetRangeInHash("h", [KeyValuePair.Create("f", "2")]);
        });

        Connection.GetJobData(id).State.ShouldBe("Scheduled");
        Monitor.JobDetails(id).ExpireAt.ShouldBeNull();
        Monitor.JobDetails(id).History.Select(state => state.StateName).ShouldBe(["Scheduled", "Enqueued"]);
        Connection.GetAllItemsFromSet("s").ShouldBe(["b"]);
        Connection.GetFirstByLowestScoreFromSet("s", 7, 7).ShouldBe("b");
        Connection.GetAllItemsFromList("l").ShouldBe(["2"]);
        Connection.GetAllEntriesFromHash("h").ShouldBe(new Dictionary<string, string> { ["f"] = "2" });
    }

    [SkippableFact]
    public virtual void A_transaction_creates_a_job_and_enqueues_it_at_once()
    {
        string id;
        using (var transaction = NewTransaction())
        {
            id = transaction.CreateJob(
                Job.FromExpression(() => Probe.Take("x")), new Dictionary<string, string> { ["a"] = "1" }, DateTime.UtcNow, Month);
            transaction.SetJobState(id, new EnqueuedState("q"));
            transaction.SetJobParameter(id, "b", "2");
            transaction.AddToQueue("q", id);
            Connection.GetJobData(id).ShouldBeNull("nothing is committed yet");
            transaction.Commit();
        }

        using var fetched = Fetch("q");
        var job = Connection.GetJobData(fetched.JobId);
        (fetched.JobId, job.State, job.Job.Args.Single()).ShouldBe((id, "Enqueued", "x"));
        (job.ParametersSnapshot["a"], job.ParametersSnapshot["b"]).ShouldBe(("1", "2"));
    }

    [SkippableFact]
    public virtual void A_job_that_was_created_in_a_transaction_without_a_commit_is_not_there()
    {
        string id;
        using (var transaction = NewTransaction())
            id = transaction.CreateJob(Job.FromExpression(() => Probe.Nothing()), new Dictionary<string, string>(), DateTime.UtcNow, Month);

        Connection.GetJobData(id).ShouldBeNull();
    }

    [SkippableFact]
    public virtual void A_transaction_sets_parameters_with_its_commit()
    {
        var id = NewJob(("a", "1"));
        using var transaction = NewTransaction();
        transaction.SetJobParameter(id, "a", "2");
        transaction.SetJobParameter(id, "b", null);

        Connection.GetJobParameter(id, "a").ShouldBe("1");
        transaction.Commit();
        Connection.GetJobParameter(id, "a").ShouldBe("2");
    }

    [SkippableFact]
    public virtual void A_transactions_lock_is_held_until_the_commit()
    {
        using var other = NewConnection();
        using (var transaction = NewTransaction())
        {
            transaction.AcquireDistributedLock("resource", TimeSpan.Zero);
            Should.Throw<DistributedLockTimeoutException>(() => other.AcquireDistributedLock("resource", TimeSpan.Zero));
            transaction.AddToSet("s", "a");
            transaction.Commit();
            other.AcquireDistributedLock("resource", TimeSpan.Zero).Dispose();
        }

        using (var transaction = NewTransaction()) transaction.AcquireDistributedLock("resource", TimeSpan.Zero);
        other.AcquireDistributedLock("resource", TimeSpan.Zero).Dispose();
    }

    [SkippableFact]
    public virtual void An_empty_transaction_commits()
    {
        Write(_ => { });

        Monitor.GetStatistics().Enqueued.ShouldBe(0);
    }

    private sealed class ThrowingState : IState
    {
        public string Name => "Throwing";

        public string? Reason => null;

        public bool IsFinal => false;

        public bool IgnoreJobLoadException => false;

        public Dictionary<string, string> SerializeData() => throw new InvalidTimeZoneException("No data.");
    }
}
