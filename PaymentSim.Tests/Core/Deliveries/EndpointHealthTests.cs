using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Events;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Deliveries;

/// <summary>Endpoints at which nothing arrives for days, and secrets that expire, with the clock in the test's hand.</summary>
public sealed class EndpointHealthTests : IAsyncLifetime
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;
    private Receiver _receiver = null!;

    public EndpointHealthTests() => _core = new CoreHost(_folder, _clock, schedule: "");

    public async Task InitializeAsync()
    {
        _receiver = await Receiver.StartAsync();
        await _core.Database.WriteAsync(() => _core.Database.ExecuteAsync(
            "INSERT INTO merchants (id, name, created_at) VALUES (@Merchant, 'Its endpoints are remembered', 0)", new { CoreHost.Merchant }));
    }

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task After_five_days_of_nothing_but_failures_an_endpoint_is_disabled_and_the_others_are_told()
    {
        var endpoint = await EndpointAsync("down");
        var other = await EndpointAsync("up", "webhook_endpoint.disabled");
        _receiver.Answer = Receiver.Status(500);
        await SendAsync();
        var since = (await PolicyAsync(endpoint)).FailingSince.ShouldNotBeNull();
        since.ShouldBe(_clock.GetUtcNow().ToUnixTimeSeconds());
        _clock.Advance(5 * Day - TimeSpan.FromMilliseconds(1));
        await SendAsync();
        (await PolicyAsync(endpoint)).Status.ShouldBe("enabled");
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await SendAsync();

        var disabled = await PolicyAsync(endpoint);
        (disabled.Status, disabled.FailingSince, disabled.DisabledReason).ShouldBe(("disabled", since, "Nothing has arrived there since 2025-06-15 12:00:00Z, for 5d."));
        var told = (await _core.SendAsync(new ListEvents { Type = EventTypes.WebhookEndpointDisabled })).Data.ShouldHaveSingleItem();
        told.PendingWebhooks.ShouldBe(1);
        (await _core.SendAsync(new ListEventDeliveries(told.Id))).Data.ShouldHaveSingleItem().WebhookEndpoint.ShouldBe(other.Id);
        await SendAsync();
        _receiver.Requests.Count.ShouldBe(3, "nothing more is sent there");
    }

    [EngineFact]
    public async Task One_that_arrives_begins_the_five_days_anew()
    {
        var endpoint = await EndpointAsync("flaky");
        _receiver.Answer = Receiver.Status(500);
        await SendAsync();
        _clock.Advance(4 * Day);
        _receiver.Answer = Receiver.Status(200);
        await SendAsync();
        (await PolicyAsync(endpoint)).FailingSince.ShouldBeNull();
        _receiver.Answer = Receiver.Status(500);
        await SendAsync();
        _clock.Advance(4 * Day);

        await SendAsync();

        var policy = await PolicyAsync(endpoint);
        (policy.Status, policy.FailingSince).ShouldBe(("enabled", (_clock.GetUtcNow() - 4 * Day).ToUnixTimeSeconds()));
    }

    [EngineFact]
    public async Task Another_address_has_five_days_of_its_own()
    {
        var endpoint = await EndpointAsync("old");
        _receiver.Answer = Receiver.Status(500);
        await SendAsync();
        _clock.Advance(5 * Day);

        await _core.SendAsync(new UpdateWebhookEndpoint(endpoint.Id) { Url = _receiver.Url + "new" });
        await SendAsync();

        var policy = await PolicyAsync(endpoint);
        (policy.Status, policy.FailingSince).ShouldBe(("enabled", _clock.GetUtcNow().ToUnixTimeSeconds()));
    }

    [EngineFact]
    public async Task What_does_not_change_an_endpoints_health_does_not_write_it()
    {
        await EndpointAsync("any");
        await SendAsync();
        var version = await VersionAsync();
        _receiver.Answer = Receiver.Status(500);
        await SendAsync();
        await SendAsync();
        await SendAsync();
        _receiver.Answer = Receiver.Status(200);
        await SendAsync();

        (await VersionAsync()).ShouldBe(version, "every node may go on with what it remembers for its events");

        Task<long> VersionAsync() => _core.Database.FirstOrDefaultAsync<long>("SELECT endpoints_version FROM merchants WHERE id = @Merchant", new { CoreHost.Merchant });
    }

    [EngineFact]
    public async Task A_former_secret_signs_until_it_expires()
    {
        var endpoint = await EndpointAsync("rotated");
        var rotated = await _core.SendAsync(new RotateEndpointSecret(endpoint.Id));
        rotated.PreviousSecretExpiresAt.ShouldBe((_clock.GetUtcNow() + Day).ToUnixTimeSeconds());

        _clock.Advance(Day - TimeSpan.FromMilliseconds(1));
        await SendAsync();
        _receiver.Requests[^1].ShouldVerify(rotated.Secret!, endpoint.Secret!);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await SendAsync();

        _receiver.Requests[^1].ShouldVerify(rotated.Secret!);
        (await PolicyAsync(endpoint)).PreviousSecretExpiresAt.ShouldBeNull();
    }

    [EngineFact]
    public async Task A_claim_outlives_the_endpoints_own_time_out()
    {
        var endpoint = await EndpointAsync("slow");
        await _core.SendAsync(new UpdateEndpointPolicy(endpoint.Id) { Timeout = System.Text.Json.JsonSerializer.SerializeToElement("60s") });
        await ChargeAsync();
        var id = _core.Jobs.Enqueued.Select(entry => entry.Job.Key).Last();

        await _core.Get<DeliveryClaim>().TakeAsync(id, CancellationToken.None);

        (await _core.Get<DeliveryStore>().FindAsync(id))!.ClaimedUntil.ShouldBe(_clock.GetUtcNow().AddSeconds(60 + 30));
    }

    private Task<WebhookEndpointObject> EndpointAsync(string path, string events = "charge.*") =>
        _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url + path, EnabledEvents = [events] });

    private Task<EndpointPolicyObject> PolicyAsync(WebhookEndpointObject endpoint) => _core.SendAsync(new GetEndpointPolicy(endpoint.Id));

    private Task ChargeAsync() => _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") });

    /// <summary>Makes a charge, and one attempt of each of its deliveries.</summary>
    private async Task SendAsync()
    {
        var before = _core.Jobs.Enqueued.Count;
        await ChargeAsync();
        foreach (var (job, _) in _core.Jobs.Enqueued.Skip(before).ToList()) await _core.SendAsync((DeliverWebhook)job);
        // A success is on the disk with its job's next unit, or with any other.
        await _core.Database.WriteAsync(() => Task.CompletedTask);
    }
}
