using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Deliveries;

/// <summary>What the dashboard says of the endpoints.</summary>
public sealed class SummarizeEndpointsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;

    public SummarizeEndpointsTests() => _core = new CoreHost(_folder, _clock);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task Those_that_need_a_person_come_first()
    {
        var quiet = await EndpointAsync("http://quiet.example", "charge.expired");
        var gone = await EndpointAsync("http://gone.example", "charge.expired");
        var well = await EndpointAsync("http://well.example");
        var bad = await EndpointAsync("http://bad.example");
        var backlog = await EndpointAsync("http://backlog.example");
        var byWish = await EndpointAsync("http://off.example", "charge.expired");
        await _core.SendAsync(new UpdateWebhookEndpoint(byWish) { Disabled = true });
        await _core.SendAsync(new UpdateWebhookEndpoint(gone) { Disabled = true });
        await SetAsync("UPDATE webhook_endpoints SET disabled_reason = 'The endpoint answered 410 Gone.' WHERE id = @gone", new { gone });
        await ChargeAsync();
        await AttemptAsync(well, 1, "succeeded", 10, "succeeded");
        await AttemptAsync(bad, 1, "failed", 10, "failed");

        var summary = await SummarizeAsync();

        summary.Endpoints.Select(endpoint => endpoint.Id).ShouldBe([bad, gone, backlog, byWish, well, quiet]);
        summary.Endpoints.Select(endpoint => endpoint.IsFailing).ShouldBe([true, true, false, false, false, false]);
        (summary.Pending, summary.Failed, summary.IsSample).ShouldBe((new DeliveryCount(1, false), new DeliveryCount(1, false), false));
        summary.Endpoints[0].ShouldSatisfyAllConditions(
            endpoint => endpoint.Failed.ShouldBe(1), endpoint => endpoint.Pending.ShouldBe(0), endpoint => endpoint.SuccessRate.ShouldBe(0));
        summary.Endpoints[1].DisabledReason.ShouldBe("The endpoint answered 410 Gone.");
        summary.Endpoints[2].ShouldSatisfyAllConditions(
            endpoint => endpoint.Pending.ShouldBe(1), endpoint => endpoint.SuccessRate.ShouldBeNull(), endpoint => endpoint.P50.ShouldBeNull());
    }

    [EngineFact]
    public async Task Success_and_durations_are_those_of_the_attempts_that_ended_in_the_window()
    {
        var endpoint = await EndpointAsync("http://shop.example");
        await ChargeAsync();
        await AttemptAsync(endpoint, 1, "failed", 9_999, "succeeded");
        _clock.Advance(TimeSpan.FromHours(25));
        await ChargeAsync();
        for (var i = 1; i <= 20; i++) await AttemptAsync(endpoint, i, i % 4 == 0 ? "failed" : "succeeded", i * 10, "succeeded", newest: true);
        await AttemptAsync(endpoint, 21, "open", null, "succeeded", newest: true);
        await AttemptAsync(endpoint, 22, "interrupted", null, "succeeded", newest: true);

        var summary = (await SummarizeAsync()).Endpoints.ShouldHaveSingleItem();

        (summary.Succeeded, summary.FailedAttempts, summary.SuccessRate).ShouldBe((15, 5, 0.75));
        (summary.P50, summary.P95).ShouldBe((100, 190));
        summary.IsFailing.ShouldBeTrue("the newest that ended, number 20, failed");
    }

    [EngineFact]
    public async Task An_endpoint_is_well_again_with_its_next_success()
    {
        var endpoint = await EndpointAsync("http://shop.example");
        await ChargeAsync();
        await AttemptAsync(endpoint, 1, "failed", 5, "pending");
        (await SummarizeAsync()).Endpoints.Single().IsFailing.ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(5));

        await AttemptAsync(endpoint, 2, "succeeded", 5, "succeeded");

        (await SummarizeAsync()).Endpoints.Single().IsFailing.ShouldBeFalse();
    }

    private Task<EndpointsSummary> SummarizeAsync() => _core.SendAsync(new SummarizeEndpoints(TimeSpan.FromHours(24)));

    private async Task<string> EndpointAsync(string url, string events = "*") =>
        (await _core.SendAsync(new CreateWebhookEndpoint { Url = url, EnabledEvents = [events] })).Id;

    private Task ChargeAsync() => _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") });

    /// <summary>An attempt of the endpoint's oldest or newest delivery, which is then in this state.</summary>
    private Task AttemptAsync(string endpoint, int number, string outcome, int? milliseconds, string status, bool newest = false)
    {
        var delivery = $"(SELECT {(newest ? "MAX" : "MIN")}(id) FROM deliveries WHERE endpoint_id = @endpoint)";
        return _core.Database.WriteAsync(async () =>
        {
            await _core.Database.ExecuteAsync(
                $"""
                INSERT INTO delivery_attempts (delivery_id, number, trigger_kind, outcome, url, duration_ms, started_at)
                VALUES ({delivery}, @number, 'automatic', @outcome, 'http://x', @milliseconds, @at)
                """,
                new { endpoint, number, outcome, milliseconds, at = _clock.GetUtcNow().AddMilliseconds(number) });
            await _core.Database.ExecuteAsync($"UPDATE deliveries SET status = @status WHERE id = {delivery}", new { endpoint, status });
        });
    }

    private Task SetAsync(string sql, object args) => _core.Database.WriteAsync(() => _core.Database.ExecuteAsync(sql, args));
}
