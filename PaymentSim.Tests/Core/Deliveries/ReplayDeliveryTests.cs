using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Events;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Deliveries;

/// <summary>Replays beside the automatic schedule, with the clock in the test's hand.</summary>
public sealed class ReplayDeliveryTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;
    private Receiver _receiver = null!;
    private WebhookEndpointObject _endpoint = null!;

    public ReplayDeliveryTests() => _core = new CoreHost(_folder, _clock, schedule: "5s,5m");

    public async Task InitializeAsync()
    {
        _receiver = await Receiver.StartAsync(Receiver.Status(500));
        _endpoint = await _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url, EnabledEvents = ["*"] });
        await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") });
    }

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task A_replay_that_fails_leaves_the_retry_at_its_time_and_with_its_budget()
    {
        var planned = (await DeliverAsync()).NextAttemptAt!.Value;

        (await ReplayAsync()).ShouldBe(ReplayResult.Due);
        var replayed = await DeliverAsync();

        (replayed.Result, replayed.NextAttemptAt, replayed.Failures).ShouldBe((DeliveryResult.WillRetry, planned, 1));
        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.NotSent, "the retry is not due yet");
        (await DeliverWhenDueAsync()).Failures.ShouldBe(2);
        _clock.GetUtcNow().ShouldBe(planned);
        (await DeliverWhenDueAsync()).Result.ShouldBe(DeliveryResult.GaveUp);
        (await TriggersAsync()).ShouldBe(["automatic", "replay", "automatic", "automatic"]);
    }

    [EngineFact]
    public async Task A_replay_that_arrives_ends_the_delivery()
    {
        await DeliverAsync();
        _receiver.Answer = Receiver.Status(200);

        await ReplayAsync();

        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.Delivered);
        _clock.Advance(TimeSpan.FromDays(1));
        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.NotSent);
        (await DeliveryAsync()).Status.ShouldBe(DeliveryStatus.Succeeded);
    }

    [EngineFact]
    public async Task A_retry_whose_time_passes_while_the_replay_fails_is_made_then()
    {
        var planned = (await DeliverAsync()).NextAttemptAt!.Value;
        await ReplayAsync();
        _receiver.Answer = context =>
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            return Receiver.Status(500)(context);
        };
        await DeliverAsync();
        _receiver.Answer = Receiver.Status(500);

        (await DeliveryAsync()).NextAttemptAt.ShouldBe(planned);
        (await DeliverAsync()).Failures.ShouldBe(2);
    }

    [EngineFact]
    public async Task Replayed_often_while_it_waits_it_is_sent_once_and_the_retry_stays()
    {
        var planned = (await DeliverAsync()).NextAttemptAt!.Value;

        (await ReplayAsync()).ShouldBe(ReplayResult.Due);
        (await ReplayAsync()).ShouldBe(ReplayResult.DueBefore);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        (await ReplayAsync()).ShouldBe(ReplayResult.DueBefore);

        (await DeliverAsync()).NextAttemptAt.ShouldBe(planned);
        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.NotSent);
        _receiver.Requests.Count.ShouldBe(2);
    }

    [EngineFact]
    public async Task A_delivery_that_had_ended_is_replayed_with_a_full_new_budget()
    {
        await DeliverAsync();
        await DeliverWhenDueAsync();
        (await DeliverWhenDueAsync()).Result.ShouldBe(DeliveryResult.GaveUp);

        (await ReplayAsync()).ShouldBe(ReplayResult.Due);

        var replayed = await DeliverAsync();
        (replayed.Result, replayed.Failures).ShouldBe((DeliveryResult.WillRetry, 1));
        (await DeliverWhenDueAsync()).Failures.ShouldBe(2);
        (await DeliverWhenDueAsync()).Result.ShouldBe(DeliveryResult.GaveUp);
        (await TriggersAsync()).ShouldBe(["automatic", "automatic", "automatic", "replay", "automatic", "automatic"]);
    }

    [EngineFact]
    public async Task Replayed_before_its_first_attempt_it_is_sent_once()
    {
        (await ReplayAsync()).ShouldBe(ReplayResult.DueBefore);

        await DeliverAsync();

        (await TriggersAsync()).ShouldBe(["automatic"]);
        _core.Jobs.Enqueued.Count.ShouldBe(1);
    }

    [EngineFact]
    public async Task Replayed_while_it_is_being_sent_it_is_sent_again_only_if_that_fails()
    {
        _receiver.Answer = async context =>
        {
            (await ReplayAsync()).ShouldBe(ReplayResult.Follows);
            (await ReplayAsync()).ShouldBe(ReplayResult.Follows);
            await Receiver.Status(500)(context);
        };
        var first = await DeliverAsync();
        (first.Result, first.NextAttemptAt, first.Failures).ShouldBe((DeliveryResult.WillRetry, _clock.GetUtcNow(), 1));
        var planned = (await DeliveryAsync()).AutomaticAt!.Value;

        // The clock stands still: while the replay is being sent, it is asked for again, and so once more.
        (await DeliverAsync()).NextAttemptAt.ShouldBe(_clock.GetUtcNow());
        _receiver.Answer = Receiver.Status(500);
        var last = await DeliverAsync();

        (last.NextAttemptAt, last.Failures).ShouldBe((planned, 1), "the schedule goes on where it was");
        (await TriggersAsync()).ShouldBe(["automatic", "replay", "replay"]);
        _core.Jobs.Enqueued.Count.ShouldBe(1, "its job runs already");
        _receiver.Answer = async context => (await ReplayAsync()).ShouldBe(ReplayResult.Follows);
        (await DeliverWhenDueAsync()).Result.ShouldBe(DeliveryResult.Delivered);
        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.NotSent);
    }

    [EngineFact]
    public async Task A_replay_asked_for_during_the_last_attempt_begins_no_new_budget()
    {
        await DeliverAsync();
        await DeliverWhenDueAsync();
        _receiver.Answer = async context =>
        {
            await ReplayAsync();
            await Receiver.Status(500)(context);
        };
        (await DeliverWhenDueAsync()).Result.ShouldBe(DeliveryResult.WillRetry);
        _receiver.Answer = Receiver.Status(500);

        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.GaveUp);
        (await TriggersAsync()).ShouldBe(["automatic", "automatic", "automatic", "replay"]);
    }

    [EngineFact]
    public async Task Fifty_replays_and_eight_jobs_at_once_make_one_sending_at_a_time()
    {
        await DeliverAsync();
        int under = 0, most = 0;
        _receiver.Answer = async context =>
        {
            var now = Interlocked.Increment(ref under);
            InterlockedMax(ref most, now);
            await _core.SendAsync(new ListEvents());
            Interlocked.Decrement(ref under);
            await Receiver.Status(500)(context);
        };

        var replays = Enumerable.Range(0, 50).Select(_ => Task.Run(ReplayAsync)).ToList();
        var jobs = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!replays.TrueForAll(replay => replay.IsCompleted)) await DeliverAsync();
        }));
        await Task.WhenAll([.. jobs, .. replays]);
        await DeliverAsync();

        most.ShouldBe(1);
        var delivery = await DeliveryAsync();
        (delivery.Failures, delivery.AutomaticAt, delivery.NextAttemptAt > _clock.GetUtcNow()).ShouldBe((1, null, true));
        replays.Count(replay => replay.Result is ReplayResult.Due).ShouldBeGreaterThan(0);
        _receiver.Requests.Count.ShouldBe((int)delivery.Attempts);
    }

    [EngineFact]
    public async Task What_cannot_be_sent_is_not_replayed()
    {
        await DeliverAsync();
        (await _core.SendAsync(new ReplayDelivery("whd_none"))).ShouldBe(ReplayResult.Missing);
        await _core.SendAsync(new UpdateWebhookEndpoint(_endpoint.Id) { Disabled = true });
        (await ReplayAsync()).ShouldBe(ReplayResult.EndpointDisabled);
        await _core.SendAsync(new DeleteWebhookEndpoint(_endpoint.Id));
        (await ReplayAsync()).ShouldBe(ReplayResult.EndpointGone);

        (await DeliveryAsync()).TriggerKind.ShouldBe(DeliveryTrigger.Automatic);
        _core.Jobs.Enqueued.Count.ShouldBe(1);
    }

    [EngineFact]
    public async Task A_replay_whose_job_got_lost_is_found_again()
    {
        await DeliverAsync();
        await ReplayAsync();
        _core.Jobs.Lose();
        _clock.Advance(TimeSpan.FromSeconds(3));

        (await _core.SendAsync(new SweepDeliveries())).ShouldBe(1);

        _core.Jobs.Enqueued.Single().Job.ShouldBeOfType<DeliverWebhook>().IsReplay.ShouldBeTrue();
    }

    [EngineFact]
    public async Task An_event_is_resent_to_all_who_want_it_or_to_the_one_named()
    {
        _receiver.Answer = Receiver.Status(200);
        await DeliverAsync();
        var recorded = (await _core.SendAsync(new ListEvents())).Data.Single();
        var late = await _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url + "late", EnabledEvents = ["charge.succeeded"] });
        var other = await _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url + "other", EnabledEvents = ["charge.failed"] });
        var off = await _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url + "off", EnabledEvents = ["*"] });
        await _core.SendAsync(new UpdateWebhookEndpoint(off.Id) { Disabled = true });

        (await _core.SendAsync(new ResendEvent(recorded.Id))).PendingWebhooks.ShouldBe(2);
        await DeliverAllAsync();
        _receiver.Requests.Select(request => request.Path).Order().ShouldBe(["/", "/", "/late"]);
        _receiver.Requests.ShouldAllBe(request => request.Headers["webhook-id"] == recorded.Id);

        (await _core.SendAsync(new ResendEvent(recorded.Id) { WebhookEndpoint = late.Id, ForStripecli = true })).PendingWebhooks.ShouldBe(1);
        await DeliverAllAsync();
        _receiver.Requests.Count(request => request.Path == "/late").ShouldBe(2);
        _receiver.Requests.Count.ShouldBe(4);

        (await RefusedAsync(other.Id)).ShouldBe((ProblemKind.InvalidRequest, "webhook_endpoint"));
        (await RefusedAsync(off.Id)).ShouldBe((ProblemKind.InvalidRequest, "webhook_endpoint"));
        (await RefusedAsync("we_none")).ShouldBe((ProblemKind.NotFound, "webhook_endpoint"));
        (await _core.TryAsync(new ResendEvent(recorded.Id), merchant: "acct_other")).Refused!.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new ResendEvent(recorded.Id) { Account = "acct_none" })).Refused!.Code.ShouldBe(ProblemCode.AccountInvalid);

        async Task<(ProblemKind, string?)> RefusedAsync(string endpoint)
        {
            var refused = (await _core.TryAsync(new ResendEvent(recorded.Id) { WebhookEndpoint = endpoint })).Refused!;
            return (refused.Kind, refused.Param);
        }
    }

    [EngineFact]
    public async Task Recovering_sends_what_failed_and_what_waits_since_a_time_once_in_batches()
    {
        for (var i = 0; i < 250; i++)
        {
            if (i == 100) _clock.Advance(TimeSpan.FromSeconds(100));
            await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(i % 2 == 0 ? "tok_visa" : "tok_chargeDeclined") });
        }

        var all = await _core.Database.QueryAsync<string>("SELECT id FROM deliveries ORDER BY id");
        // As after an outage: most have failed for good, some wait, one is being sent, one was never tried.
        await _core.Database.WriteAsync(() => _core.Database.ExecuteAsync(
            "UPDATE deliveries SET status = 'failed', failures = 3, next_attempt_at = NULL WHERE id NOT IN (@untried, @waiting, @sending)",
            new { untried = all[250], waiting = all[249], sending = all[248] }));
        await _core.Database.WriteAsync(() => _core.Database.ExecuteAsync(
            "UPDATE deliveries SET failures = 1, next_attempt_at = @later, claimed_until = @until WHERE id = @id",
            new { id = all[248], later = _clock.GetUtcNow().AddHours(1), until = _clock.GetUtcNow().AddMinutes(1) }));
        await _core.Database.WriteAsync(() => _core.Database.ExecuteAsync(
            "UPDATE deliveries SET failures = 1, next_attempt_at = @later WHERE id = @id", new { id = all[249], later = _clock.GetUtcNow().AddHours(1) }));
        _core.Jobs.Lose();
        var since = _clock.GetUtcNow().ToUnixTimeSeconds();

        (await RecoverAsync(new RecoverEndpoint(_endpoint.Id) { Since = since, EventTypes = ["charge.failed"] })).ShouldBe(73);
        (await RecoverAsync(new RecoverEndpoint(_endpoint.Id) { Since = since })).ShouldBe(148 - 73);
        (await RecoverAsync(new RecoverEndpoint(_endpoint.Id) { Since = since })).ShouldBe(0, "they are on their way");
        (await RecoverAsync(new RecoverEndpoint(_endpoint.Id) { Since = 0, Until = since })).ShouldBe(101);
        _core.Jobs.Enqueued.Count.ShouldBe(249);
        (await _core.Get<DeliveryStore>().FindAsync(all[249]))!.AutomaticAt.ShouldBe(_clock.GetUtcNow().AddHours(1));

        (await _core.TryAsync(new RecoverEndpoint(_endpoint.Id) { Since = 0 }, merchant: "acct_other")).Refused!.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new RecoverEndpoint(_endpoint.Id))).Refused!.Param.ShouldBe("since");
        (await _core.TryAsync(new RecoverEndpoint(_endpoint.Id) { Since = -1 })).Refused!.Param.ShouldBe("since");
        (await _core.TryAsync(new RecoverEndpoint(_endpoint.Id) { Since = 5, Until = 5 })).Refused!.Param.ShouldBe("until");

        async Task<long> RecoverAsync(RecoverEndpoint request) => (await _core.SendAsync(request)).Replayed;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value;)
        {
            var before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    private Task<ReplayResult> ReplayAsync() => _core.SendAsync(new ReplayDelivery(DeliveryId()));

    private string? _deliveryId;

    private string DeliveryId() => _deliveryId ??= _core.Jobs.Enqueued.Select(entry => entry.Job).OfType<DeliverWebhook>().First().DeliveryId;

    private async Task<Delivery> DeliveryAsync() => (await _core.Get<DeliveryStore>().FindAsync(DeliveryId()))!;

    private async Task<IReadOnlyList<string>> TriggersAsync() =>
        [.. (await _core.Get<DeliveryStore>().ListAttemptsAsync(DeliveryId())).Select(attempt => attempt.TriggerKind.Wire())];

    private Task<DeliveryOutcome> DeliverAsync() => DeliverAsync(DeliveryId());

    private async Task<DeliveryOutcome> DeliverAsync(string id)
    {
        var outcome = await _core.SendAsync(new DeliverWebhook(id));
        // A success is on the disk with its job's next unit, or with any other.
        await _core.Database.WriteAsync(() => Task.CompletedTask);
        return outcome;
    }

    private async Task<DeliveryOutcome> DeliverWhenDueAsync()
    {
        var due = (await DeliveryAsync()).NextAttemptAt!.Value;
        if (due > _clock.GetUtcNow()) _clock.Advance(due - _clock.GetUtcNow());
        return await DeliverAsync();
    }

    private async Task DeliverAllAsync()
    {
        foreach (var id in _core.Jobs.Enqueued.Select(entry => entry.Job).OfType<DeliverWebhook>().Select(job => job.DeliveryId).Distinct()) await DeliverAsync(id);
    }
}
