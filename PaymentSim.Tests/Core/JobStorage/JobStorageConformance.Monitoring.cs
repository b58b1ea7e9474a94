using Hangfire.States;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>What the dashboard shows.</summary>
public abstract partial class JobStorageConformance
{
    [SkippableFact]
    public virtual void Queues_are_listed_with_their_first_jobs()
    {
        var ids = Enumerable.Range(0, 8).Select(_ => NewJobIn("many")).ToList();
        var single = NewJobIn("few");

        var queues = Monitor.Queues();

        queues.Select(queue => queue.Name).ShouldBe(["few", "many"], ignoreOrder: true);
        var many = queues.Single(queue => queue.Name == "many");
        (many.Length, many.FirstJobs.Count).ShouldBe((8, 5));
        many.FirstJobs.Select(job => job.Key).ShouldBe(ids.Take(5));
        many.FirstJobs.ShouldAllBe(job => job.Value.InEnqueuedState && job.Value.State == "Enqueued" && job.Value.EnqueuedAt != null);
        queues.Single(queue => queue.Name == "few").FirstJobs.ShouldHaveSingleItem().Key.ShouldBe(single);
    }

    [SkippableFact]
    public virtual void Enqueued_jobs_are_paged_in_their_order()
    {
        var ids = Enumerable.Range(0, 7).Select(_ => NewJobIn("q")).ToList();

        Monitor.EnqueuedJobs("q", 0, 3).Select(job => job.Key).ShouldBe(ids.Take(3));
        Monitor.EnqueuedJobs("q", 5, 10).Select(job => job.Key).ShouldBe(ids.Skip(5));
        Monitor.EnqueuedJobs("q", 50, 10).ShouldBeEmpty();
        Monitor.EnqueuedJobs("missing", 0, 10).ShouldBeEmpty();
        Monitor.EnqueuedJobs("q", 0, 1).Single().Value.Job.Method.Name.ShouldBe(nameof(Probe.Nothing));
        (Monitor.EnqueuedCount("q"), Monitor.EnqueuedCount("missing"), Monitor.GetStatistics().Enqueued).ShouldBe((7, 0, 7));
    }

    [SkippableFact]
    public virtual void Fetched_jobs_are_listed_until_they_are_done()
    {
        var id = NewJobIn("q");
        NewJobIn("q");
        using (var fetched = Fetch("q"))
        {
            (Monitor.EnqueuedCount("q"), Monitor.FetchedCount("q")).ShouldBe((1, 1));
            var job = Monitor.FetchedJobs("q", 0, 10).ShouldHaveSingleItem();
            (job.Key, job.Value.State, job.Value.Job.Method.Name).ShouldBe((id, "Enqueued", nameof(Probe.Nothing)));
            job.Value.FetchedAt.ShouldNotBeNull();
            Monitor.Queues().Single().Fetched.ShouldBe(1);
            fetched.RemoveFromQueue();
        }

        (Monitor.FetchedCount("q"), Monitor.FetchedJobs("q", 0, 10).Count, Monitor.FetchedCount("missing")).ShouldBe((0, 0, 0));
    }

    [SkippableFact]
    public virtual void A_failed_job_shows_its_current_failure()
    {
        var id = NewJob(Failure("first"));
        Write(transaction => transaction.SetJobState(id, new EnqueuedState()));
        Write(transaction => transaction.SetJobState(id, Failure("second")));

        var failed = Monitor.FailedJobs(0, 10).ShouldHaveSingleItem();

        (failed.Key, failed.Value.ExceptionMessage, failed.Value.Reason).ShouldBe((id, "second", "why second"));
        failed.Value.ExceptionType.ShouldBe(typeof(InvalidOperationException).FullName);
        failed.Value.ExceptionDetails.ShouldContain("second");
        (failed.Value.InFailedState, failed.Value.Job.Method.Name).ShouldBe((true, nameof(Probe.Nothing)));
        failed.Value.FailedAt.ShouldNotBeNull().Kind.ShouldBe(DateTimeKind.Utc);
    }

