using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Deliveries;

/// <summary>Faults with the clock and the jobs in the test's hand: planned times, replays, batches.</summary>
public sealed class FaultPlayerTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;
    private Receiver _receiver = null!;

    public FaultPlayerTests() => _core = new CoreHost(_folder, _clock, schedule: "5s");

    public async Task InitializeAsync() => _receiver = await Receiver.StartAsync();

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task A_long_delay_is_planned_and_holds_no_sender()
    {
        await EndpointAsync(new FaultParameters { Kind = "delay", Next = 1, Delay = 30_000 });
        var id = await ChargeAsync();

        var job = _core.Jobs.Enqueued.ShouldHaveSingleItem();
        job.NotBefore.ShouldBe(_clock.GetUtcNow().AddSeconds(30));
        (await _core.SendAsync(new DeliverWebhook(id))).Result.ShouldBe(DeliveryResult.NotSent);
        _clock.Advance(TimeSpan.FromSeconds(30));
        (await _core.SendAsync(new DeliverWebhook(id))).Result.ShouldBe(DeliveryResult.Delivered);

        (await AttemptsAsync(id)).ShouldBe(["delay 30000 ms"]);
    }

    [EngineFact]
    public async Task What_is_overtaken_is_due_and_has_a_job_at_once()
    {
        await EndpointAsync(new FaultParameters { Kind = "reorder", Next = 1, Delay = 60_000 });
        var (first, second) = (await ChargeAsync(), await ChargeAsync());

        (await _core.SendAsync(new DeliverWebhook(first))).Result.ShouldBe(DeliveryResult.NotSent);
        (await _core.SendAsync(new DeliverWebhook(second))).Result.ShouldBe(DeliveryResult.Delivered);

        _core.Jobs.Enqueued[^1].Job.ShouldBe(new DeliverWebhook(first));
        (await _core.SendAsync(new DeliverWebhook(first))).Result.ShouldBe(DeliveryResult.Delivered);
        _receiver.Requests.Count.ShouldBe(2);
    }

    [EngineFact]
    public async Task A_replay_is_a_delivery_of_its_own_to_the_plan()
    {
        var endpoint = await EndpointAsync();
        var id = await ChargeAsync();
        await _core.SendAsync(new DeliverWebhook(id));
        await SetAsync(endpoint.Id, new FaultParameters { Kind = "bad_signature", Next = 2 }, new FaultParameters { Kind = "reorder", Next = 2 });

        for (var i = 0; i < 3; i++)
        {
            await _core.SendAsync(new RearmDelivery(id));
            (await _core.SendAsync(new DeliverWebhook(id))).Result.ShouldBe(DeliveryResult.Delivered, "a person who replays does not wait");
        }

        (await AttemptsAsync(id)).ShouldBe([null, "bad_signature", "bad_signature", null]);
        _receiver.Requests.Select(request => request.Verifies(endpoint.Secret!).Standard).ShouldBe([true, false, false, true]);
    }

    [EngineFact]
    public async Task An_attempt_that_a_crash_cut_off_has_had_its_fault()
    {
        await EndpointAsync(new FaultParameters { Kind = "drop", Next = 1, Attempts = 1 });
        var id = await ChargeAsync();
        (await _core.Get<DeliveryClaim>().TakeAsync(id, CancellationToken.None)).Claimed.ShouldNotBeNull().Pass.Dispose();
        (await AttemptsAsync(id)).ShouldBe(["drop"], "it is written before it is sent");
        await _core.SendAsync(new SweepDeliveries(AtStart: true));
        _clock.Advance(TimeSpan.FromMinutes(2));

        (await _core.SendAsync(new DeliverWebhook(id))).Result.ShouldBe(DeliveryResult.Delivered);
        (await AttemptsAsync(id)).ShouldBe(["drop", null]);
    }

    [PostgresFact]
    public async Task A_batch_plays_each_deliverys_faults()
    {
        var endpoint = await EndpointAsync(new FaultParameters { Kind = "drop", Next = 1 }, new FaultParameters { Kind = "wrong_secret", Next = 2 }, new FaultParameters { Kind = "duplicate", Next = 2 });
        var ids = new[] { await ChargeAsync(), await ChargeAsync(), await ChargeAsync() };
        var failed = new List<string>();

        var outcome = await _core.SendAsync(new DeliverBatch(ids, (gone, _) => failed.AddRange(gone)));

        (outcome.Delivered, outcome.Failed, outcome.NotSent).ShouldBe((2, 1, 0));
        failed.ShouldBe([ids[0]]);
        foreach (var (id, fault) in ids.Zip(new[] { "drop", "wrong_secret, duplicate: HTTP 200", null })) (await AttemptsAsync(id)).ShouldBe([fault]);
        _receiver.Requests.Count(request => request.Verifies(endpoint.Secret!) == (true, true)).ShouldBe(1);
        _receiver.Requests.Count(request => request.Verifies(endpoint.Secret!) == (false, false)).ShouldBe(2);
        (await _core.SendAsync(new GetEndpointFaults(endpoint.Id))).Faults.Select(fault => fault.Played).ShouldBe([1, 1, 1]);
    }

    private async Task<WebhookEndpointObject> EndpointAsync(params FaultParameters[] faults)
    {
        var endpoint = await _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url, EnabledEvents = ["*"] });
        if (faults.Length > 0) await SetAsync(endpoint.Id, faults);
        return endpoint;
    }

    private Task SetAsync(string endpointId, params FaultParameters[] faults) => _core.SendAsync(new SetEndpointFaults(endpointId) { Faults = faults, Seed = 1 });

    /// <summary>Makes a charge, and answers its delivery's id.</summary>
    private async Task<string> ChargeAsync()
    {
        await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") });
        return (await _core.Database.QueryAsync<string>("SELECT id FROM deliveries ORDER BY id")).Last();
    }

    /// <summary>What the log says of each attempt's faults.</summary>
    private async Task<IEnumerable<string?>> AttemptsAsync(string deliveryId) => (await _core.Get<DeliveryStore>().ListAttemptsAsync(deliveryId)).Select(attempt => attempt.Fault);
}
