using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Deliveries;

/// <summary>What is kept of each attempt, for how long, and how it is shown.</summary>
public sealed class AttemptLogTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;
    private Receiver _receiver = null!;

    public AttemptLogTests() => _core = new CoreHost(_folder, _clock, schedule: "5s,5m");

    public async Task InitializeAsync() => _receiver = await Receiver.StartAsync();

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task An_attempt_is_kept_with_its_whole_request_and_answer_its_time_and_what_was_planned()
    {
        _receiver.Answer = Large(503);
        var id = await ChargeAsync();

        await DeliverAsync(id);
        _receiver.Answer = Receiver.Status(200, "thanks");
        _clock.Advance(TimeSpan.FromSeconds(6));
        await DeliverAsync(id);

        var delivery = await _core.SendAsync(new GetDelivery(id));
        var (first, second) = (delivery.Attempts[0], delivery.Attempts[1]);
        (first.Outcome, first.ResponseStatus, first.ErrorClass, first.ResponseTruncated, first.ResponseBody).ShouldBe(
            ("failed", 503, "status", true, new string('x', 65_536)));
        first.NextAttemptAt.ShouldNotBeNull().ShouldBeInRange(ManualClock.Start.ToUnixTimeSeconds() + 5, ManualClock.Start.ToUnixTimeSeconds() + 6);
        ShouldBeTimed(first);
        (second.Outcome, second.ResponseStatus, second.ResponseTruncated, second.ResponseBody, second.NextAttemptAt).ShouldBe(("succeeded", 200, false, "thanks", null));
        second.Timings.ShouldNotBeNull().FirstByte.ShouldNotBeNull();
        foreach (var (attempt, request) in delivery.Attempts.Zip(_receiver.Requests))
        {
            attempt.RequestHeaders.ShouldNotBeNull().ShouldBe(request.Headers, ignoreOrder: true);
            attempt.RequestBody.ShouldBe(request.Text);
        }
    }

    [PostgresFact]
    public async Task In_a_batch_the_same_is_kept()
    {
        _receiver.Answer = Large(200);
        string[] ids = [await ChargeAsync(), await ChargeAsync()];

        await _core.SendAsync(new DeliverBatch(ids, (_, _) => { }));

        foreach (var id in ids)
        {
            var attempt = (await _core.SendAsync(new GetDelivery(id))).Attempts.ShouldHaveSingleItem();
            (attempt.Outcome, attempt.ResponseTruncated, attempt.ResponseBody).ShouldBe(("succeeded", true, new string('x', 65_536)));
            ShouldBeTimed(attempt);
            var request = _receiver.Requests.Single(request => request.Headers["webhook-signature"] == attempt.RequestHeaders!["webhook-signature"]);
            attempt.RequestHeaders.ShouldNotBeNull().ShouldBe(request.Headers, ignoreOrder: true);
        }
    }

    [EngineFact]
    public async Task What_was_changed_before_it_was_sent_is_kept_as_it_was_sent()
    {
        var id = await ChargeAsync();
        var claimed = (await _core.Get<DeliveryClaim>().TakeAsync(id, CancellationToken.None)).Claimed.ShouldNotBeNull();
        var altered = claimed.Webhook with
        {
            Body = "{\"altered\":true,\0}"u8.ToArray(), Headers = new Dictionary<string, string>(claimed.Webhook.Headers) { ["Stripe-Signature"] = "t=1,v1=00" }, IsAltered = true,
        };

        var result = await _core.Get<WebhookSender>().SendAsync(altered, CancellationToken.None);
        await _core.Database.WriteAsync(() => _core.Get<DeliveryRecord>().SuccessAsync([new SentDelivery(claimed, result)], _clock.GetUtcNow()));

        await ShouldShowAlteredAsync(id);
    }

    [PostgresFact]
    public async Task In_a_batch_what_was_changed_is_kept_too()
    {
        string[] ids = [await ChargeAsync(), await ChargeAsync()];
        var batch = await _core.Get<BatchClaim>().TakeAsync(ids, CancellationToken.None);
        var sent = new List<SentDelivery>();
        foreach (var claimed in batch.Claimed)
        {
            var webhook = claimed.Delivery.Id == ids[0] ? claimed.Webhook : claimed.Webhook with
            {
                Body = "{\"altered\":true,\0}"u8.ToArray(), Headers = new Dictionary<string, string>(claimed.Webhook.Headers) { ["Stripe-Signature"] = "t=1,v1=00" }, IsAltered = true,
            };
            sent.Add(new SentDelivery(claimed, await _core.Get<WebhookSender>().SendAsync(webhook, CancellationToken.None)));
        }

        await _core.Database.WriteAsync(() => _core.Get<BatchStore>().SucceedAsync(sent, _clock.GetUtcNow()));

        await ShouldShowAlteredAsync(ids[1]);
        (await ListedAttemptAsync(ids[0])).RequestBody.ShouldBeNull();
    }

    [EngineFact]
    public async Task An_attempt_that_was_not_sent_says_so()
    {
        using var folder = new TempFolder();
        using var core = new CoreHost(folder, _clock, network: Networks.Public("", Networks.Changing("rebound.test", "8.8.8.8", "127.0.0.1")));
        await core.SendAsync(new CreateWebhookEndpoint { Url = $"http://rebound.test:{_receiver.Port}/", EnabledEvents = ["*"] });
        await core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") });
        var id = (await core.Database.QueryAsync<string>("SELECT id FROM deliveries")).Single();

        var outcome = await core.SendAsync(new DeliverWebhook(id));

        var attempt = (await core.SendAsync(new GetDelivery(id))).Attempts.ShouldHaveSingleItem();
        (outcome.Result, attempt.ErrorClass, attempt.ResponseStatus).ShouldBe((DeliveryResult.WillRetry, "blocked", null));
        attempt.Error.ShouldNotBeNull().ShouldStartWith("not sent, for the URL leads to a loopback address");
        _receiver.Requests.ShouldBeEmpty();
    }

    [EngineFact]
    public async Task The_command_line_repeats_the_request()
    {
        await _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url + "it's?a[]={1,2}&b=$HOME", EnabledEvents = ["*"] });
        var id = await ChargeAsync(register: false, "it's \"$HOME\" `id` \\ ! @ Žofie\n'; exit 1");
        await DeliverAsync(id);

        var command = (await _core.SendAsync(new GetDelivery(id))).Attempts.ShouldHaveSingleItem().Curl.ShouldNotBeNull();

        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command + " --silent --show-error --noproxy '*'"]) { RedirectStandardError = true })!;
        var errors = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        (shell.ExitCode, errors).ShouldBe((0, ""));
        var (sent, repeated) = (_receiver.Requests[0], _receiver.Requests[1]);
        (repeated.Method, repeated.Path, repeated.Text).ShouldBe((sent.Method, sent.Path, sent.Text));
        repeated.Headers.ShouldBe(sent.Headers, ignoreOrder: true);
        sent.Text.ShouldContain("it's ");
    }

    [Fact]
    public void A_command_line_has_one_word_for_each_header_and_none_for_what_curl_adds() =>
        CurlCommand.Of("http://a/", new Dictionary<string, string> { ["Host"] = "a", ["Content-Length"] = "2", ["X-Empty"] = "", ["Accept"] = "*/*" }, "@'").ShouldBe(
            """curl --globoff -X POST 'http://a/' -H 'X-Empty;' -H 'Accept: */*' --data-raw '@'\'''""");

    [EngineFact]
    public async Task Another_merchants_delivery_is_not_there()
    {
        var id = await ChargeAsync();

        (await _core.TryAsync(new GetDelivery(id), merchant: "acct_other")).Refused.ShouldBe(Problem.Missing("delivery", id));
        (await _core.TryAsync(new GetDelivery("whd_nothing"))).Refused.ShouldBe(Problem.Missing("delivery", "whd_nothing"));
    }

    [EngineFact]
    public async Task Old_attempts_are_forgotten_but_not_those_of_a_delivery_that_is_still_to_be_sent()
    {
        _receiver.Answer = Receiver.Status(500);
        var waiting = await ChargeAsync();
        await DeliverAsync(waiting);
        _receiver.Answer = Receiver.Status(200);
        var arrived = await ChargeAsync(register: false);
        await DeliverAsync(arrived);
        _clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));

        (await _core.SendAsync(new PruneAttempts())).ShouldBe(0);
        _clock.Advance(TimeSpan.FromSeconds(2));
        var young = await ChargeAsync(register: false);
        await DeliverAsync(young);
        (await _core.SendAsync(new PruneAttempts())).ShouldBe(1);
        (await _core.SendAsync(new PruneAttempts())).ShouldBe(0);

        (await AttemptsAsync(arrived), await AttemptsAsync(waiting), await AttemptsAsync(young)).ShouldBe((0, 1, 1));
        (await _core.SendAsync(new GetDelivery(arrived))).Status.ShouldBe("succeeded");
        await DeliverAsync(waiting);
        (await _core.SendAsync(new PruneAttempts())).ShouldBe(1, "of the two the old one, now that it has arrived");
        (await AttemptsAsync(waiting)).ShouldBe(1);
    }

    [EngineFact]
    public async Task Pruning_passes_over_what_stays_and_looks_by_index()
    {
        await _core.Database.WriteAsync(async () =>
        {
            for (var i = 0; i < 1200; i++)
            {
                var (id, status) = ($"whd_{i:D22}", i < 600 ? "pending" : "failed");
                await _core.Database.ExecuteAsync(
                    $"""
                    INSERT INTO deliveries (id, merchant_id, event_id, event_type, endpoint_id, status, trigger_kind, attempts, failures, created_at)
                    VALUES ('{id}', 'acct_test', 'evt_1', 'a.b', 'we_1', '{status}', 'automatic', 1, 1, 0)
                    """);
                await _core.Database.ExecuteAsync(
                    $"INSERT INTO delivery_attempts (delivery_id, number, trigger_kind, outcome, url, started_at) VALUES ('{id}', 1, 'automatic', 'failed', 'http://a/', 0)");
            }
        });

        (await _core.SendAsync(new PruneAttempts())).ShouldBe(600);
        (await _core.CountAsync("delivery_attempts")).ShouldBe(600);

        if (Engines.Current != Engine.Sqlite) return;
        var plan = await _core.Database.QueryAsync<PlanStep>(
            "EXPLAIN QUERY PLAN SELECT DISTINCT delivery_id FROM delivery_attempts WHERE delivery_id > 'a' AND delivery_id < 'z' ORDER BY delivery_id LIMIT 500");
        plan.ShouldHaveSingleItem().Detail.ShouldContain("SEARCH delivery_attempts USING COVERING INDEX");
    }

    private static Func<HttpContext, Task> Large(int status) => Receiver.Status(status, new string('x', 70_000));

    private static void ShouldBeTimed(AttemptObject attempt)
    {
        var timings = attempt.Timings.ShouldNotBeNull();
        (timings.Dns, timings.Tls).ShouldBe((null, null));
        timings.Total.ShouldBeGreaterThanOrEqualTo(timings.FirstByte.ShouldNotBeNull());
    }

    private async Task ShouldShowAlteredAsync(string id)
    {
        var request = _receiver.Requests[^1];
        request.Text.ShouldBe("{\"altered\":true,\0}");
        var attempt = await ListedAttemptAsync(id);
        attempt.RequestBody.ShouldBe("{\"altered\":true,\uFFFD}");
        attempt.RequestHeaders.ShouldNotBeNull().ShouldBe(request.Headers, ignoreOrder: true);
        attempt.Curl.ShouldBeNull("lists have none");
        (await _core.SendAsync(new GetDelivery(id))).Attempts.Single().RequestBody.ShouldBe(attempt.RequestBody);
    }

    private async Task<AttemptObject> ListedAttemptAsync(string id)
    {
        var delivery = await _core.SendAsync(new GetDelivery(id));
        return (await _core.SendAsync(new ListEventDeliveries(delivery.Event))).Data.Single().Attempts.Single();
    }

    private async Task<int> AttemptsAsync(string id) => (await _core.SendAsync(new GetDelivery(id))).Attempts.Count;

    /// <summary>Makes a charge and answers its delivery's id.</summary>
    private async Task<string> ChargeAsync(bool register = true, string? description = null)
    {
        if (register && await _core.CountAsync("webhook_endpoints") == 0)
            await _core.SendAsync(new CreateWebhookEndpoint { Url = _receiver.Url, EnabledEvents = ["*"] });
        await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa"), Description = description });
        return (await _core.Database.QueryAsync<string>("SELECT id FROM deliveries ORDER BY id")).Last();
    }

    private async Task DeliverAsync(string id)
    {
        await _core.SendAsync(new DeliverWebhook(id));
        // A success is on the disk with its job's next unit, or with any other.
        await _core.Database.WriteAsync(() => Task.CompletedTask);
    }

    private sealed record PlanStep
    {
        public required string Detail { get; init; }
    }
}
