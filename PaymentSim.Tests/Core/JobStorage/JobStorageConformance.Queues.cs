using System.Collections.Concurrent;
using System.Diagnostics;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>Queues: each job to one worker at a time, in order, at once.</summary>
public abstract partial class JobStorageConformance
{
    [SkippableFact]
    public virtual void Jobs_come_in_the_order_of_enqueueing_and_not_of_creation()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => NewJob()).ToList();
        string[] order = [ids[3], ids[0], ids[4], ids[1], ids[2]];
        foreach (var id in order) Enqueue("q", id);

        Drain("q").ShouldBe(order);
    }

    [SkippableFact]
    public virtual void Fetching_needs_a_queue()
    {
        Refused("queues", () => Connection.FetchNextJob(null, CancellationToken.None));
        Should.Throw<ArgumentException>(() => Connection.FetchNextJob([], CancellationToken.None)).ParamName.ShouldBe("queues");
    }

    [SkippableFact]
    public virtual void Waiting_for_a_job_ends_with_the_token()
    {
        using var before = new CancellationTokenSource();
        before.Cancel();
        Should.Throw<OperationCanceledException>(() => Connection.FetchNextJob(["q"], before.Token));

        using var during = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var started = Stopwatch.GetTimestamp();
        Should.Throw<OperationCanceledException>(() => Connection.FetchNextJob(["q"], during.Token));
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(1.5));
    }

    [SkippableFact]
    public virtual void One_that_gave_up_waiting_swallows_no_job()
    {
        using (var short_ = new CancellationTokenSource(TimeSpan.FromMilliseconds(30)))
            Should.Throw<OperationCanceledException>(() => Connection.FetchNextJob(["q"], short_.Token));

        var id = NewJobIn("q");

        Drain("q").ShouldBe([id]);
    }

    [SkippableFact]
    public virtual void A_waiting_worker_wakes_at_once()
    {
        var fetched = new BlockingCollection<(string Id, long At)>();
        const int Rounds = 10;
        var worker = new Thread(() =>
        {
            using var connection = NewConnection();
            for (var i = 0; i < Rounds; i++)
            {
                using var job = connection.FetchNextJob(["q"], CancellationToken.None);
                fetched.Add((job.JobId, Stopwatch.GetTimestamp()));
                job.RemoveFromQueue();
            }
        });
        worker.Start();

        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < Rounds; i++)
        {
            var id = NewJobIn("q");
            var enqueued = Stopwatch.GetTimestamp();
            fetched.TryTake(out var got, Limit).ShouldBeTrue();
            got.Id.ShouldBe(id);
            var took = Stopwatch.GetElapsedTime(enqueued, got.At);
            if (took < fastest) fastest = took;
        }

        worker.Join(Limit).ShouldBeTrue();
        // Each round may meet a busy machine; the fastest shows whether anything polls.
        fastest.ShouldBeLessThan(TimeSpan.FromMilliseconds(100));
    }

    [SkippableFact]
    public virtual void Jobs_that_come_together_wake_as_many_workers_at_once()
    {
        const int Workers = 4, Rounds = 10;
        using var all = new Barrier(Workers + 1);
        var times = new ConcurrentBag<long>();
        var workers = Task.Factory.StartNew(() => InParallel(Workers, _ =>
        {
            using var connection = NewConnection();
            for (var i = 0; i < Rounds; i++)
            {
                using var job = connection.FetchNextJob(["q"], CancellationToken.None);
                times.Add(Stopwatch.GetTimestamp());
                job.RemoveFromQueue();
                // With its job in hand until each has one: nobody takes two.
                all.SignalAndWait(Limit).ShouldBeTrue();
            }
        }), TaskCreationOptions.LongRunning);

        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < Rounds; i++)
        {
            var ids = Enumerable.Range(0, Workers).Select(_ => NewJob()).ToList();
            times.Clear();
            Write(transaction => ids.ForEach(id => transaction.AddToQueue("q", id)));
            var enqueued = Stopwatch.GetTimestamp();
            all.SignalAndWait(Limit).ShouldBeTrue();
            var took = Stopwatch.GetElapsedTime(enqueued, times.Max());
            if (took < fastest) fastest = took;
        }

        workers.Wait(Limit).ShouldBeTrue();
        fastest.ShouldBeLessThan(TimeSpan.FromMilliseconds(100));
    }

    [SkippableFact]
    public virtual void A_fetched_job_is_nobody_elses()
    {
        NewJobIn("q");
        using var fetched = Fetch("q");

        using var none = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        using var other = NewConnection();
        Should.Throw<OperationCanceledException>(() => other.FetchNextJob(["q"], none.Token));
    }

    [SkippableFact]
    public virtual void A_job_that_is_given_back_is_ready_again()
    {
        var id = NewJobIn("q");
        using (var fetched = Fetch("q")) fetched.Requeue();

        Drain("q").ShouldBe([id]);
    }

    [SkippableFact]
    public virtual void A_job_that_was_not_acknowledged_is_ready_again()
    {
        var id = NewJobIn("q");
        Fetch("q").Dispose();

        Drain("q").ShouldBe([id]);
    }

    [SkippableFact]
    public virtual void Acknowledging_twice_is_once()
    {
        NewJobIn("q");
        using (var fetched = Fetch("q"))
        {
            fetched.RemoveFromQueue();
            fetched.RemoveFromQueue();
        }

        Monitor.EnqueuedCount("q").ShouldBe(0);
        Monitor.FetchedCount("q").ShouldBe(0);
    }

    [SkippableFact]
    public virtual void What_one_worker_gave_back_it_can_no_longer_acknowledge()
    {
        var id = NewJobIn("q");
        var late = Fetch("q");
        late.Requeue();
        var other = Fetch("q");

        late.RemoveFromQueue();
        late.Dispose();
        Monitor.EnqueuedCount("q").ShouldBe(0, "the other one still has it");
        other.Requeue();

        Drain("q").ShouldBe([id]);
    }

    [SkippableFact]
    public virtual void A_transaction_acknowledges_with_its_commit()
    {
        var id = NewJobIn("q");
        using (var fetched = Fetch("q"))
        {
            using var transaction = NewTransaction();
            Storage.HasFeature("TransactionalAcknowledge:" + fetched.GetType().Name).ShouldBeTrue();
            transaction.RemoveFromQueue(fetched);
            transaction.SetJobState(id, new Hangfire.States.SucceededState(null, 1, 1));
            transaction.Commit();
            fetched.RemoveFromQueue();
        }

        (Monitor.EnqueuedCount("q"), Connection.GetJobData(id).State).ShouldBe((0, "Succeeded"));
    }

    [SkippableFact]
    public virtual void A_transaction_that_is_not_committed_acknowledges_nothing()
    {
        var id = NewJobIn("q");
        using (var fetched = Fetch("q"))
        {
            using (var transaction = NewTransaction()) transaction.RemoveFromQueue(fetched);
            fetched.Requeue();
        }

        Drain("q").ShouldBe([id]);
    }

    [SkippableFact]
    public virtual void The_first_queue_of_the_array_comes_first()
    {
        var low = NewJobIn("a-low");
        var high = NewJobIn("z-high");
        var low2 = NewJobIn("a-low");

        var order = Enumerable.Range(0, 3).Select(_ =>
        {
            using var fetched = Fetch("z-high", "a-low");
            fetched.RemoveFromQueue();
            return fetched.JobId;
        });

        order.ShouldBe([high, low, low2]);
    }

    [SkippableFact]
    public virtual void A_worker_waits_for_all_its_queues()
    {
        var got = new BlockingCollection<string>();
        var worker = new Thread(() =>
        {
            using var connection = NewConnection();
            using var fetched = connection.FetchNextJob(["a", "b"], CancellationToken.None);
            fetched.RemoveFromQueue();
            got.Add(fetched.JobId);
        });
        worker.Start();

        NewJobIn("c");
        var id = NewJobIn("b");

        got.TryTake(out var first, Limit).ShouldBeTrue();
        first.ShouldBe(id);
        worker.Join(Limit).ShouldBeTrue();
    }

    [SkippableFact]
    public virtual async Task Eight_workers_run_each_of_many_jobs_exactly_once()
    {
        const int Threads = 8;
        var jobs = JobsOfEachProducer;
        var runs = new ConcurrentBag<string>();
        using var done = new CancellationTokenSource(Limit);
        var workers = Task.Factory.StartNew(() => InParallel(Threads, _ =>
        {
            using var connection = NewConnection();
            while (true)
            {
                try
                {
                    using var fetched = connection.FetchNextJob(["q"], done.Token);
                    runs.Add(fetched.JobId);
                    fetched.RemoveFromQueue();
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                if (runs.Count == Threads * jobs) done.Cancel();
            }
        }), TaskCreationOptions.LongRunning);

        var ids = new ConcurrentBag<string>();
        InParallel(Threads, _ =>
        {
            using var connection = NewConnection();
            for (var i = 0; i < jobs; i++)
            {
                var id = connection.CreateExpiredJob(
                    Hangfire.Common.Job.FromExpression(() => Probe.Nothing()), new Dictionary<string, string>(), DateTime.UtcNow, Month);
                using var transaction = connection.CreateWriteTransaction();
                transaction.AddToQueue("q", id);
                transaction.Commit();
                ids.Add(id);
            }
        });
        await workers;

        runs.Order().ShouldBe(ids.Order());
        ids.Distinct().Count().ShouldBe(Threads * jobs);
    }

    [SkippableFact]
    public virtual void A_job_that_is_enqueued_twice_comes_twice()
    {
        var id = NewJobIn("q");
        Enqueue("q", id);

        using var first = Fetch("q");
        using var second = Fetch("q");
        (first.JobId, second.JobId).ShouldBe((id, id));
        first.RemoveFromQueue();
        second.Requeue();

        Drain("q").ShouldBe([id]);
    }
}
