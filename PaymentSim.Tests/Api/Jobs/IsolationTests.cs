using Hangfire;
using Hangfire.States;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Storage;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Jobs;

/// <summary>An endpoint that hangs holds up its own webhooks and nobody else's.</summary>
public sealed class IsolationTests
{
    [EngineFact]
    public async Task Webhooks_of_others_arrive_while_those_of_an_endpoint_that_hangs_wait_and_these_arrive_once_it_answers()
    {
        await using var simulator = await Simulator.StartAsync("--Webhooks:Timeout=5m", "--Webhooks:RetrySchedule=");
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hanging = await Receiver.StartAsync(_ => release.Task);
        await using var receiver = await Receiver.StartAsync();
        var (stuck, other) = (simulator.NewMerchant(), simulator.NewMerchant());
        await stuck.AddEndpointAsync(hanging.Url);
        await other.AddEndpointAsync(receiver.Url);

        // Some together, which share a job; and once it is known that they get no answer, many more than there are workers, one by one.
        await simulator.ChargeTogetherAsync(Enumerable.Repeat(stuck, 20));
        await hanging.WaitForAsync(1);
        await Eventually.PassesAsync(2 * simulator.Get<LaneOptions>().Stall);
        for (var i = 0; i < 20; i++) (await stuck.ChargeAsync()).ShouldBe(200);
        for (var i = 0; i < 20; i++) (await other.ChargeAsync()).ShouldBe(200);

        await receiver.WaitForAsync(20);
        var monitor = simulator.Get<JobStorage>().GetMonitoringApi();
        await Eventually.HoldsAsync(
            () => Task.FromResult(monitor.ScheduledJobs(0, 1).Select(job => monitor.JobDetails(job.Key)?.History[0]).FirstOrDefault()),
            state => state?.StateName == ScheduledState.StateName && state.Reason == "Waiting: the endpoint answers slowly, and others are being sent to it",
            "the dashboard says why they wait");

        release.SetResult();

        await Eventually.HoldsAsync(async () => (await stuck.IdsAsync("/v1/events?delivery_success=true")).Count == 40, "all have arrived");
        hanging.Requests.Count.ShouldBe(40);
        (await simulator.Get<Database>().QueryAsync<string>("SELECT DISTINCT outcome || ' ' || number FROM delivery_attempts")).ShouldBe(["succeeded 1"], "waiting is no attempt");
    }

    [EngineFact]
    public async Task An_endpoint_that_takes_few_a_second_gets_them_all_in_time()
    {
        await using var simulator = await Simulator.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var merchant = simulator.NewMerchant();
        var endpoint = await merchant.AddEndpointAsync(receiver.Url);
        (await merchant.PostAsync($"/v1/test_helpers/webhook_endpoints/{endpoint.Id}", ("rate_limit", "5"))).ShouldBe(200);

        await simulator.ChargeTogetherAsync(Enumerable.Repeat(merchant, 12));

        await Eventually.HoldsAsync(async () => (await merchant.IdsAsync("/v1/events?delivery_success=true")).Count == 12, "all have arrived");
        receiver.Requests.Count.ShouldBe(12);
        var monitor = simulator.Get<JobStorage>().GetMonitoringApi();
        await Eventually.HoldsAsync(
            () => Task.FromResult(monitor.SucceededJobs(0, 100).Any(job => monitor.JobDetails(job.Key)!.History.Any(state => state.Reason == "Waiting: the endpoint takes 5 a second"))),
            "what did not fit into the first second has waited");
    }
}
