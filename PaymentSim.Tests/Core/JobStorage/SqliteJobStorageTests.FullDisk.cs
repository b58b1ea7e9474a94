using Hangfire;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>While nothing can be written, as on a full disk, no job is given up: servers wait, and go on by themselves.</summary>
public sealed partial class SqliteJobStorageTests
{
    [Fact]
    public async Task While_nothing_can_be_written_jobs_wait_and_afterwards_each_runs_once()
    {
        var (waiting, due, running, followed) = (Probe.NewKey(), Probe.NewKey(), Probe.NewKey(), Probe.NewKey());
        using var server = NewServer();
        var job = Client.Enqueue(() => Probe.RunUntilCancelled(running, CancellationToken.None));
        await Eventually.HoldsAsync(() => Task.FromResult(Probe.Of(running).Count == 1), "a job runs");
        Client.ContinueJobWith(job, () => Probe.Leave(followed, "done"));
        Client.Schedule(() => Probe.Leave(due, "done"), _clock.GetUtcNow() + TimeSpan.FromMinutes(1));

        await Databases.FillAsync(_database);
        _clock.Advance(TimeSpan.FromMinutes(2));
        Probe.Open(running);
        // Hangfire itself tries for ten seconds to enqueue what is due, and moves it to the failed jobs if the tenth second is the first that it can.
        await Eventually.PassesAsync(TimeSpan.FromSeconds(8));
        (Monitor.ProcessingCount(), Monitor.ScheduledCount(), Monitor.FailedCount()).ShouldBe((1, 1, 0));
        Should.Throw<BackgroundJobClientException>(() => Client.Enqueue(() => Probe.Leave(waiting, "never")), "who asks for a job is told");
        await Databases.EmptyAsync(_database);
        Client.Enqueue(() => Probe.Leave(waiting, "done"));

        string[] keys = [waiting, due, followed];
        await Eventually.HoldsAsync(() => Task.FromResult(keys.All(key => Probe.Of(key).Count > 0) && Monitor.SucceededListCount() == 4), "all have run");
        keys.ShouldAllBe(key => Probe.Of(key).SequenceEqual(new[] { "done" }));
        Probe.Of(running).Count.ShouldBe(1);
        Monitor.FailedCount().ShouldBe(0);
    }

    [Fact]
    public async Task A_server_that_stops_while_nothing_can_be_written_gives_its_jobs_back()
    {
        var (now, later) = (Probe.NewKey(), Probe.NewKey());
        var job = Client.Enqueue(() => Probe.Leave(now, "done"));
        var due = Client.Schedule(() => Probe.Leave(later, "done"), _clock.GetUtcNow() - TimeSpan.FromMinutes(1));
        await Databases.FillAsync(_database);
        using (var server = NewServer())
        {
            // The worker has done the job and cannot write that down; the scheduler is likely to have tried, too.
            await Eventually.HoldsAsync(() => Task.FromResult(Probe.Of(now).Count == 1), "a job has run");
            server.SendStop();
            server.WaitForShutdown(Limit).ShouldBeTrue();
        }

        (_connection.GetJobData(job).State, _connection.GetJobData(due).State).ShouldBe(("Enqueued", "Scheduled"));
        await Databases.EmptyAsync(_database);
        using var next = NewServer();
        await Eventually.HoldsAsync(() => Task.FromResult(Monitor.SucceededListCount() == 2), "both have run");
        (Probe.Of(now).Count, Probe.Of(later).Count).ShouldBe((2, 1));
    }

    private BackgroundJobServer NewServer() =>
        new(new BackgroundJobServerOptions { WorkerCount = 2, SchedulePollingInterval = TimeSpan.FromMilliseconds(50), ShutdownTimeout = TimeSpan.FromSeconds(2) }, _storage);
}