    [SkippableTheory]
    [InlineData("Failed", true)]
    [InlineData("Succeeded", true)]
    [InlineData("Deleted", true)]
    [InlineData("Scheduled", false)]
    [InlineData("Processing", false)]
    [InlineData("Awaiting", false)]
    public virtual void Each_list_is_paged_in_its_order(string state, bool newestFirst)
    {
        var ids = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            ids.Add(NewJob(StateOf(state)));
            // Two states at the same millisecond have no order that a storage could be blamed for.
            var now = DateTime.UtcNow;
            SpinWait.SpinUntil(() => DateTime.UtcNow > now.AddMilliseconds(2));
        }

        Write(transaction => transaction.SetJobState(ids[2], new EnqueuedState()));
        ids.RemoveAt(2);
        if (newestFirst) ids.Reverse();

        Page(state, 0, 100).ShouldBe(ids);
        Page(state, 1, 3).ShouldBe(ids.Skip(1).Take(3));
        Page(state, 5, 10).ShouldBeEmpty();
        Count(state).ShouldBe(5);
    }

    [SkippableFact]
    public virtual void A_succeeded_job_shows_its_result_and_duration()
    {
        NewJob(new SucceededState("done", 30, 12));

        var job = Monitor.SucceededJobs(0, 10).ShouldHaveSingleItem().Value;

        (job.TotalDuration, job.InSucceededState, job.Job.Method.Name).ShouldBe((42, true, nameof(Probe.Nothing)));
        job.Result.ShouldBe("\"done\"");
        job.SucceededAt.ShouldNotBeNull();
    }

    [SkippableFact]
    public virtual void A_scheduled_job_shows_when_it_is_due()
    {
        var due = new DateTime(2040, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        NewJob(new ScheduledState(due));

        var job = Monitor.ScheduledJobs(0, 10).ShouldHaveSingleItem().Value;

        (job.EnqueueAt, job.InScheduledState).ShouldBe((due, true));
        job.ScheduledAt.ShouldNotBeNull();
    }

    [SkippableFact]
    public virtual void A_waiting_job_shows_its_parents_state()
    {
        var parent = NewJob(new ScheduledState(Month));
        var id = NewJob(new AwaitingState(parent));

        var job = NewerMonitor.AwaitingJobs(0, 10).ShouldHaveSingleItem();

        (job.Key, job.Value.ParentStateName, job.Value.InAwaitingState).ShouldBe((id, "Scheduled", true));
        (NewerMonitor.AwaitingCount(), Monitor.GetStatistics().Awaiting).ShouldBe((1, 1));
    }

    [SkippableFact]
    public virtual void Statistics_are_right_at_once()
    {
        NewJobIn("q");
        NewJob(Failure("a"));
        NewJob(Failure("b"));
        NewJob(new ScheduledState(Month));
        Write(transaction =>
        {
            transaction.IncrementCounter("stats:succeeded");
            transaction.IncrementCounter("stats:succeeded");
            transaction.IncrementCounter("stats:deleted");
            transaction.AddToSet("recurring-jobs", "nightly");
            transaction.AddRangeToSet("retries", ["1", "2"]);
        });

        var statistics = Monitor.GetStatistics();

        (statistics.Enqueued, statistics.Failed, statistics.Scheduled, statistics.Processing, statistics.Succeeded, statistics.Deleted)
            .ShouldBe((1, 2, 1, 0, 2, 1));
        (statistics.Queues, statistics.Servers, statistics.Recurring, statistics.Retries).ShouldBe((1, 0, 1, 2));
        (Monitor.FailedCount(), Monitor.ScheduledCount(), Monitor.ProcessingCount()).ShouldBe((2, 1, 0));
    }

    [SkippableTheory]
    [InlineData("succeeded")]
    [InlineData("failed")]
    [InlineData("deleted")]
    public virtual void Graphs_are_right_at_once(string state)
    {
        // Just before midnight "today" could be another day for the test than for the storage: take the storage's word for it.
        var now = Connection.GetUtcDateTime();
        Write(transaction =>
        {
            for (var i = 0; i < 3; i++)
            {
                transaction.IncrementCounter($"stats:{state}:{now:yyyy-MM-dd}");
                transaction.IncrementCounter($"stats:{state}:{now:yyyy-MM-dd-HH}", TimeSpan.FromDays(1));
            }

            transaction.IncrementCounter($"stats:{state}:{now.AddDays(-6):yyyy-MM-dd}");
            transaction.IncrementCounter($"stats:{state}:{now.AddDays(-7):yyyy-MM-dd}");
        });

        var (days, hours) = state switch
        {
            "succeeded" => (Monitor.SucceededByDatesCount(), Monitor.HourlySucceededJobs()),
            "failed" => (Monitor.FailedByDatesCount(), Monitor.HourlyFailedJobs()),
            _ => (NewerMonitor.DeletedByDatesCount(), NewerMonitor.HourlyDeletedJobs()),
        };

        (days.Count, days[now.Date], days[now.Date.AddDays(-6)], days.Values.Sum()).ShouldBe((7, 3, 1, 4));
        (hours.Count, hours.Values.Sum(), hours.MaxBy(hour => hour.Key).Value).ShouldBe((24, 3, 3));
        Storage.HasFeature("Monitoring.DeletedStateGraphs").ShouldBeTrue();
    }

    [SkippableFact]
    public virtual void Jobs_that_cannot_be_loaded_break_no_page()
    {
        var enqueued = NewUnreadableJob();
        Enqueue("q", enqueued);
        Enqueue("fetched", NewUnreadableJob());
        using var fetched = Fetch("fetched");
        string[] states = ["Failed", "Succeeded", "Deleted", "Scheduled", "Processing", "Awaiting"];
        foreach (var state in states)
        {
            var id = NewUnreadableJob();
            Write(transaction => transaction.SetJobState(id, StateOf(state)));
        }

        foreach (var state in states) Page(state, 0, 10).Count.ShouldBe(1, state);
        Monitor.FailedJobs(0, 1).Single().Value.LoadException.ShouldNotBeNull();
        Monitor.EnqueuedJobs("q", 0, 10).Single().Value.LoadException.ShouldNotBeNull();
        Monitor.FetchedJobs("fetched", 0, 10);
        Monitor.Queues().Count.ShouldBe(2);
        Monitor.JobDetails(enqueued).Job.ShouldBeNull();
        Monitor.JobDetails(enqueued).InvocationData.Method.ShouldBe(nameof(Probe.TakeUnreadable));
    }

    [SkippableFact]
    public virtual void A_queued_job_that_is_gone_breaks_no_page()
    {
        Write(transaction => transaction.AddToQueue("q", "999999999"));

        Monitor.EnqueuedJobs("q", 0, 10).ShouldHaveSingleItem().Key.ShouldBe("999999999");
        Monitor.Queues().Single().Length.ShouldBe(1);
        using var fetched = Fetch("q");
        Connection.GetJobData(fetched.JobId).ShouldBeNull();
    }

    private static IState StateOf(string name) => name switch
    {
        "Failed" => Failure("x"),
        "Succeeded" => new SucceededState(null, 1, 1),
        "Deleted" => new DeletedState(),
        "Scheduled" => new ScheduledState(Month),
        "Awaiting" => new AwaitingState("1"),
        // Its constructor is Hangfire's own.
        _ => (IState)Activator.CreateInstance(
            typeof(ProcessingState), System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic, null, ["server", "worker"], null)!,
    };

    private List<string> Page(string state, int from, int count) => state switch
    {
        "Failed" => [.. Monitor.FailedJobs(from, count).Select(job => job.Key)],
        "Succeeded" => [.. Monitor.SucceededJobs(from, count).Select(job => job.Key)],
        "Deleted" => [.. Monitor.DeletedJobs(from, count).Select(job => job.Key)],
        "Scheduled" => [.. Monitor.ScheduledJobs(from, count).Select(job => job.Key)],
        "Awaiting" => [.. NewerMonitor.AwaitingJobs(from, count).Select(job => job.Key)],
        _ => [.. Monitor.ProcessingJobs(from, count).Select(job => job.Key)],
    };

    private long Count(string state) => state switch
    {
        "Failed" => Monitor.FailedCount(),
        "Succeeded" => Monitor.SucceededListCount(),
        "Deleted" => Monitor.DeletedListCount(),
        "Scheduled" => Monitor.ScheduledCount(),
        "Awaiting" => NewerMonitor.AwaitingCount(),
        _ => Monitor.ProcessingCount(),
    };
}
