using Dapper;
using Hangfire;
using Hangfire.States;
using PaymentSim.Api.Jobs;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Jobs;

public sealed class DuplicateAndLostJobsTests
{
    [EngineFact]
    public async Task A_delivery_with_several_jobs_is_sent_once()
    {
        await using var simulator = await Simulator.StartAsync();
        var release = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(_ => release.Task);
        var merchant = simulator.NewMerchant();
        await merchant.AddEndpointAsync(receiver.Url);
        (await merchant.ChargeAsync()).ShouldBe(200);
        await receiver.WaitForAsync(1);
        var made = await merchant.EventAsync("charge.succeeded");
        var delivery = (await merchant.GetAsync($"/v1/test_helpers/events/{made.Id}/deliveries")).Data.Single().GetProperty("id").GetString()!;

        var client = simulator.Get<IBackgroundJobClient>();
        var extra = new[] { Enqueue(), Enqueue() };
        await Eventually.HoldsAsync(() => Task.FromResult(extra.All(Succeeded)), "the extra jobs are done");
        receiver.Requests.Count.ShouldBe(1);
        release.SetResult();

        (await merchant.DeliveryAsync(made.Id, "succeeded")).GetProperty("attempts").GetArrayLength().ShouldBe(1);
        var late = Enqueue();
        await Eventually.HoldsAsync(() => Task.FromResult(Succeeded(late)), "a late job is done");
        receiver.Requests.Count.ShouldBe(1);

        string Enqueue() => client.Create<WebhookJob>(job => job.Deliver(delivery, CancellationToken.None), new EnqueuedState(WebhookJob.Queue));
        bool Succeeded(string job) => simulator.Get<JobStorage>().GetMonitoringApi().JobDetails(job)?.History[0].StateName == SucceededState.StateName;
    }

    [EngineFact]
    public async Task A_job_for_a_delivery_that_is_not_there_does_no_harm()
    {
        await using var simulator = await Simulator.StartAsync();

        var job = simulator.Get<IBackgroundJobClient>().Create<WebhookJob>(
            webhook => webhook.Deliver("whd_none", CancellationToken.None), new EnqueuedState(WebhookJob.Queue));

        await Eventually.HoldsAsync(
            () => Task.FromResult(simulator.Get<JobStorage>().GetMonitoringApi().JobDetails(job)?.History[0].StateName == SucceededState.StateName), "the job is done");
    }

    [EngineFact]
    public async Task A_delivery_whose_job_was_lost_gets_another()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        string key, eventId;
        // Jobs in memory go with their process.
        string[] forgetful = Engines.Current == Engine.Sqlite ? ["--Jobs:Storage=memory"] : [];
        await using (var first = await Simulator.StartAsync(folder, ["--Webhooks:RetrySchedule=2s", .. forgetful]))
        {
            var merchant = first.NewMerchant();
            key = merchant.Key;
            await merchant.AddEndpointAsync(receiver.Url);
            (await merchant.ChargeAsync()).ShouldBe(200);
            eventId = (await merchant.EventAsync("charge.succeeded")).Id;
            await Eventually.HoldsAsync(
                async () => (await merchant.GetAsync($"/v1/test_helpers/events/{eventId}/deliveries")).Text("data.0.attempts.0.outcome") == "failed", "the first attempt has failed");
        }

        if (Engines.Current == Engine.Postgres)
        {
            await using var raw = Databases.OpenRawOfEngine(folder);
            await raw.ExecuteAsync("TRUNCATE hangfire.job, hangfire.jobqueue, hangfire.set CASCADE");
        }

        receiver.Answer = Receiver.Status(200);
        await using var second = await Simulator.StartAsync(folder, forgetful);

        var delivery = await second.MerchantWith(key).DeliveryAsync(eventId, "succeeded");
        delivery.GetProperty("attempts").GetArrayLength().ShouldBe(2);
        receiver.Requests.Count.ShouldBe(2);
        receiver.Requests[1].Body.ShouldBe(receiver.Requests[0].Body);
    }

    [EngineFact]
    public async Task A_failed_delivery_stays_failed_over_a_restart()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        string key, eventId;
        await using (var first = await Simulator.StartAsync(folder, "--Webhooks:RetrySchedule="))
        {
            var merchant = first.NewMerchant();
            key = merchant.Key;
            await merchant.AddEndpointAsync(receiver.Url);
            (await merchant.ChargeAsync()).ShouldBe(200);
            eventId = (await merchant.EventAsync("charge.succeeded")).Id;
            await merchant.DeliveryAsync(eventId, "failed");
        }

        await using var second = await Simulator.StartAsync(folder);
        var other = second.MerchantWith(key);
        (await other.ChargeAsync("tok_chargeDeclined")).ShouldBe(402);
        await receiver.WaitForAsync(2);
        await other.DeliveryAsync(eventId, "failed");
        receiver.Requests.Count(request => request.Headers["webhook-id"] == eventId).ShouldBe(1);
    }

    [EngineFact]
    public async Task Two_simulators_in_one_process_keep_to_their_own_data()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var first = await Simulator.StartAsync();
        var one = first.NewMerchant();
        await one.AddEndpointAsync(receiver.Url);
        string other;
        await using (var second = await Simulator.StartAsync())
        {
            var two = second.NewMerchant();
            await two.AddEndpointAsync(receiver.Url);
            (await two.ChargeAsync()).ShouldBe(200);
            other = (await two.EventAsync("charge.succeeded")).Id;
            await two.DeliveryAsync(other, "succeeded");
            (await one.ChargeAsync()).ShouldBe(200);
            await one.DeliveryAsync((await one.EventAsync("charge.succeeded")).Id, "succeeded");
        }

        (await one.ChargeAsync("tok_chargeDeclined")).ShouldBe(402);
        await one.DeliveryAsync((await one.EventAsync("charge.failed")).Id, "succeeded");
        receiver.Requests.Count.ShouldBe(3);
        receiver.Requests.Count(request => request.Headers["webhook-id"] == other).ShouldBe(1);
    }
}
