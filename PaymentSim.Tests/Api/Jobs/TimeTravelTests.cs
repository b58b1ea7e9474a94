using System.Text.Json;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Jobs;

/// <summary>The simulator's clock in the tests' hands: what takes days takes seconds, in order. Each test has a simulator of its own, for its clock is everybody's.</summary>
public sealed class TimeTravelTests
{
    private const long Day = 24 * 60 * 60;

    [Fact]
    public async Task A_schedule_of_three_days_is_run_through_at_once_and_the_last_attempt_arrives()
    {
        await using var simulator = await StartAsync();
        var answered = 0;
        await using var receiver = await Receiver.StartAsync(context => Receiver.Status(Interlocked.Increment(ref answered) <= 9 ? 500 : 200)(context));
        var merchant = simulator.NewMerchant();
        var endpoint = await merchant.AddEndpointAsync(receiver.Url);
        (await merchant.ChargeAsync()).ShouldBe(200);
        var made = await merchant.EventAsync("charge.succeeded");

        var clock = (await AdvanceAsync(merchant, 4 * Day)).ShouldBe(200);

        (clock.Text("object"), clock.Text("complete"), clock.Text("frozen")).ShouldBe(("test_helpers.clock", "True", "False"));
        clock.Number("offset").ShouldBe(4 * Day);
        var delivery = (await merchant.GetAsync($"/v1/test_helpers/events/{made.Id}/deliveries")).Data.ShouldHaveSingleItem();
        delivery.GetProperty("status").GetString().ShouldBe("succeeded");
        var times = delivery.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("created").GetInt64()).ToList();
        long[] waits = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600];
        times.Count.ShouldBe(10);
        foreach (var (wait, i) in waits.Select((wait, i) => (wait, i))) (times[i + 1] - times[i]).ShouldBeInRange(wait, (long)(wait * 1.1) + 2);
        receiver.Requests.Count.ShouldBe(10);
        // Receivers compare the signature's time with their own clock.
        foreach (var request in receiver.Requests) request.ShouldVerify(endpoint.Secret);
    }

    [Fact]
    public async Task What_becomes_due_on_the_way_happens_in_order_each_at_its_time()
    {
        await using var simulator = await StartAsync("--PaymentSim:BankDebitDelay=1h", "--Webhooks:RetrySchedule=30m,2h");
        var failing = 1;
        await using var receiver = await Receiver.StartAsync(context => Receiver.Status(Interlocked.Exchange(ref failing, 0) == 1 ? 500 : 200)(context));
        var merchant = simulator.NewMerchant();
        await merchant.AddEndpointAsync(receiver.Url);
        (await merchant.ChargeAsync()).ShouldBe(200);
        await receiver.WaitForAsync(1);
        var first = await merchant.EventAsync("charge.succeeded");
        var one = (await merchant.ChargeAsync("btok_us_verified")).ShouldBe(200).Id;
        var two = (await merchant.ChargeAsync("btok_us_verified")).ShouldBe(200).Id;
        var authorization = (await merchant.PostAsync("/v1/charges", ("amount", "2000"), ("currency", "usd"), ("source", "tok_visa"), ("capture", "false"))).ShouldBe(200).Id;
        var session = (await merchant.PostAsync(
            "/v1/checkout/sessions", ("mode", "payment"), ("success_url", "http://127.0.0.1/"), ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", "usd"), ("line_items[0][price_data][unit_amount]", "2000"),
            ("line_items[0][price_data][product_data][name]", "T-shirt"))).ShouldBe(200);

        (await AdvanceAsync(merchant, 8 * Day)).ShouldBe(200).Text("complete").ShouldBe("True");

        var (seen, at) = (new List<(string Type, string Object)>(), new List<long>());
        foreach (var request in receiver.Requests.Skip(1))
        {
            var body = JsonDocument.Parse(request.Body).RootElement;
            seen.Add((body.GetProperty("type").GetString()!, body.At("data.object.id").GetString()!));
            at.Add(body.GetProperty("created").GetInt64());
        }

        var late = seen.SkipWhile(entry => entry.Type != "charge.succeeded" || entry.Object != first.Text("data.object.id")).ToList();
        late.Where(entry => entry.Type is "charge.succeeded" or "charge.expired" or "checkout.session.expired").ShouldBe(
            [("charge.succeeded", first.Text("data.object.id")!), ("charge.succeeded", one), ("charge.succeeded", two), ("checkout.session.expired", session.Id), ("charge.expired", authorization)]);
        var created = (await merchant.GetAsync($"/v1/charges/{authorization}")).Number("created");
        at[seen.FindIndex(entry => entry.Type == "charge.expired")].ShouldBeInRange(created + 7 * Day, created + 7 * Day + 1);
        (await merchant.GetAsync($"/v1/charges/{one}")).Text("status").ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_frozen_clock_stands_still_moves_when_it_is_told_and_goes_on()
    {
        await using var simulator = await StartAsync("--PaymentSim:BankDebitDelay=2s");
        await using var receiver = await Receiver.StartAsync();
        var merchant = simulator.NewMerchant();
        await merchant.AddEndpointAsync(receiver.Url);
        (await simulator.Http.GetStringAsync("/")).ShouldNotContain("Time travel");

        var frozen = (await merchant.PostAsync("/v1/test_helpers/clock", ("freeze", "true"))).ShouldBe(200);
        frozen.Text("frozen").ShouldBe("True");
        var debit = (await merchant.ChargeAsync("btok_us_verified")).ShouldBe(200);
        (debit.Text("status"), debit.Number("created")).ShouldBe(("pending", frozen.Number("now")));
        // Webhooks go out while it stands still.
        await receiver.WaitForAsync(1);
        (await simulator.Http.GetStringAsync("/")).ShouldContain("UTC, and stands still");
        await Eventually.PassesAsync(TimeSpan.FromSeconds(3));
        (await merchant.GetAsync($"/v1/charges/{debit.Id}")).Text("status").ShouldBe("pending");
        (await merchant.GetAsync("/v1/test_helpers/clock")).ShouldBe(200).Number("now").ShouldBe(frozen.Number("now"));

        (await AdvanceAsync(merchant, 1)).Number("now").ShouldBe(frozen.Number("now") + 1);
        (await merchant.GetAsync($"/v1/charges/{debit.Id}")).Text("status").ShouldBe("pending");
        (await AdvanceAsync(merchant, 1)).Text("frozen").ShouldBe("True");
        (await merchant.GetAsync($"/v1/charges/{debit.Id}")).Text("status").ShouldBe("succeeded");

        (await merchant.PostAsync("/v1/test_helpers/clock", ("resume", "true"))).ShouldBe(200).Text("frozen").ShouldBe("False");
        await Eventually.HoldsAsync(
            async () => (await merchant.GetAsync("/v1/test_helpers/clock")).Number("now") > frozen.Number("now") + 3, "it goes on");
    }

    [Fact]
    public async Task The_time_is_kept_over_a_restart_and_what_was_planned_goes_by_it()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        string key, eventId;
        long now;
        await using (var first = await Simulator.StartAsync(folder, "--Webhooks:RetrySchedule=10d"))
        {
            var merchant = first.NewMerchant();
            key = merchant.Key;
            await merchant.AddEndpointAsync(receiver.Url);
            now = (await AdvanceAsync(merchant, 20 * Day)).ShouldBe(200).Number("now");
            (await merchant.ChargeAsync()).ShouldBe(200);
            eventId = (await merchant.EventAsync("charge.succeeded")).Id;
            await Eventually.HoldsAsync(
                async () => (await merchant.GetAsync($"/v1/test_helpers/events/{eventId}/deliveries")).Text("data.0.attempts.0.outcome") == "failed", "the first attempt has failed");
            (await merchant.PostAsync("/v1/test_helpers/clock", ("freeze", "true"))).ShouldBe(200);
        }

        receiver.Answer = Receiver.Status(200);
        await using var second = await Simulator.StartAsync(folder);
        var again = second.MerchantWith(key);
        var clock = (await again.GetAsync("/v1/test_helpers/clock")).ShouldBe(200);

        clock.Text("frozen").ShouldBe("True");
        clock.Number("now").ShouldBeInRange(now, now + 120);
        (await AdvanceAsync(again, 12 * Day)).ShouldBe(200);
        (await again.DeliveryAsync(eventId, "succeeded")).GetProperty("attempts").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Idempotency_keys_are_kept_for_a_day_of_the_simulators_time()
    {
        await using var simulator = await StartAsync();
        var merchant = simulator.NewMerchant();
        var charge = (await merchant.ChargeAsync(idempotencyKey: "once")).ShouldBe(200).Id;

        (await AdvanceAsync(merchant, Day - 600)).ShouldBe(200);
        (await merchant.ChargeAsync(idempotencyKey: "once")).ShouldBe(200).Id.ShouldBe(charge);
        (await AdvanceAsync(merchant, 1200)).ShouldBe(200);

        await Eventually.HoldsAsync(async () => (await merchant.ChargeAsync(idempotencyKey: "once")).ShouldBe(200).Id != charge, "the key is forgotten");
        (await merchant.IdsAsync("/v1/charges")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Jumps_of_years_leave_the_workers_at_work_and_what_is_new_in_order()
    {
        await using var simulator = await StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var merchant = simulator.NewMerchant();
        await merchant.AddEndpointAsync(receiver.Url);
        var before = (await merchant.ChargeAsync()).ShouldBe(200);

        (await AdvanceAsync(merchant, 3650 * Day)).ShouldBe(200);
        (await AdvanceAsync(merchant, 3650 * Day)).ShouldBe(200);
        var after = (await merchant.ChargeAsync("btok_us_verified")).ShouldBe(200);

        (await receiver.WaitForAsync(2)).Count.ShouldBe(2);
        (await merchant.IdsAsync("/v1/charges")).ShouldBe([after.Id, before.Id]);
    }

    [Fact]
    public async Task An_endpoint_that_does_not_answer_holds_the_clock_no_longer_than_it_may_take()
    {
        await using var simulator = await StartAsync("--Webhooks:Timeout=1s", "--Webhooks:RetrySchedule=1h,1h");
        await using var receiver = await Receiver.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var merchant = simulator.NewMerchant();
        await merchant.AddEndpointAsync(receiver.Url);
        (await merchant.ChargeAsync()).ShouldBe(200);

        (await AdvanceAsync(merchant, Day)).ShouldBe(200).Text("complete").ShouldBe("True");

        var made = await merchant.EventAsync("charge.succeeded");
        (await merchant.DeliveryAsync(made.Id, "failed")).GetProperty("attempts").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task Several_who_move_the_clock_at_once_move_it_one_after_the_other()
    {
        await using var simulator = await StartAsync();
        var merchant = simulator.NewMerchant();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await AdvanceAsync(simulator.NewMerchant(), 1000)).ShouldBe(200)));

        (await merchant.GetAsync("/v1/test_helpers/clock")).Number("offset").ShouldBe(8000);
    }

    [Fact]
    public async Task Asked_several_times_under_one_key_the_clock_moves_once()
    {
        await using var simulator = await StartAsync();
        var merchant = simulator.NewMerchant();

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AdvanceAsync(merchant, 1000, "once")));

        foreach (var answer in answers) answer.ShouldBe(200).Number("offset").ShouldBe(1000);
        answers.Count(answer => answer.Header("Idempotent-Replayed") == "true").ShouldBe(3);
        (await AdvanceAsync(merchant, 2000, "once")).ShouldBeError(400, "idempotency_error");
        (await AdvanceAsync(merchant, 0, "refused")).ShouldBeError(400, "invalid_request_error", param: "advance");
        (await AdvanceAsync(simulator.NewMerchant(), 1000, "once")).ShouldBe(200).Number("offset").ShouldBe(2000, "it is another merchant's key");
    }

    [Fact]
    public async Task Who_loses_the_connection_and_asks_again_by_the_key_finds_the_clock_moved_once()
    {
        await using var simulator = await StartAsync("--Webhooks:RetrySchedule=1h,1h");
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var merchant = simulator.NewMerchant();
        await merchant.AddEndpointAsync(receiver.Url);
        (await merchant.ChargeAsync()).ShouldBe(200);
        await receiver.WaitForAsync(1);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        receiver.Answer = _ => held.Task;
        using var impatience = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/test_helpers/clock") { Content = Merchant.Form(("advance", $"{Day}")) };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + merchant.Key);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", "lost");
        var first = simulator.Http.SendAsync(request, impatience.Token);
        await receiver.WaitForAsync(2);
        await impatience.CancelAsync();
        await first.ShouldThrowAsync<OperationCanceledException>();

        var again = AdvanceAsync(merchant, Day, "lost");
        held.SetResult();

        (await again).ShouldBe(200).Number("offset").ShouldBe(Day);
        (await again).Header("Idempotent-Replayed").ShouldBe("true");
    }

    [Theory]
    [InlineData("advance", "")]
    [InlineData("advance", "advance=0")]
    [InlineData("advance", "advance=-5")]
    [InlineData("advance", "advance=315360001")]
    [InlineData("advance", "advance=soon")]
    [InlineData("advance", "advance=5&freeze=true")]
    [InlineData("advance", "freeze=true&resume=true")]
    [InlineData("freeze", "freeze=false")]
    [InlineData("resume", "resume=false")]
    [InlineData("state", "state=frozen")]
    public async Task What_makes_no_sense_is_refused_by_name_and_moves_nothing(string parameter, string form)
    {
        await using var simulator = await StartAsync();
        var merchant = simulator.NewMerchant();

        (await merchant.SendAsync(HttpMethod.Post, "/v1/test_helpers/clock", Merchant.Raw(System.Text.Encoding.UTF8.GetBytes(form), "application/x-www-form-urlencoded")))
            .ShouldBeError(400, "invalid_request_error", param: parameter);

        var clock = (await merchant.GetAsync("/v1/test_helpers/clock")).ShouldBe(200);
        (clock.Number("offset"), clock.Text("frozen")).ShouldBe((0, "False"));
    }

    [PostgresFact]
    public async Task On_PostgreSQL_the_clock_cannot_be_moved_and_the_answer_says_why()
    {
        await using var simulator = await StartAsync();
        var merchant = simulator.NewMerchant();

        (await AdvanceAsync(merchant, 5)).ShouldBeError(400, "invalid_request_error").Text("error.message")!.ShouldContain("embedded storage only");
        (await merchant.GetAsync("/v1/test_helpers/clock")).ShouldBe(200).Number("offset").ShouldBe(0);
    }

    [Fact]
    public async Task With_jobs_in_memory_it_cannot_either()
    {
        await using var simulator = await StartAsync("--Jobs:Storage=memory");

        (await AdvanceAsync(simulator.NewMerchant(), 5)).ShouldBeError(400, "invalid_request_error").Text("error.message")!.ShouldContain("Jobs:Storage");
    }

    private static Task<Simulator> StartAsync(params string[] settings) =>
        Simulator.StartAsync(["--Webhooks:RetrySchedule=5s,5m,30m,2h,5h,10h,14h,20h,24h", .. settings]);

    private static Task<ApiAnswer> AdvanceAsync(Merchant merchant, long seconds, string? idempotencyKey = null) =>
        merchant.PostAsync("/v1/test_helpers/clock", idempotencyKey, ("advance", $"{seconds}"));
}
