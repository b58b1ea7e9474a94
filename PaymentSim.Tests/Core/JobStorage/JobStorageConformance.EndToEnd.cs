using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;
using PaymentSim.Tests.Support;
using HangfireStorage = Hangfire.JobStorage;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>A real job server on the storage.</summary>
public abstract partial class JobStorageConformance
{
    [SkippableFact]
    public virtual async Task A_job_runs_and_leaves_its_result()
    {
        var key = Probe.NewKey();
        using var server = StartServer();

        var id = Client.Enqueue(() => Probe.Leave(key, "done"));

        await StateIs(id, "Succeeded");
        Probe.Of(key).ShouldBe(["done"]);
        var succeeded = Monitor.SucceededJobs(0, 10).ShouldHaveSingleItem();
        (succeeded.Key, succeeded.Value.Result).ShouldBe((id, "4"));
        Monitor.JobDetails(id).History.Select(state => state.StateName).ShouldBe(["Succeeded", "Processing", "Enqueued"]);
        Monitor.JobDetails(id).ExpireAt.ShouldNotBeNull("a finished job is not kept for ever");
        Monitor.GetStatistics().Succeeded.ShouldBe(1);
        Monitor.HourlySucceededJobs().Values.Sum().ShouldBe(1);
    }

    [SkippableFact]
    public virtual async Task A_scheduled_job_runs_when_it_is_due()
    {
        var key = Probe.NewKey();
        var id = Client.Schedule(() => Probe.Leave(key, "done"), TimeSpan.FromMilliseconds(300));
        var later = Client.Schedule(() => Probe.Leave(key, "too early"), Month);
        using var server = StartServer();

        await StateIs(id, "Succeeded");

        Probe.Of(key).ShouldBe(["done"]);
        Connection.GetJobData(later).State.ShouldBe("Scheduled");
        Connection.GetAllItemsFromSet("schedule").ShouldBe([later]);
    }

    [SkippableFact]
    public virtual async Task A_failed_attempt_is_scheduled_again_and_counted()
    {
        using var server = StartServer();

        var id = Client.Enqueue(() => Probe.ThrowAndRetry());

        await StateIs(id, "Scheduled");
        Connection.GetAllItemsFromSet("retries").ShouldBe([id]);
        Connection.GetJobParameter(id, "RetryCount").ShouldBe("1");
        Monitor.JobDetails(id).History.Select(state => state.StateName).ShouldBe(["Scheduled", "Failed", "Processing", "Enqueued"]);
    }

    [SkippableFact]
    public virtual async Task A_failed_job_runs_again_when_a_person_requeues_it()
    {
        var key = Probe.NewKey();
        using var server = StartServer();
        var id = Client.Enqueue(() => Probe.NeedsGate(key));
        await StateIs(id, "Failed");
        Monitor.FailedJobs(0, 10).ShouldHaveSingleItem().Value.ExceptionMessage.ShouldBe("The gate is shut.");

        Probe.Open(key);
        Client.Requeue(id).ShouldBeTrue();

        await StateIs(id, "Succeeded");
        (Probe.Of(key).Count, Monitor.FailedCount()).ShouldBe((2, 0));
    }

    [SkippableFact]
    public virtual async Task Deleting_a_running_job_cancels_its_token()
    {
        var key = Probe.NewKey();
        using var server = StartServer();
        var id = Client.Enqueue(() => Probe.RunUntilCancelled(key, CancellationToken.None));
        await Eventually.HoldsAsync(() => Task.FromResult(Probe.Of(key).Count > 0), "the job runs");

        Client.Delete(id).ShouldBeTrue();

        await Eventually.HoldsAsync(() => Task.FromResult(Probe.Of(key).Contains("cancelled")), "the job's token is cancelled");
        await Eventually.HoldsAsync(() => Task.FromResult(Monitor.FetchedCount("default") == 0), "the worker let go of it");
        (Connection.GetJobData(id).State, Monitor.DeletedListCount(), Monitor.EnqueuedCount("default")).ShouldBe(("Deleted", 1, 0));
    }

    [SkippableFact]
    public virtual async Task A_continuation_runs_after_its_parent()
    {
        var key = Probe.NewKey();
        var parent = Client.Enqueue(() => Probe.Leave(key, "parent"));
        var child = Client.ContinueJobWith(parent, () => Probe.Leave(key, "child"));
        Connection.GetJobData(child).State.ShouldBe("Awaiting");
        NewerMonitor.AwaitingCount().ShouldBe(1);

        using var server = StartServer();

        await StateIs(child, "Succeeded");
        Probe.Of(key).ShouldBe(["parent", "child"]);
        NewerMonitor.AwaitingCount().ShouldBe(0);
    }

