using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Events;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Deliveries;

/// <summary>Many deliveries at once, with the clock in the test's hand.</summary>
public sealed class DeliverBatchTests : IAsyncLifetime
{
    private const string Other = "acct_other";

    /// <summary>A quarter of the host's.</summary>
    private const int SendersOfANewEndpoint = 8;

    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;
    private readonly List<(string Id, DeliveryOutcome Outcome)> _failed = [];
    private Receiver _receiver = null!;

    public DeliverBatchTests() => _core = new CoreHost(_folder, _clock, schedule: "5s");

    public async Task InitializeAsync() => _receiver = await Receiver.StartAsync();

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task A_batch_of_several_merchants_arrives_each_signed_with_its_endpoints_secret_and_in_its_version()
    {
        var mine = await EndpointAsync("mine");
        var old = await _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url + "old", EnabledEvents = ["*"], ApiVersion = "2019-05-16" }, merchant: Other);
        var ids = await ChargeAsync(3);
        ids.AddRange(await ChargeAsync(2, Other));

        Outcome(await DeliverAsync(ids)).ShouldBe((5, 0, 0));

        _receiver.Requests.Count.ShouldBe(5);
        foreach (var request in _receiver.Requests)
        {
            var read = Stripe.EventUtility.ConstructEvent(
                request.Text, request.Headers["Stripe-Signature"], request.Path == "/old" ? old.Secret : mine.Secret, tolerance: 300, utcNow: _clock.GetUtcNow().ToUnixTimeSeconds(),
                throwOnApiVersionMismatch: false);
            read.ApiVersion.ShouldBe(request.Path == "/old" ? "2019-05-16" : Stripe.StripeConfiguration.ApiVersion);
            read.Id.ShouldBe(request.Headers["webhook-id"]);
        }

        foreach (var delivery in await AllAsync())
        {
            (delivery.Status, delivery.NextAttemptAt, delivery.LastError).ShouldBe(("succeeded", null, null));
            var attempt = delivery.Attempts.ShouldHaveSingleItem();
            (attempt.Number, attempt.Trigger, attempt.Outcome, attempt.ResponseStatus, attempt.Url).ShouldBe((1, "automatic", "succeeded", 200, _receiver.Url + "mine"));
            attempt.RequestHeaders!["webhook-id"].ShouldBe(delivery.Event);
            attempt.ResponseHeaders.ShouldNotBeNull().Keys.ShouldContain("Date");
        }

        Outcome(await DeliverAsync(ids)).ShouldBe((0, 0, 5));
        _receiver.Requests.Count.ShouldBe(5);
    }

    [EngineFact]
    public async Task Attempts_are_on_the_disk_before_they_are_sent_and_a_slow_receiver_holds_back_nobody_elses_record()
    {
        await EndpointAsync();
        await EndpointAsync("slow");
        var ids = await ChargeAsync(3);
        var release = new TaskCompletionSource();
        long openAtFirst = 0;
        _receiver.Answer = async context =>
        {
            if (Interlocked.CompareExchange(ref openAtFirst, 1, 0) == 0)
                openAtFirst = await _core.Database.FirstOrDefaultAsync<long>("SELECT COUNT(*) FROM delivery_attempts WHERE outcome = 'open'");
            if (context.Request.Path == "/slow") await release.Task;
            context.Response.StatusCode = context.Request.Path == "/slow" ? 200 : 503;
        };

        var delivering = DeliverAsync(ids);

        await Eventually.HoldsAsync(() => Task.FromResult(_failed.Count == 3), "the quick ones have been recorded, and their failure was told");
        delivering.IsCompleted.ShouldBeFalse();
        openAtFirst.ShouldBe(6);
        (await AllAsync()).Count(delivery => delivery.Status == "pending" && delivery.Attempts.Single().Outcome == "failed").ShouldBe(3);
        release.SetResult();
        Outcome(await delivering).ShouldBe((3, 3, 0));
    }

    [EngineFact]
    public async Task Each_that_fails_is_told_once_with_what_comes_next()
    {
        await EndpointAsync();
        var ids = await ChargeAsync(3);
        _receiver.Answer = Receiver.Status(503);

        Outcome(await DeliverAsync(ids)).ShouldBe((0, 3, 0));

        _failed.Select(one => one.Id).Order().ShouldBe(ids);
        foreach (var (_, outcome) in _failed)
        {
            (outcome.Result, outcome.Summary, outcome.Failures, outcome.Retries).ShouldBe((DeliveryResult.WillRetry, $"HTTP 503 from {_receiver.Url}", 1, 1));
            outcome.NextAttemptAt!.Value.ShouldBeInRange(_clock.GetUtcNow().AddSeconds(5), _clock.GetUtcNow().AddSeconds(6));
        }

        Outcome(await DeliverAsync(ids)).ShouldBe((0, 0, 3), "none is due");
        _clock.Advance(TimeSpan.FromSeconds(6));
        _failed.Clear();
        var last = await DeliverAsync(ids);
        Outcome(last).ShouldBe((0, 3, 0));
        last.GivenUpBefore.ShouldBeEmpty();
        _failed.ShouldAllBe(one => one.Outcome.Result == DeliveryResult.GaveUp && one.Outcome.NextAttemptAt == null);

        var after = await DeliverAsync(ids);
        after.GivenUpBefore.Select(one => (one.DeliveryId, one.Outcome.Result, one.Outcome.Summary)).Order().ShouldBe(
            ids.Select(id => (id, DeliveryResult.GaveUp, $"HTTP 503 from {_receiver.Url}")));
        _receiver.Requests.Count.ShouldBe(6);
    }

    [EngineFact]
    public async Task Only_what_may_be_sent_now_is_sent()
    {
        var (disabled, deleted) = (await EndpointAsync("disabled"), await EndpointAsync("deleted"));
        var waiting = await ChargeAsync(1);
        await _core.SendAsync(new UpdateWebhookEndpoint(disabled.Id) { Disabled = true });
        await _core.SendAsync(new DeleteWebhookEndpoint(deleted.Id));
        await EndpointAsync();
        var due = await ChargeAsync(4);
        await _core.SendAsync(new CancelDelivery(due[0]));
        await _core.Get<DeliveryClaim>().TakeAsync(due[1], CancellationToken.None);
        await _core.SendAsync(new DeliverWebhook(due[2]));

        Outcome(await DeliverAsync([.. waiting, .. due, "whd_none"])).ShouldBe((1, 0, 6));

        _receiver.Requests.Count.ShouldBe(2);
        (await StatusOfAsync(waiting[0])).ShouldBe("pending");
        (await StatusOfAsync(waiting[1])).ShouldBe("canceled");
        (await StatusOfAsync(due[0])).ShouldBe("canceled");
        (await StatusOfAsync(due[3])).ShouldBe("succeeded");
    }

    [EngineFact]
    public async Task Eight_jobs_of_the_same_deliveries_at_once_send_each_once()
    {
        await EndpointAsync();

        // In the first round connections are opened one after the other; in the later ones the jobs meet.
        for (var round = 1; round <= 5; round++)
        {
            var ids = await ChargeAsync(20);

            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => DeliverAsync(i % 2 == 0 ? ids : [.. ids.AsEnumerable().Reverse()]))));

            outcomes.Sum(outcome => outcome.Delivered).ShouldBe(20);
            outcomes.Sum(outcome => outcome.NotSent).ShouldBe(7 * 20);
            outcomes.SelectMany(outcome => outcome.Failures).ShouldBeEmpty();
            _receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct().Count().ShouldBe(20 * round);
            _receiver.Requests.Count.ShouldBe(20 * round);
        }
    }

    [EngineFact]
    public async Task A_delivery_is_claimed_only_as_it_was_read()
    {
        await EndpointAsync();
        var ids = await ChargeAsync(4);
        var read = await Task.WhenAll(ids.Select(ReadAsync));
        await _core.SendAsync(new DeliverWebhook(ids[0]));
        await _core.SendAsync(new CancelDelivery(ids[1]));
        await _core.SendAsync(new CancelDelivery(ids[2]));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await _core.SendAsync(new RearmDelivery(ids[2]));

        (await ClaimAsync(read)).ShouldBe([ids[3]]);
        (await ClaimAsync(read)).ShouldBeEmpty("another has it");
        (await ClaimAsync([await ReadAsync(ids[2])])).ShouldBe([ids[2]]);

        async Task<ClaimedDelivery> ReadAsync(string id)
        {
            var delivery = (await _core.Get<DeliveryStore>().FindAsync(id))!;
            var endpoint = await _core.Get<WebhookEndpointStore>().GetAsync(CoreHost.Merchant, delivery.EndpointId);
            var recorded = await _core.Get<EventStore>().FindAsync(CoreHost.Merchant, delivery.EventId);
            var pass = await _core.Get<EndpointLanes>().EnterAsync(endpoint, 1, TimeSpan.Zero, byPerson: false, CancellationToken.None);
            return DeliveryClaim.Ready(delivery, endpoint, recorded, new OpenedEndpoint(["whsec_AAAA"], null), _clock.GetUtcNow(), pass);
        }

        Task<HashSet<string>> ClaimAsync(IReadOnlyList<ClaimedDelivery> ready) => _core.Database.WriteAsync(
            () => _core.Get<BatchStore>().ClaimAsync(ready, _clock.GetUtcNow()));
    }

    [EngineFact]
    public async Task A_batch_that_is_broken_off_keeps_what_was_answered_and_gives_back_the_rest()
    {
        await EndpointAsync();
        await EndpointAsync("slow");
        var ids = await ChargeAsync(2);
        using var stopping = new CancellationTokenSource();
        var (never, hanging) = (new TaskCompletionSource(), 0);
        _receiver.Answer = async context =>
        {
            if (context.Request.Path != "/slow") return;
            Interlocked.Increment(ref hanging);
            await never.Task.WaitAsync(context.RequestAborted);
        };
        var delivering = DeliverAsync(ids, stopping.Token);
        await Eventually.HoldsAsync(
            async () => hanging == 2 && await _core.Database.FirstOrDefaultAsync<long>("SELECT COUNT(*) FROM deliveries WHERE status = 'succeeded'") == 2, "two are recorded, two hang");

        await stopping.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(delivering);
        (await AllAsync()).Select(delivery => (delivery.Status, delivery.Attempts.Single().Outcome)).Order().ShouldBe(
            [("pending", "interrupted"), ("pending", "interrupted"), ("succeeded", "succeeded"), ("succeeded", "succeeded")]);
        _receiver.Answer = Receiver.Status(200);
        Outcome(await DeliverAsync(ids)).ShouldBe((2, 0, 2));
    }

    [Fact]
    public async Task What_is_claimed_is_given_back_where_claiming_the_others_fails()
    {
        var endpoint = await EndpointAsync();
        var ids = await ChargeAsync(2);
        // Read as a whole number, it is another: to be claimed as it was read, it is read again and again.
        await _core.Database.WriteAsync(() => _core.Database.ExecuteAsync("UPDATE deliveries SET next_attempt_at = next_attempt_at - 0.5 WHERE id = @id", new { id = ids[1] }));
        using var stopping = new CancellationTokenSource();
        var delivering = DeliverAsync(ids, stopping.Token);
        await Eventually.HoldsAsync(async () => await _core.Database.FirstOrDefaultAsync<long>("SELECT COUNT(*) FROM delivery_attempts") == 1, "the first is claimed");

        await stopping.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(delivering);
        _receiver.Requests.ShouldBeEmpty();
        (await AllAsync()).SelectMany(delivery => delivery.Attempts).ShouldHaveSingleItem().Outcome.ShouldBe("interrupted");
        var receiver = await _core.Get<WebhookEndpointStore>().GetAsync(CoreHost.Merchant, endpoint.Id);
        for (var sender = 1; sender <= SendersOfANewEndpoint; sender++)
            _core.Get<EndpointLanes>().EnterAsync(receiver, 1, TimeSpan.Zero, byPerson: false, CancellationToken.None).AsTask().IsCompleted.ShouldBeTrue($"there is room for sender {sender}");
    }

    [EngineFact]
    public async Task After_a_crash_in_the_middle_the_batch_is_sent_again_when_its_claim_has_run_out()
    {
        await EndpointAsync();
        var ids = await ChargeAsync(2);
        await _core.Get<BatchClaim>().TakeAsync(ids, CancellationToken.None);

        Outcome(await DeliverAsync(ids)).ShouldBe((0, 0, 2), "another may be sending them");
        _clock.Advance(TimeSpan.FromSeconds(10 + 30));
        Outcome(await DeliverAsync(ids)).ShouldBe((2, 0, 0));

        foreach (var delivery in await AllAsync())
            delivery.Attempts.Select(attempt => (attempt.Number, attempt.Outcome)).ShouldBe([(1, "interrupted"), (2, "succeeded")]);
    }

    [EngineFact]
    public async Task One_that_cannot_be_sent_does_not_keep_back_the_others_and_is_told_in_the_end()
    {
        await EndpointAsync();
        var ids = await ChargeAsync(3);
        await _core.Database.WriteAsync(() => _core.Database.ExecuteAsync("UPDATE deliveries SET event_id = 'evt_lost' WHERE id = @id", new { id = ids[1] }));

        var outcome = await DeliverAsync(ids);

        Outcome(outcome).ShouldBe((2, 0, 1));
        outcome.Failures.Single().Message.ShouldBe($"Delivery {ids[1]} has no event evt_lost.");
        _receiver.Requests.Count.ShouldBe(2);
        (await StatusOfAsync(ids[0])).ShouldBe("succeeded");
        (await StatusOfAsync(ids[1])).ShouldBe("pending");
        (await StatusOfAsync(ids[2])).ShouldBe("succeeded");
    }

    [EngineFact]
    public async Task A_failure_that_comes_after_its_job_was_deleted_is_recorded_and_told_nobody()
    {
        await EndpointAsync();
        var ids = await ChargeAsync(2);
        _receiver.Answer = async context =>
        {
            await _core.SendAsync(new CancelBatch(ids));
            context.Response.StatusCode = 500;
        };

        Outcome(await DeliverAsync(ids)).ShouldBe((0, 0, 2));

        _failed.ShouldBeEmpty();
        (await AllAsync()).Select(delivery => (delivery.Status, delivery.Attempts.Single().Outcome)).ShouldBe([("canceled", "failed"), ("canceled", "failed")]);
    }

    [EngineFact]
    public async Task The_sweep_says_which_deliveries_have_failed_before()
    {
        await EndpointAsync();
        var ids = await ChargeAsync(2);
        _core.Jobs.Enqueued.ShouldAllBe(entry => ((DeliverWebhook)entry.Job).IsFirst);
        _receiver.Answer = Receiver.Status(500);
        await DeliverAsync([ids[0]]);
        _core.Jobs.Lose();
        _clock.Advance(TimeSpan.FromSeconds(20));

        (await _core.SendAsync(new SweepDeliveries())).ShouldBe(2);

        _core.Jobs.Enqueued.Select(entry => (DeliverWebhook)entry.Job).ShouldBe([new DeliverWebhook(ids[0]), new DeliverWebhook(ids[1]) { IsFirst = true }]);
    }

    private Task<WebhookEndpointObject> EndpointAsync(string path = "") =>
        _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url + path, EnabledEvents = ["*"] });

    /// <summary>Makes charges, and answers their deliveries' ids.</summary>
    private async Task<List<string>> ChargeAsync(int count, string merchant = CoreHost.Merchant)
    {
        var before = _core.Jobs.Enqueued.Count;
        for (var i = 0; i < count; i++)
            await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") }, merchant: merchant);
        return [.. _core.Jobs.Enqueued.Skip(before).Select(entry => entry.Job.Key)];
    }

    private Task<BatchOutcome> DeliverAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken = default) => _core.SendAsync(
        new DeliverBatch(ids, (some, outcome) =>
        {
            lock (_failed) _failed.AddRange(some.Select(id => (id, outcome)));
        }),
        cancellationToken: cancellationToken);

    private static (int Delivered, int Failed, int NotSent) Outcome(BatchOutcome outcome) => (outcome.Delivered, outcome.Failed, outcome.NotSent);

    private async Task<string> StatusOfAsync(string id) => (await _core.Get<DeliveryStore>().FindAsync(id))!.Status.ToString().ToLowerInvariant();

    /// <summary>The deliveries of the merchant.</summary>
    private async Task<IReadOnlyList<DeliveryObject>> AllAsync()
    {
        var all = new List<DeliveryObject>();
        foreach (var recorded in (await _core.SendAsync(new ListEvents { Limit = 100 })).Data) all.AddRange((await _core.SendAsync(new ListEventDeliveries(recorded.Id))).Data);
        return all;
    }
}
