using Hangfire.Common;
using Hangfire.States;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>Jobs and their parameters.</summary>
public abstract partial class JobStorageConformance
{
    public static TheoryData<string> NoIds => ["", " ", "x", "-1", "0", "999999999", "99999999999999999999999", "1' OR '1'='1", "../..", "１"];

    [SkippableFact]
    public virtual void A_job_reads_back_with_its_parameters()
    {
        var created = new DateTime(2025, 6, 15, 12, 30, 15, 250, DateTimeKind.Utc);
        var id = Connection.CreateExpiredJob(
            Job.FromExpression(() => Probe.Take("Žofie 💳")), new Dictionary<string, string> { ["a"] = "1", ["b"] = null! }, created, Month);

        var job = Connection.GetJobData(id);

        job.ShouldNotBeNull();
        (job.Job.Type, job.Job.Method.Name, job.Job.Args.Single()).ShouldBe((typeof(Probe), nameof(Probe.Take), "Žofie 💳"));
        (job.State, job.LoadException, job.InvocationData.Method).ShouldBe((null, null, nameof(Probe.Take)));
        job.CreatedAt.Kind.ShouldBe(DateTimeKind.Utc);
        job.ParametersSnapshot["a"].ShouldBe("1");
        job.ParametersSnapshot["b"].ShouldBeNull();
        Connection.GetJobParameter(id, "a").ShouldBe("1");
        Connection.GetStateData(id).ShouldBeNull("it has no state yet");
    }

    [SkippableFact]
    public virtual void The_time_of_creation_is_the_creators()
    {
        var created = new DateTime(2025, 6, 15, 12, 30, 15, 250, DateTimeKind.Utc);

        var id = Connection.CreateExpiredJob(Job.FromExpression(() => Probe.Nothing()), new Dictionary<string, string>(), created, Month);

        Connection.GetJobData(id).CreatedAt.ShouldBe(created);
    }

    [SkippableFact]
    public virtual void A_job_is_there_for_every_other_connection_as_soon_as_it_is_created()
    {
        var id = NewJob(("a", "1"));

        using var other = NewConnection();
        other.GetJobData(id).ShouldNotBeNull();
        other.GetJobParameter(id, "a").ShouldBe("1");
        other.SetJobParameter(id, "b", "2");
        Monitor.JobDetails(id).Properties["b"].ShouldBe("2");
        using (var transaction = other.CreateWriteTransaction())
        {
            transaction.SetJobState(id, new ScheduledState(Month));
            transaction.Commit();
        }

        Connection.GetJobData(id).State.ShouldBe("Scheduled");
        Connection.GetJobParameter(id, "b").ShouldBe("2");
    }

    [SkippableFact]
    public virtual void A_job_that_never_got_a_state_is_kept()
    {
        string id;
        using (var other = NewConnection())
            id = other.CreateExpiredJob(Job.FromExpression(() => Probe.Nothing()), new Dictionary<string, string>(), DateTime.UtcNow, Month);

        Connection.GetJobData(id).ShouldNotBeNull().State.ShouldBeNull();
    }

    [SkippableTheory]
    [MemberData(nameof(NoIds))]
    public virtual void An_id_that_no_job_has_gives_nothing(string id)
    {
        NewJob(new ScheduledState(Month));

        Connection.GetJobData(id).ShouldBeNull();
        Connection.GetStateData(id).ShouldBeNull();
        Connection.GetJobParameter(id, "a").ShouldBeNull();
        Connection.SetJobParameter(id, "a", "1");
        Monitor.JobDetails(id).ShouldBeNull();
    }

    [SkippableFact]
    public virtual void Null_arguments_are_refused_by_name()
    {
        var job = Job.FromExpression(() => Probe.Nothing());
        var none = new Dictionary<string, string>();

        Refused("job", () => Connection.CreateExpiredJob(null, none, DateTime.UtcNow, Month));
        Refused("parameters", () => Connection.CreateExpiredJob(job, null, DateTime.UtcNow, Month));
        Refused("jobId", () => Connection.GetJobData(null));
        Refused("jobId", () => Connection.GetStateData(null));
        Refused("id", () => Connection.GetJobParameter(null, "a"));
        Refused("name", () => Connection.GetJobParameter("1", null));
        Refused("id", () => Connection.SetJobParameter(null, "a", "1"));
        Refused("name", () => Connection.SetJobParameter("1", null, "1"));
        Refused("serverId", () => Connection.AnnounceServer(null, new Hangfire.Server.ServerContext()));
        Refused("context", () => Connection.AnnounceServer("s", null));
        Refused("serverId", () => Connection.Heartbeat(null));
        Refused("serverId", () => Connection.RemoveServer(null));
        Refused("key", () => Connection.GetAllItemsFromSet(null));
        Refused("key", () => Connection.GetFirstByLowestScoreFromSet(null, 0, 1));
        Refused("key", () => Connection.SetRangeInHash(null, none));
        Refused("keyValuePairs", () => Connection.SetRangeInHash("h", null));
        Refused("key", () => Connection.GetAllEntriesFromHash(null));
        Refused("resource", () => Connection.AcquireDistributedLock(null, TimeSpan.Zero));
    }