    [SkippableFact]
    public virtual async Task A_recurring_job_runs_and_is_known()
    {
        var key = Probe.NewKey();
        var recurring = new RecurringJobManager(Storage);
        recurring.AddOrUpdate("nightly", Job.FromExpression(() => Probe.Leave(key, "done")), Cron.Yearly());
        var known = Connection.GetRecurringJobs().ShouldHaveSingleItem();
        (known.Id, known.Cron, known.NextExecution.HasValue, known.Job.Method.Name).ShouldBe(("nightly", Cron.Yearly(), true, nameof(Probe.Leave)));
        Monitor.GetStatistics().Recurring.ShouldBe(1);

        using var server = StartServer();
        recurring.TriggerJob("nightly").ShouldNotBeNull();

        await Eventually.HoldsAsync(() => Task.FromResult(Probe.Of(key).Count == 1), "the triggered job runs");
        recurring.RemoveIfExists("nightly");
        Connection.GetRecurringJobs().ShouldBeEmpty();
    }

    [SkippableFact]
    public virtual async Task A_server_that_stops_gives_its_unfinished_jobs_back()
    {
        var key = Probe.NewKey();
        var server = StartServer();
        var id = Client.Enqueue(() => Probe.RunUntilCancelled(key, CancellationToken.None));
        await Eventually.HoldsAsync(() => Task.FromResult(Probe.Of(key).Count > 0), "the job runs");

        server.Dispose();

        Probe.Of(key).ShouldBe(["started", "cancelled"]);
        Monitor.Servers().ShouldBeEmpty();
        (Monitor.EnqueuedCount("default"), Connection.GetJobData(id).State).ShouldBe((1, "Processing"));

        Probe.Open(key);
        using var next = StartServer();
        await StateIs(id, "Succeeded");
    }

    [SkippableFact]
    public virtual async Task Jobs_that_exclude_one_another_do()
    {
        var key = Probe.NewKey();
        using var server = StartServer();

        for (var i = 0; i < 20; i++) Client.Enqueue(() => Probe.Alone(key));

        await Eventually.HoldsAsync(() => Task.FromResult(Monitor.SucceededListCount() == 20), "all have run");
        Probe.Of(key).ShouldBe(Enumerable.Range(0, 20).SelectMany(_ => new[] { "in", "out" }));
    }

    [SkippableFact]
    public virtual async Task Two_servers_run_each_of_500_jobs_exactly_once()
    {
        var key = Probe.NewKey();
        using var first = StartServer();
        using var second = StartServer();

        InParallel(4, thread =>
        {
            for (var i = 0; i < 125; i++)
            {
                var trace = $"{thread}-{i}";
                Client.Enqueue(() => Probe.Leave(key, trace));
            }
        });

        await Eventually.HoldsAsync(() => Task.FromResult(Monitor.SucceededListCount()), count => count == 500, "all have run", TimeSpan.FromMinutes(2));
        (Probe.Of(key).Count, Probe.Of(key).Distinct().Count()).ShouldBe((500, 500));
        (Monitor.EnqueuedCount("default"), Monitor.FailedCount(), Monitor.ProcessingCount()).ShouldBe((0, 0, 0));
    }

    [SkippableFact]
    public virtual async Task A_job_that_cannot_be_loaded_fails_and_does_not_stop_the_others()
    {
        var key = Probe.NewKey();
        var unreadable = NewUnreadableJob();
        Enqueue("default", unreadable);
        using var server = StartServer();

        var id = Client.Enqueue(() => Probe.Leave(key, "done"));

        await StateIs(id, "Succeeded");
        // The default retry of a failure schedules it again.
        await Eventually.HoldsAsync(
            () => Task.FromResult(Monitor.JobDetails(unreadable).History), states => states.Any(state => state.StateName == "Failed"), "it has failed");
    }

    protected BackgroundJobServer StartServer(HangfireStorage? storage = null) => new(
        new BackgroundJobServerOptions
        {
            WorkerCount = 4,
            SchedulePollingInterval = TimeSpan.FromMilliseconds(100),
            CancellationCheckInterval = TimeSpan.FromMilliseconds(50),
            StopTimeout = TimeSpan.FromMilliseconds(100),
            ShutdownTimeout = TimeSpan.FromSeconds(20),
        },
        storage ?? Storage);

    protected Task StateIs(string id, string state) => Eventually.HoldsAsync(
        () => Task.FromResult(Connection.GetJobData(id)?.State), current => current == state, $"job {id} is {state}");
}
