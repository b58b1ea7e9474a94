using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Events;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Deliveries;

/// <summary>The lines in which deliveries to an ordered endpoint stand, without a sweep in the way.</summary>
public sealed class DeliveryOrderTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;
    private Receiver _receiver = null!;
    private string _endpoint = "";

    public DeliveryOrderTests() => _core = new CoreHost(_folder, _clock, schedule: "5s");

    public async Task InitializeAsync()
    {
        _receiver = await Receiver.StartAsync();
        _endpoint = (await _core.SendAsync(new UpsertWebhookEndpoint { Url = _receiver.Url, Ordering = "per_object" })).Id;
    }

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task Only_the_first_of_a_line_has_a_job_and_each_that_ends_gives_the_next_one_its_job()
    {
        var ids = await LineAsync(4);
        Jobs().ShouldBe([ids[0]]);

        (await DeliverAsync(ids[1])).ShouldBe(new DeliveryOutcome(DeliveryResult.NotSent, $"Held back: {ids[0]} of the same object comes first"));
        await DeliverAsync(ids[0]);
        Jobs().ShouldBe([ids[0], ids[1]]);
        (await FindAsync(ids[1])).LastError.ShouldBeNull();

        // One that is given up, and one that a person takes away.
        _receiver.Answer = Receiver.Status(500);
        (await DeliverAsync(ids[1])).Result.ShouldBe(DeliveryResult.WillRetry);
        Jobs().ShouldBe([ids[0], ids[1]], "it waits for its retry");
        _clock.Advance(TimeSpan.FromSeconds(10));
        (await DeliverAsync(ids[1])).Result.ShouldBe(DeliveryResult.GaveUp);
        Jobs().ShouldBe(ids[..3]);
        await _core.SendAsync(new CancelDelivery(ids[2]));

        Jobs().ShouldBe(ids);
    }

    [EngineFact]
    public async Task A_sweep_sends_nothing_early_and_finds_what_waits_for_nothing()
    {
        var ids = await LineAsync(3);
        _core.Jobs.Lose();
        _clock.Advance(TimeSpan.FromDays(1));
        (await _core.SendAsync(new SweepDeliveries())).ShouldBe(1);
        Jobs().ShouldBe([ids[0]]);

        // Something has ended it without a word to those behind it.
        await _core.Database.WriteAsync(() => _core.Database.ExecuteAsync(
            "UPDATE deliveries SET status = 'canceled', next_attempt_at = NULL WHERE id = @id", new { id = ids[0] }));
        await _core.SendAsync(new SweepDeliveries());

        Jobs().ShouldBe(ids[..2]);
        (await FindAsync(ids[2])).IsHeld.ShouldBeTrue();
    }

    [EngineTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sweep_lets_those_go_whose_endpoint_wants_no_order_or_is_gone(bool deleted)
    {
        var ids = await LineAsync(3);
        if (deleted) await _core.SendAsync(new DeleteWebhookEndpoint(_endpoint));
        else await _core.SendAsync(new UpdateEndpointPolicy(_endpoint) { Ordering = "none" });

        await _core.SendAsync(new SweepDeliveries());

        Jobs().Order(StringComparer.Ordinal).ShouldBe(ids);
        foreach (var id in ids) await DeliverAsync(id);
        (await Task.WhenAll(ids.Select(FindAsync))).ShouldAllBe(delivery => delivery.Status == (deleted ? DeliveryStatus.Canceled : DeliveryStatus.Succeeded));
    }

    [EngineFact]
    public async Task A_replay_of_one_that_has_ended_neither_waits_nor_holds_others_back()
    {
        var ids = await LineAsync(2);
        await DeliverAsync(ids[0]);
        _receiver.Answer = Receiver.Status(500);
        await _core.SendAsync(new RearmDelivery(ids[0]));

        (await DeliverAsync(ids[0])).Result.ShouldBe(DeliveryResult.WillRetry);
        _receiver.Answer = Receiver.Status(200);
        (await DeliverAsync(ids[1])).Result.ShouldBe(DeliveryResult.Delivered);
        var later = (await LineAsync(1)).Single();

        (await FindAsync(later)).IsHeld.ShouldBeFalse();
        (await FindAsync(ids[0])).Status.ShouldBe(DeliveryStatus.Pending);
    }

    [EngineFact]
    public async Task A_person_cannot_send_one_before_its_turn()
    {
        var ids = await LineAsync(2);

        (await _core.SendAsync(new RearmDelivery(ids[1]))).ShouldBeTrue();
        await _core.SendAsync(new RearmBatch([ids[1]], Arrived: true));

        (await FindAsync(ids[1])).IsHeld.ShouldBeTrue();
        (await DeliverAsync(ids[1])).Result.ShouldBe(DeliveryResult.NotSent);
        await DeliverAsync(ids[0]);
        (await DeliverAsync(ids[1])).Result.ShouldBe(DeliveryResult.Delivered);
    }

    [EngineFact]
    public async Task A_batch_gives_the_next_ones_their_jobs_too()
    {
        var (one, other) = (await LineAsync(3), await LineAsync(2));

        var outcome = await _core.SendAsync(new DeliverBatch([.. one, .. other], (_, _) => { }));

        (outcome.Delivered, outcome.NotSent).ShouldBe((2, 3));
        Jobs().Order(StringComparer.Ordinal).ShouldBe([one[0], one[1], other[0], other[1]]);
        await _core.SendAsync(new CancelBatch([one[1]]));
        Jobs()[^1].ShouldBe(one[2]);
    }

    [EngineFact]
    public async Task Events_that_are_recorded_while_others_end_are_never_left_behind()
    {
        var charge = await ChargeAsync();
        var sending = Task.Run(async () =>
        {
            for (var sent = 0; sent < 40;)
            {
                foreach (var id in Jobs().Skip(sent).ToList())
                {
                    await _core.SendAsync(new DeliverWebhook(id));
                    sent++;
                }

                await _core.Database.WriteAsync(() => Task.CompletedTask);
            }
        });
        for (var i = 1; i < 40; i++) await ChangeAsync(charge, i);

        await sending.WaitAsync(TimeSpan.FromMinutes(2));

        _receiver.Requests.Select(request => request.Headers["webhook-id"]).ShouldBe(await EventsAsync());
    }

    [EngineTheory]
    [InlineData("""{"id":"re_1","charge":"ch_1","payment_intent":"pi_1"}""", "pi_1")]
    [InlineData("""{"id":"re_1","charge":"ch_1","payment_intent":null}""", "ch_1")]
    [InlineData("""{"id":"re_1","charge":{"id":"ch_1"},"payment_intent":{"id":"pi_1"}}""", "pi_1")]
    [InlineData("""{"id":"re_1","charge":"","payment_intent":7}""", "own")]
    [InlineData("""{"id":"cus_1"}""", "own")]
    [InlineData("[]", "own")]
    public void An_event_is_about_a_payment_or_its_object(string wireObject, string subject) =>
        new EventHead("evt_1", "acct_1", "x.y", default, "own", System.Text.Json.JsonDocument.Parse(wireObject).RootElement).Subject.ShouldBe(subject);

    /// <summary>A new charge's deliveries, so many, in order.</summary>
    private async Task<string[]> LineAsync(int count)
    {
        var before = await AllAsync();
        var charge = await ChargeAsync();
        for (var i = 1; i < count; i++) await ChangeAsync(charge, i);
        return [.. (await AllAsync()).Except(before)];
    }

    private async Task<IReadOnlyList<string>> AllAsync() => await _core.Database.QueryAsync<string>("SELECT id FROM deliveries ORDER BY id");

    private async Task<string[]> EventsAsync() => [.. await _core.Database.QueryAsync<string>("SELECT id FROM events ORDER BY id")];

    private async Task<string> ChargeAsync() => (await _core.SendAsync(
        new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") })).Charge!.Id;

    private Task ChangeAsync(string charge, int number) => _core.SendAsync(new UpdateCharge(charge) { Description = $"{number}" });

    private string[] Jobs() => [.. _core.Jobs.Enqueued.Select(entry => entry.Job.Key)];

    private async Task<Delivery> FindAsync(string id) => (await _core.Get<DeliveryStore>().FindAsync(id))!;

    private async Task<DeliveryOutcome> DeliverAsync(string id)
    {
        var outcome = await _core.SendAsync(new DeliverWebhook(id));
        // A success is on the disk with its job's next unit, or with any other.
        await _core.Database.WriteAsync(() => Task.CompletedTask);
        return outcome;
    }
}