    [SkippableFact]
    public virtual void A_transaction_refuses_null_arguments_by_name()
    {
        using var transaction = NewTransaction();

        Refused("jobId", () => transaction.ExpireJob(null, Month));
        Refused("jobId", () => transaction.PersistJob(null));
        Refused("jobId", () => transaction.SetJobState(null, new EnqueuedState()));
        Refused("state", () => transaction.SetJobState("1", null));
        Refused("jobId", () => transaction.AddJobState(null, new EnqueuedState()));
        Refused("state", () => transaction.AddJobState("1", null));
        Refused("queue", () => transaction.AddToQueue(null, "1"));
        Refused("jobId", () => transaction.AddToQueue("q", null));
        Refused("key", () => transaction.IncrementCounter(null));
        Refused("key", () => transaction.DecrementCounter(null));
        Refused("key", () => transaction.AddToSet(null, "a"));
        Refused("value", () => transaction.AddToSet("s", null));
        Refused("value", () => transaction.RemoveFromSet("s", null));
        Refused("key", () => transaction.AddRangeToSet(null, []));
        Refused("items", () => transaction.AddRangeToSet("s", null));
        Refused("key", () => transaction.InsertToList(null, "a"));
        Refused("value", () => transaction.RemoveFromList("l", null));
        Refused("key", () => transaction.TrimList(null, 0, 1));
        Refused("key", () => transaction.RemoveHash(null));
        Refused("key", () => transaction.RemoveSet(null));
        Refused("key", () => transaction.ExpireSet(null, Month));
        Refused("key", () => transaction.PersistHash(null));
    }

    [SkippableFact]
    public virtual void A_parameter_can_be_set_replaced_and_emptied()
    {
        var id = NewJob(("a", "1"));
        Write(transaction => transaction.PersistJob(id));

        Connection.SetJobParameter(id, "a", "2");
        Connection.SetJobParameter(id, "b", "\"quoted\" 💳");
        (Connection.GetJobParameter(id, "a"), Connection.GetJobParameter(id, "b")).ShouldBe(("2", "\"quoted\" 💳"));
        Connection.SetJobParameter(id, "a", null);
        Connection.GetJobParameter(id, "a").ShouldBeNull();
        Connection.GetJobParameter(id, "c").ShouldBeNull();
    }

    [SkippableFact]
    public virtual void A_jobs_own_queue_is_kept()
    {
        var id = Connection.CreateExpiredJob(
            Job.FromExpression(() => Probe.Nothing(), "webhooks"), new Dictionary<string, string>(), DateTime.UtcNow, Month);
        Write(transaction => transaction.PersistJob(id));

        Connection.GetJobData(id).Job.Queue.ShouldBe("webhooks");
        Monitor.JobDetails(id).Job.Queue.ShouldBe("webhooks");
    }

    [SkippableFact]
    public virtual void A_job_that_cannot_be_loaded_says_so_and_throws_nothing()
    {
        var id = NewUnreadableJob();
        Enqueue("q", id);

        var data = Connection.GetJobData(id);
        (data.Job, data.State).ShouldBe((null, "Enqueued"));
        data.LoadException.ShouldNotBeNull();
        using var fetched = Fetch("q");
        fetched.JobId.ShouldBe(id);
    }

    [SkippableFact]
    public virtual void A_megabyte_of_any_text_survives()
    {
        var text = string.Concat(Enumerable.Repeat("Příliš žluťoučký kůň 💳 \0 \" \\ \u2028", 1024 * 1024 / 32));
        var id = Connection.CreateExpiredJob(
            Job.FromExpression(() => Probe.Take(text)), new Dictionary<string, string> { ["p"] = text }, DateTime.UtcNow, Month);
        Write(transaction => transaction.PersistJob(id));

        (Connection.GetJobData(id).Job.Args.Single().Equals(text), Connection.GetJobParameter(id, "p") == text).ShouldBe((true, true));
    }

    protected string NewUnreadableJob() => Connection.CreateExpiredJob(
        Job.FromExpression(() => Probe.TakeUnreadable(new Unreadable())), new Dictionary<string, string>(), DateTime.UtcNow, Month);

    private static void Refused(string name, Action action) => Should.Throw<ArgumentNullException>(action).ParamName.ShouldBe(name);
}
