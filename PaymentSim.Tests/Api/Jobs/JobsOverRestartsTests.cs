using System.Net;
using Hangfire;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Jobs;

/// <summary>Jobs beside the payments: what was on the disk before a restart is in the dashboard after it.</summary>
public sealed class JobsOverRestartsTests
{
    [EngineFact]
    public async Task A_failed_delivery_stands_in_the_dashboard_after_a_restart_and_is_replayed_there()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        string key, eventId;
        await using (var first = await Simulator.StartAsync(folder, "--Webhooks:RetrySchedule="))
        {
            (key, eventId) = await ChargeAsync(first, receiver);
            await first.MerchantWith(key).DeliveryAsync(eventId, "failed");
            using var dashboard = new DashboardBrowser(first);
            await dashboard.FindJobAsync("jobs/failed", eventId);
        }

        receiver.Answer = Receiver.Status(200);
        await using var second = await Simulator.StartAsync(folder);
        using var after = new DashboardBrowser(second);
        var (job, row) = await after.FindJobAsync("jobs/failed", eventId);
        row.ShouldContain("HTTP 500 from " + receiver.Url);
        (await after.PressAsync("jobs/failed", "jobs/failed/requeue", jobs: job)).ShouldBe(HttpStatusCode.NoContent);

        var delivery = await second.MerchantWith(key).DeliveryAsync(eventId, "succeeded");

        delivery.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("trigger").GetString()).ShouldBe(["automatic", "replay"]);
        receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct().ShouldBe([eventId]);
    }

    [Fact]
    public async Task A_job_whose_write_unit_was_rolled_back_does_not_count_as_live()
    {
        await using var simulator = await Simulator.StartAsync();
        var (database, jobs, job) = (simulator.Get<Database>(), simulator.Get<IJobScheduler>(), new DeliverWebhook("whd_none"));

        await Should.ThrowAsync<InvalidTimeZoneException>(database.WriteAsync(() =>
        {
            jobs.Enqueue(job);
            jobs.WithoutLiveJob([job]).ShouldBeEmpty();
            throw new InvalidTimeZoneException();
        }));

        jobs.WithoutLiveJob([job]).ShouldBe([job], "else the sweeper would believe for ever that somebody does it");
    }

    /// <summary>So are commands under an idempotency key that are refused: their unit goes on without them.</summary>
    [Fact]
    public async Task A_job_whose_part_of_a_write_unit_was_undone_does_not_count_as_live()
    {
        await using var simulator = await Simulator.StartAsync();
        var (database, jobs, job) = (simulator.Get<Database>(), simulator.Get<IJobScheduler>(), new DeliverWebhook("whd_none"));

        await database.WriteAsync(async () =>
        {
            (await Record.ExceptionAsync(() => database.NestedAsync<bool>(() =>
            {
                jobs.Enqueue(job, DateTimeOffset.UtcNow.AddDays(1));
                jobs.Enqueue(job);
                throw new InvalidTimeZoneException();
            }))).ShouldBeOfType<InvalidTimeZoneException>();
            jobs.WithoutLiveJob([job]).ShouldBe([job], "what undoes it comes before what the unit does next");
        });

        jobs.WithoutLiveJob([job]).ShouldBe([job]);
    }

    [EngineFact]
    public async Task A_retry_that_is_due_later_keeps_its_one_job_over_a_restart()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        string key, eventId;
        await using (var first = await Simulator.StartAsync(folder, "--Webhooks:RetrySchedule=3s"))
        {
            (key, eventId) = await ChargeAsync(first, receiver);
            using var dashboard = new DashboardBrowser(first);
            await dashboard.FindJobAsync("jobs/scheduled", eventId);
        }

        receiver.Answer = Receiver.Status(200);
        await using var second = await Simulator.StartAsync(folder);

        await second.MerchantWith(key).DeliveryAsync(eventId, "succeeded");
        // The first job's id is the only one: the sweeper, which looks every 200 ms here, saw that the delivery had its job.
        var monitor = second.Get<JobStorage>().GetMonitoringApi();
        await Eventually.HoldsAsync(() => Task.FromResult(monitor.SucceededListCount() == 1), "the job has succeeded");
        (monitor.ScheduledCount() + monitor.FailedCount() + monitor.EnqueuedCount("webhooks")).ShouldBe(0);
        receiver.Requests.Count.ShouldBe(2);
    }

    [EngineFact]
    public async Task A_job_is_on_the_disk_together_with_what_it_is_about_or_not_at_all()
    {
        await using var simulator = await Simulator.StartAsync();
        var (database, scheduler) = (simulator.Get<Database>(), simulator.Get<IJobScheduler>());
        var monitor = simulator.Get<JobStorage>().GetMonitoringApi();

        await Should.ThrowAsync<InvalidOperationException>(() => database.WriteAsync(() =>
        {
            scheduler.Enqueue(new DeliverWebhook("whd_rolled_back"));
            throw new InvalidOperationException("the unit fails");
        }));
        await database.WriteAsync(() =>
        {
            scheduler.Enqueue(new DeliverWebhook("whd_kept"));
            return Task.CompletedTask;
        });

        await Eventually.HoldsAsync(() => Task.FromResult(monitor.SucceededListCount() == 1), "the kept job has run");
        monitor.SucceededJobs(0, 10).Single().Value.Job.Args[0].ShouldBe("whd_kept");
        monitor.GetStatistics().Enqueued.ShouldBe(0);
    }

    [PostgresFact]
    public async Task Failed_jobs_in_PostgreSQL_go_when_their_time_is_over()
    {
        await using var simulator = await Simulator.StartAsync("--Webhooks:RetrySchedule=", "--Jobs:FailedRetention=2s");
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var (key, eventId) = await ChargeAsync(simulator, receiver);
        await simulator.MerchantWith(key).DeliveryAsync(eventId, "failed");
        using var dashboard = new DashboardBrowser(simulator);
        var (job, _) = await dashboard.FindJobAsync("jobs/failed", eventId);

        var monitor = simulator.Get<JobStorage>().GetMonitoringApi();
        await Eventually.HoldsAsync(() => Task.FromResult(monitor.JobDetails(job) is null), "the job is gone");
        monitor.FailedCount().ShouldBe(0);
    }

    [Fact]
    public async Task Jobs_in_memory_deliver_as_well()
    {
        await using var simulator = await Simulator.StartAsync("--Jobs:Storage=memory");
        await using var receiver = await Receiver.StartAsync();

        var (key, eventId) = await ChargeAsync(simulator, receiver);

        await simulator.MerchantWith(key).DeliveryAsync(eventId, "succeeded");
        receiver.Requests.Count.ShouldBe(1);
    }

    private static async Task<(string Key, string EventId)> ChargeAsync(Simulator simulator, Receiver receiver)
    {
        var merchant = simulator.NewMerchant();
        await merchant.AddEndpointAsync(receiver.Url);
        (await merchant.ChargeAsync()).ShouldBe(200);
        return (merchant.Key, (await merchant.EventAsync("charge.succeeded")).Id);
    }
}
