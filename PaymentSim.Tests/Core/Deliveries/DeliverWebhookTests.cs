using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Events;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Deliveries;

/// <summary>One delivery's life, from the charge's commit to the receiver and back, with the clock in the test's hand.</summary>
public sealed class DeliverWebhookTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;
    private Receiver _receiver = null!;

    public DeliverWebhookTests() => _core = new CoreHost(_folder, _clock, schedule: "5s,5m");

    public async Task InitializeAsync() => _receiver = await Receiver.StartAsync();

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task A_charges_event_arrives_as_Stripes_own_library_reads_it()
    {
        var endpoint = await EndpointAsync();
        var charge = await ChargeAsync();

        var outcome = await DeliverAsync();

        outcome.Result.ShouldBe(DeliveryResult.Delivered);
        var request = _receiver.Requests.Single();
        var recorded = (await _core.SendAsync(new ListEvents())).Data.Single();
        request.Headers["webhook-id"].ShouldBe(recorded.Id);
        var read = Stripe.EventUtility.ConstructEvent(
            request.Text, request.Headers["Stripe-Signature"], endpoint.Secret, tolerance: 300, utcNow: _clock.GetUtcNow().ToUnixTimeSeconds());
        (read.Id, read.Type, read.ApiVersion, read.Livemode).ShouldBe((recorded.Id, "charge.succeeded", Stripe.StripeConfiguration.ApiVersion, false));
        var read2 = read.Data.Object.ShouldBeOfType<Stripe.Charge>();
        (read2.Id, read2.Amount, read2.Currency, read2.Status, read2.PaymentMethodDetails.Card.Last4).ShouldBe((charge.Id, 2000, "usd", "succeeded", "4242"));
    }

    [EngineFact]
    public async Task Only_endpoints_that_are_enabled_and_want_the_event_get_a_delivery_in_the_charges_own_commit()
    {
        await EndpointAsync("charge.succeeded", "1");
        await EndpointAsync("*", "2");
        await EndpointAsync("charge.failed", "3");
        await EndpointAsync("charge.dispute.*", "4");
        var disabled = await EndpointAsync("*", "5");
        await _core.SendAsync(new UpdateWebhookEndpoint(disabled.Id) { Disabled = true });
        await _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url, EnabledEvents = ["*"] }, merchant: "acct_other");

        await ChargeAsync();

        (await _core.CountAsync("deliveries")).ShouldBe(2);
        _core.Jobs.Enqueued.Select(entry => (entry.Job.GetType(), entry.NotBefore)).ShouldBe(
            [(typeof(DeliverWebhook), null), (typeof(DeliverWebhook), null)]);
        (await _core.SendAsync(new ListEvents())).Data.Single().PendingWebhooks.ShouldBe(2);
    }

    [EngineFact]
    public async Task A_failed_attempt_is_made_again_with_the_same_id_and_body_and_a_new_time_and_signature()
    {
        await EndpointAsync();
        await ChargeAsync();
        _receiver.Answer = Receiver.Status(503, "down");

        var first = await DeliverAsync();

        (first.Result, first.Failures, first.Retries).ShouldBe((DeliveryResult.WillRetry, 1, 2));
        first.Summary.ShouldBe($"HTTP 503 from {_receiver.Url}");
        var next = first.NextAttemptAt.ShouldNotBeNull();
        next.ShouldBeInRange(_clock.GetUtcNow().AddSeconds(5), _clock.GetUtcNow().AddSeconds(6));
        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.NotSent, "it is not due");
        _clock.Advance(next - _clock.GetUtcNow());
        _receiver.Answer = Receiver.Status(200);
        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.Delivered);

        var (sent, again) = (_receiver.Requests[0], _receiver.Requests[1]);
        _receiver.Requests.Count.ShouldBe(2);
        again.Body.ShouldBe(sent.Body);
        again.Headers["webhook-id"].ShouldBe(sent.Headers["webhook-id"]);
        foreach (var header in new[] { "webhook-timestamp", "webhook-signature", "Stripe-Signature" })
            again.Headers[header].ShouldNotBe(sent.Headers[header]);
        var delivery = await OnlyDeliveryAsync();
        delivery.Status.ShouldBe("succeeded");
        delivery.Attempts.Select(attempt => (attempt.Number, attempt.Trigger, attempt.Outcome, attempt.ResponseStatus)).ShouldBe(
            [(1, "automatic", "failed", 503), (2, "automatic", "succeeded", 200)]);
        delivery.Attempts[0].ResponseBody.ShouldBe("down");
        (await _core.SendAsync(new ListEvents())).Data.Single().PendingWebhooks.ShouldBe(0);
    }

    [EngineFact]
    public async Task When_the_schedule_is_used_up_the_delivery_has_failed_until_a_person_wants_it_again()
    {
        await EndpointAsync();
        await ChargeAsync();
        _receiver.Answer = Receiver.Status(500);
        (await DeliverWhenDueAsync()).Result.ShouldBe(DeliveryResult.WillRetry);
        (await DeliverWhenDueAsync()).Result.ShouldBe(DeliveryResult.WillRetry);
        (await DeliverWhenDueAsync()).Result.ShouldBe(DeliveryResult.GaveUp);
        (await OnlyDeliveryAsync()).Status.ShouldBe("failed");
        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.NotSent);

        (await _core.SendAsync(new RearmDelivery(DeliveryId))).ShouldBeTrue();
        var replayed = await DeliverAsync();

        (replayed.Result, replayed.Failures).ShouldBe((DeliveryResult.WillRetry, 1), "the replay has a full budget of its own");
        (await OnlyDeliveryAsync()).Attempts.Select(attempt => attempt.Trigger).ShouldBe(["automatic", "automatic", "automatic", "replay"]);
        _receiver.Requests.Count.ShouldBe(4);
    }

    [EngineFact]
    public async Task Eight_jobs_of_one_delivery_at_once_send_it_once()
    {
        await EndpointAsync();
        await ChargeAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _receiver.Answer = _ => release.Task;

        var jobs = Enumerable.Range(0, 8).Select(_ => Task.Run(DeliverAsync)).ToList();
        await _receiver.WaitForAsync(1);
        while (jobs.Count(job => job.IsCompleted) < 7) await Task.WhenAny(jobs.Where(job => !job.IsCompleted)).WaitAsync(TimeSpan.FromSeconds(15));
        release.SetResult();
        var outcomes = await Task.WhenAll(jobs);

        outcomes.Count(outcome => outcome.Result == DeliveryResult.Delivered).ShouldBe(1);
        outcomes.Count(outcome => outcome.Result == DeliveryResult.NotSent).ShouldBe(7);
        _receiver.Requests.Count.ShouldBe(1);
    }

    [EngineFact]
    public async Task An_endpoint_that_says_410_is_disabled_and_its_delivery_given_up()
    {
        var endpoint = await EndpointAsync();
        await ChargeAsync();
        _receiver.Answer = Receiver.Status(410);

        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.GaveUp);

        (await _core.SendAsync(new GetWebhookEndpoint(endpoint.Id))).Status.ShouldBe("disabled");
    }

    [EngineFact]
    public async Task What_the_merchant_changed_while_the_410_was_on_its_way_stays_changed()
    {
        var endpoint = await EndpointAsync();
        await ChargeAsync();
        _receiver.Answer = async context =>
        {
            await _core.SendAsync(new UpdateWebhookEndpoint(endpoint.Id) { Url = _receiver.Url + "new", Description = "moved" });
            context.Response.StatusCode = 410;
        };

        await DeliverAsync();

        var after = await _core.SendAsync(new GetWebhookEndpoint(endpoint.Id));
        (after.Url, after.Description).ShouldBe((_receiver.Url + "new", "moved"));
    }

    [EngineFact]
    public async Task Deliveries_to_a_disabled_endpoint_wait_and_those_to_a_deleted_one_are_cancelled()
    {
        var endpoint = await EndpointAsync();
        await ChargeAsync();
        await _core.SendAsync(new UpdateWebhookEndpoint(endpoint.Id) { Disabled = true });
        (await DeliverAsync()).ShouldBe(new DeliveryOutcome(DeliveryResult.NotSent, "Waiting: the endpoint is disabled"));
        (await OnlyDeliveryAsync()).Status.ShouldBe("pending");

        await _core.SendAsync(new DeleteWebhookEndpoint(endpoint.Id));

        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.NotSent);
        (await OnlyDeliveryAsync()).Status.ShouldBe("canceled");
        _receiver.Requests.ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_delivery_whose_job_a_person_deleted_while_it_was_being_sent_is_not_sent_again()
    {
        await EndpointAsync();
        await ChargeAsync();
        _receiver.Answer = async context =>
        {
            (await _core.SendAsync(new CancelDelivery(DeliveryId))).ShouldBeTrue();
            context.Response.StatusCode = 500;
        };

        await DeliverAsync();

        (await OnlyDeliveryAsync()).Status.ShouldBe("canceled");
        _clock.Advance(TimeSpan.FromDays(1));
        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.NotSent);
        _receiver.Requests.Count.ShouldBe(1);
    }

    [EngineFact]
    public async Task A_delivery_that_a_person_rearmed_while_its_attempt_was_failing_is_due_at_once()
    {
        await EndpointAsync();
        await ChargeAsync();
        _receiver.Answer = async context =>
        {
            (await _core.SendAsync(new RearmDelivery(DeliveryId))).ShouldBeTrue();
            context.Response.StatusCode = 500;
        };
        await DeliverAsync();
        _receiver.Answer = Receiver.Status(200);

        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.Delivered);

        (await OnlyDeliveryAsync()).Attempts.Select(attempt => (attempt.Trigger, attempt.Outcome)).ShouldBe([("automatic", "failed"), ("replay", "succeeded")]);
    }

    [EngineTheory]
    [InlineData(false, "pending")]
    [InlineData(true, "canceled")]
    public async Task A_sending_that_is_broken_off_gives_its_delivery_back_unless_its_job_was_deleted(bool deleted, string status)
    {
        await EndpointAsync();
        await ChargeAsync();
        using var stopping = new CancellationTokenSource();
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _receiver.Answer = async context =>
        {
            if (deleted) await _core.SendAsync(new CancelDelivery(DeliveryId));
            await using var registration = context.RequestAborted.Register(gone.SetResult);
            await stopping.CancelAsync();
            await gone.Task;
        };

        await Should.ThrowAsync<OperationCanceledException>(_core.SendAsync(new DeliverWebhook(DeliveryId), cancellationToken: stopping.Token));

        var delivery = await OnlyDeliveryAsync();
        (delivery.Status, delivery.Attempts.Single().Outcome).ShouldBe((status, "interrupted"));
        _receiver.Answer = Receiver.Status(200);
        var again = await DeliverAsync();
        (again.Result, again.Failures).ShouldBe((deleted ? DeliveryResult.NotSent : DeliveryResult.Delivered, 0));
    }

    [EngineFact]
    public async Task A_cancelled_delivery_is_not_sent()
    {
        await EndpointAsync();
        await ChargeAsync();

        (await _core.SendAsync(new CancelDelivery(DeliveryId))).ShouldBeTrue();

        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.NotSent);
        (await _core.SendAsync(new CancelDelivery(DeliveryId))).ShouldBeFalse();
        _receiver.Requests.ShouldBeEmpty();
    }

    [EngineFact]
    public async Task After_a_crash_in_the_middle_of_an_attempt_it_shows_as_interrupted_and_the_delivery_is_sent_again()
    {
        await EndpointAsync();
        await ChargeAsync();
        await _core.Get<DeliveryClaim>().TakeAsync(DeliveryId, CancellationToken.None);
        var id = DeliveryId;
        _core.Jobs.Lose();
        _clock.Advance(TimeSpan.FromSeconds(5));
        (await _core.SendAsync(new SweepDeliveries())).ShouldBe(0, "somebody is sending it");
        if (!_core.Database.HasSingleOwner)
        {
            (await _core.SendAsync(new SweepDeliveries(AtStart: true))).ShouldBe(0, "it may be another node that sends it");
            _clock.Advance(TimeSpan.FromSeconds(10 + 30));
        }

        (await _core.SendAsync(new SweepDeliveries(AtStart: true))).ShouldBe(1);

        DeliveryId.ShouldBe(id);
        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.Delivered);
        (await OnlyDeliveryAsync()).Attempts.Select(attempt => (attempt.Number, attempt.Outcome)).ShouldBe([(1, "interrupted"), (2, "succeeded")]);
    }

    [EngineFact]
    public async Task A_claim_that_nobody_gave_back_is_taken_over_in_the_end()
    {
        await EndpointAsync();
        await ChargeAsync();
        await _core.Get<DeliveryClaim>().TakeAsync(DeliveryId, CancellationToken.None);
        (await DeliverAsync()).Summary.ShouldBe("Not sent: another job is sending it");

        _clock.Advance(TimeSpan.FromSeconds(10 + 30));

        (await DeliverAsync()).Result.ShouldBe(DeliveryResult.Delivered);
    }

    [EngineFact]
    public async Task A_failure_that_comes_after_its_claim_ran_out_does_not_disturb_who_has_it_now()
    {
        await EndpointAsync();
        await ChargeAsync();
        var answers = new[] { new TaskCompletionSource<int>(), new TaskCompletionSource<int>() };
        var asked = -1;
        _receiver.Answer = async context => context.Response.StatusCode = await answers[Interlocked.Increment(ref asked)].Task;
        var stalled = DeliverAsync();
        await _receiver.WaitForAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(10 + 30));
        var taker = DeliverAsync();
        await _receiver.WaitForAsync(2);

        answers[0].SetResult(500);
        (await stalled).Result.ShouldBe(DeliveryResult.NotSent);
        (await DeliverAsync()).Summary.ShouldBe("Not sent: another job is sending it");
        answers[1].SetResult(200);

        (await taker).Result.ShouldBe(DeliveryResult.Delivered);
        (await OnlyDeliveryAsync()).Attempts.Select(attempt => (attempt.Number, attempt.Outcome)).ShouldBe([(1, "failed"), (2, "succeeded")]);
    }

    [EngineFact]
    public async Task A_due_delivery_whose_job_got_lost_is_found_again()
    {
        await EndpointAsync();
        await ChargeAsync();
        var id = DeliveryId;
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await _core.SendAsync(new SweepDeliveries())).ShouldBe(0, "its job lives");
        _core.Jobs.Lose();
        _clock.Advance(TimeSpan.FromMilliseconds(-1));
        (await _core.SendAsync(new SweepDeliveries())).ShouldBe(0, "it may still be given its job in the usual way");
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        (await _core.SendAsync(new SweepDeliveries())).ShouldBe(1);

        DeliveryId.ShouldBe(id);
    }

    [EngineFact]
    public async Task An_endpoint_gets_events_of_its_own_version()
    {
        await _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url, EnabledEvents = ["*"], ApiVersion = "2019-05-16" });
        await ChargeAsync();

        await DeliverAsync();

        _receiver.Requests.Single().Text.ShouldContain("\"api_version\":\"2019-05-16\"");
    }

    [EngineFact]
    public async Task Events_are_found_by_how_their_webhooks_fared()
    {
        await EndpointAsync();
        await ChargeAsync();
        (await CountAsync(success: true), await CountAsync(success: false)).ShouldBe((0, 1));
        _receiver.Answer = Receiver.Status(500);
        await DeliverAsync();
        (await CountAsync(success: true), await CountAsync(success: false)).ShouldBe((0, 1));
        _receiver.Answer = Receiver.Status(200);
        await DeliverWhenDueAsync();
        (await CountAsync(success: true), await CountAsync(success: false)).ShouldBe((1, 0));

        async Task<int> CountAsync(bool success) => (await _core.SendAsync(new ListEvents { DeliverySuccess = success })).Data.Count;
    }

    private string DeliveryId => _core.Jobs.Enqueued.Select(entry => entry.Job).OfType<DeliverWebhook>().Last().DeliveryId;

    private Task<WebhookEndpointObject> EndpointAsync(string events = "*", string path = "") =>
        _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url + path, EnabledEvents = [events] });

    private async Task<ChargeObject> ChargeAsync() => (await _core.SendAsync(
        new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") })).Charge!;

    private async Task<DeliveryOutcome> DeliverAsync()
    {
        var outcome = await _core.SendAsync(new DeliverWebhook(DeliveryId));
        // A success is on the disk with its job's next unit, or with any other.
        await _core.Database.WriteAsync(() => Task.CompletedTask);
        return outcome;
    }

    private async Task<DeliveryOutcome> DeliverWhenDueAsync()
    {
        var due = (await _core.Get<DeliveryStore>().FindAsync(DeliveryId))!.NextAttemptAt!.Value;
        if (due > _clock.GetUtcNow()) _clock.Advance(due - _clock.GetUtcNow());
        return await DeliverAsync();
    }

    private async Task<DeliveryObject> OnlyDeliveryAsync()
    {
        var recorded = (await _core.SendAsync(new ListEvents())).Data.Single();
        return (await _core.SendAsync(new ListEventDeliveries(recorded.Id))).Data.Single();
    }
}
