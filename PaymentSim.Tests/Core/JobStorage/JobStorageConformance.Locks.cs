using System.Diagnostics;
using Hangfire.Server;
using Hangfire.Storage;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>Locks and servers.</summary>
public abstract partial class JobStorageConformance
{
    [SkippableFact]
    public virtual void A_lock_keeps_others_out_and_its_failure_names_it()
    {
        using var other = NewConnection();
        using (Connection.AcquireDistributedLock("resource", TimeSpan.Zero))
        {
            Should.Throw<DistributedLockTimeoutException>(() => other.AcquireDistributedLock("resource", TimeSpan.FromMilliseconds(20)))
                .Resource.ShouldEndWith("resource");
            other.AcquireDistributedLock("another", TimeSpan.Zero).Dispose();
        }

        other.AcquireDistributedLock("resource", TimeSpan.Zero).Dispose();
    }

    [SkippableFact]
    public virtual void Without_a_time_to_wait_a_lock_is_refused_at_once()
    {
        using var other = NewConnection();
        using var held = Connection.AcquireDistributedLock("resource", TimeSpan.Zero);

        var started = Stopwatch.GetTimestamp();
        Should.Throw<DistributedLockTimeoutException>(() => other.AcquireDistributedLock("resource", TimeSpan.Zero));
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [SkippableFact]
    public virtual void A_connection_may_take_its_own_lock_again()
    {
        using var other = NewConnection();
        var outer = Connection.AcquireDistributedLock("resource", TimeSpan.Zero);
        var inner = Connection.AcquireDistributedLock("resource", TimeSpan.Zero);

        inner.Dispose();
        Should.Throw<DistributedLockTimeoutException>(() => other.AcquireDistributedLock("resource", TimeSpan.Zero));
        outer.Dispose();
        other.AcquireDistributedLock("resource", TimeSpan.Zero).Dispose();
    }

    [SkippableFact]
    public virtual void A_connections_locks_end_with_it()
    {
        using (var other = NewConnection())
        {
            other.AcquireDistributedLock("one", TimeSpan.Zero);
            other.AcquireDistributedLock("two", TimeSpan.Zero);
        }

        Connection.AcquireDistributedLock("one", TimeSpan.Zero).Dispose();
        Connection.AcquireDistributedLock("two", TimeSpan.Zero).Dispose();
    }

    [SkippableFact]
    public virtual void A_lock_that_was_released_before_cannot_be_released_for_the_next_holder()
    {
        using var other = NewConnection();
        using var third = NewConnection();
        var first = Connection.AcquireDistributedLock("resource", TimeSpan.Zero);
        first.Dispose();
        using var second = other.AcquireDistributedLock("resource", TimeSpan.Zero);

        first.Dispose();

        Should.Throw<DistributedLockTimeoutException>(() => third.AcquireDistributedLock("resource", TimeSpan.Zero));
    }

    [SkippableFact]
    public virtual void A_lock_is_handed_over_at_once()
    {
        var fastest = TimeSpan.MaxValue;
        for (var round = 0; round < 10; round++)
        {
            var held = Connection.AcquireDistributedLock("resource", TimeSpan.Zero);
            var taken = 0L;
            using var waiting = new ManualResetEventSlim();
            var waiter = new Thread(() =>
            {
                using var other = NewConnection();
                waiting.Set();
                using var got = other.AcquireDistributedLock("resource", Limit);
                taken = Stopwatch.GetTimestamp();
            });
            waiter.Start();
            waiting.Wait();
            var released = Stopwatch.GetTimestamp();
            held.Dispose();
            waiter.Join(Limit).ShouldBeTrue();
            var took = Stopwatch.GetElapsedTime(released, taken);
            if (took < fastest) fastest = took;
        }

        fastest.ShouldBeLessThan(TimeSpan.FromMilliseconds(100));
    }

    [SkippableFact]
    public virtual void Only_one_at_a_time_is_inside_a_lock()
    {
        var (inside, most, rounds) = (0, 0, 0);
        InParallel(8, _ =>
        {
            using var connection = NewConnection();
            for (var i = 0; i < 50; i++)
            {
                using var held = connection.AcquireDistributedLock("resource", Limit);
                most = Math.Max(most, Interlocked.Increment(ref inside));
                rounds++;
                Thread.Yield();
                Interlocked.Decrement(ref inside);
            }
        });

        (most, rounds).ShouldBe((1, 400));
    }

    [SkippableFact]
    public virtual void A_server_is_announced_seen_and_removed()
    {
        Connection.AnnounceServer("server", new ServerContext { WorkerCount = 4, Queues = ["a", "b"] });

        var server = Monitor.Servers().ShouldHaveSingleItem();
        (server.Name, server.WorkersCount).ShouldBe(("server", 4));
        server.Queues.ShouldBe(["a", "b"]);
        server.StartedAt.ShouldBe(DateTime.UtcNow, TimeSpan.FromMinutes(1));
        server.Heartbeat.ShouldNotBeNull().ShouldBe(DateTime.UtcNow, TimeSpan.FromMinutes(1));
        Connection.Heartbeat("server");
        Connection.AnnounceServer("server", new ServerContext { WorkerCount = 4, Queues = ["a", "b"] });
        Monitor.GetStatistics().Servers.ShouldBe(1);
        Connection.RemoveServer("server");
        Connection.RemoveServer("server");
        Monitor.Servers().ShouldBeEmpty();
    }

    [SkippableFact]
    public virtual void A_heartbeat_of_a_server_that_is_not_there_says_so() =>
        Should.Throw<BackgroundServerGoneException>(() => Connection.Heartbeat("gone"));

    [SkippableFact]
    public virtual void Only_silent_servers_are_removed()
    {
        Connection.AnnounceServer("server", new ServerContext { WorkerCount = 1, Queues = ["a"] });

        Connection.RemoveTimedOutServers(TimeSpan.FromHours(1)).ShouldBe(0);
        Monitor.Servers().ShouldHaveSingleItem();
        Should.Throw<ArgumentException>(() => Connection.RemoveTimedOutServers(TimeSpan.FromSeconds(-1)));
        SpinWait.SpinUntil(() => Connection.RemoveTimedOutServers(TimeSpan.FromMilliseconds(1)) == 1, Limit).ShouldBeTrue();
        Monitor.Servers().ShouldBeEmpty();
    }

    [SkippableFact]
    public virtual void The_storages_clock_is_the_clock()
    {
        var now = Connection.GetUtcDateTime();

        (now.Kind, Storage.HasFeature("Connection.GetUtcDateTime")).ShouldBe((DateTimeKind.Utc, true));
        now.ShouldBe(DateTime.UtcNow, TimeSpan.FromMinutes(1));
    }
}
