using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Jobs;

public sealed class TimeoutTests
{
    [EngineFact]
    public async Task An_endpoint_that_does_not_answer_in_time_has_failed()
    {
        await using var simulator = await Simulator.StartAsync("--Webhooks:Timeout=500ms", "--Webhooks:RetrySchedule=");
        var release = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(_ => release.Task);
        var merchant = simulator.NewMerchant();
        await merchant.AddEndpointAsync(receiver.Url);

        (await merchant.ChargeAsync()).ShouldBe(200);

        var delivery = await merchant.DeliveryAsync((await merchant.EventAsync("charge.succeeded")).Id, "failed");
        release.SetResult();
        delivery.At("attempts.0.error_class").GetString().ShouldBe("timeout");
        delivery.GetProperty("last_error").GetString().ShouldBe($"no answer within 500ms from {receiver.Url}");
        receiver.Requests.Count.ShouldBe(1);
    }

    [EngineFact]
    public async Task An_answer_whose_body_never_ends_counts_by_its_status()
    {
        await using var simulator = await Simulator.StartAsync("--Webhooks:Timeout=500ms", "--Webhooks:RetrySchedule=");
        var release = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(async context =>
        {
            await context.Response.Body.WriteAsync("begun"u8.ToArray());
            await context.Response.Body.FlushAsync();
            await release.Task;
        });
        var merchant = simulator.NewMerchant();
        await merchant.AddEndpointAsync(receiver.Url);

        (await merchant.ChargeAsync()).ShouldBe(200);

        var delivery = await merchant.DeliveryAsync((await merchant.EventAsync("charge.succeeded")).Id, "succeeded");
        release.SetResult();
        delivery.At("attempts.0.response_body").GetString()!.ShouldStartWith("begun");
    }
}
