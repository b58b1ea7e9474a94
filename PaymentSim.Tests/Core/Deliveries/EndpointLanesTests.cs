using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Deliveries;

public sealed class EndpointLanesTests
{
    private const int Senders = 32;
    private const int Breaker = 10;

    private readonly ManualClock _clock = new();
    private readonly EndpointLanes _lanes;
    private readonly WebhookEndpoint _endpoint = Endpoint("we_1");

    public EndpointLanesTests() => _lanes = new EndpointLanes(new LaneOptions(Senders, Breaker) { Stall = TimeSpan.FromMinutes(1) }, _clock);

    [Fact]
    public async Task An_endpoint_that_has_not_answered_yet_gets_a_quarter_of_the_senders_and_others_wait_for_one_to_leave()
    {
        var inside = await EnterManyAsync(Senders / 4);

        var next = EnterAsync().AsTask();
        next.IsCompleted.ShouldBeFalse();
        inside[0].Dispose();

        (await next).Granted.ShouldBe(1);
    }

    [Fact]
    public async Task One_that_keeps_a_sender_waiting_lets_nobody_else_wait()
    {
        var lanes = new EndpointLanes(new LaneOptions(Senders, Breaker) { Stall = TimeSpan.FromMilliseconds(50) }, _clock);
        for (var i = 0; i < Senders / 4; i++) (await EnterAsync(_endpoint)).Granted.ShouldBe(1);

        (await EnterAsync(_endpoint)).Granted.ShouldBe(0, "it has waited for nothing");
        _clock.Advance(TimeSpan.FromSeconds(1));
        EnterAsync(_endpoint).IsCompleted.ShouldBeTrue("now it is known");
        (await EnterAsync(Endpoint("we_2"))).Granted.ShouldBe(1, "another endpoint has nothing to do with it");

        ValueTask<LanePass> EnterAsync(WebhookEndpoint endpoint) => lanes.EnterAsync(endpoint, 1, TimeSpan.Zero, byPerson: false, CancellationToken.None);
    }

    [Fact]
    public async Task One_that_answers_quickly_gets_three_quarters_of_the_senders_each_with_all_that_it_has()
    {
        Answer(await EnterAsync(), Quick);

        var inside = await EnterManyAsync(Senders * 3 / 4, count: 100);

        inside.ShouldAllBe(pass => pass.Granted == 100);
    }

    [Fact]
    public async Task One_that_does_not_answer_gets_an_eighth_of_the_senders()
    {
        Answer(await EnterAsync(), TimedOut);

        (await EnterAsync(count: 100)).Granted.ShouldBe(Senders / 8, "of one sender's webhooks, too");
        await EnterManyAsync((Senders / 8) - 1);
        var refused = await EnterAsync();

        refused.Granted.ShouldBe(0);
        refused.Postpone().Summary.ShouldBe("Waiting: the endpoint answers slowly, and others are being sent to it");
    }

    [Fact]
    public async Task One_that_answers_slowly_is_treated_alike_until_it_is_quick_again()
    {
        Answer(await EnterAsync(), Quick with { Duration = TimeSpan.FromSeconds(3) });
        var inside = await EnterManyAsync(Senders / 8);
        (await EnterAsync()).Granted.ShouldBe(0);

        foreach (var pass in inside) Answer(pass, Quick);

        await EnterManyAsync(Senders * 3 / 4);
    }

    [Fact]
    public async Task All_slow_endpoints_together_get_half_of_the_senders()
    {
        var slow = Enumerable.Range(1, 10).Select(i => Endpoint($"we_slow{i}")).ToList();
        foreach (var endpoint in slow) Answer(await EnterAsync(endpoint), TimedOut);

        var granted = 0;
        foreach (var endpoint in slow)
        {
            for (var i = 0; i < Senders / 8; i++) granted += (await EnterAsync(endpoint)).Granted;
        }

        granted.ShouldBe(Senders / 2);
        (await EnterAsync()).Granted.ShouldBe(1);
    }

    [Fact]
    public async Task After_several_time_outs_in_a_row_it_is_probed_by_one_webhook_at_a_time_and_less_and_less_often()
    {
        for (var i = 0; i < Breaker; i++) Answer(await EnterAsync(byPerson: true), TimedOut);
        var opened = _clock.GetUtcNow();
        var refused = await EnterAsync();
        refused.Granted.ShouldBe(0);
        refused.Postpone().Summary.ShouldBe("Waiting: the endpoint did not answer 10 times in a row, and is tried by one webhook at a time");
        refused.Postpone().NextAttemptAt!.Value.ShouldBeGreaterThanOrEqualTo(opened.AddSeconds(5));

        foreach (var pause in new[] { 5, 10, 20, 30, 30 })
        {
            _clock.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromMilliseconds(1));
            (await EnterAsync()).Granted.ShouldBe(0);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            var probe = await EnterAsync(count: 50);
            probe.Granted.ShouldBe(1);
            (await EnterAsync()).Granted.ShouldBe(0, "one at a time");
            Answer(probe, TimedOut);
        }

        _clock.Advance(TimeSpan.FromSeconds(30));
        Answer(await EnterAsync(), Quick with { Status = 500, ErrorClass = SendErrorClass.Status, Error = "HTTP 500" });
        await EnterManyAsync(Senders * 3 / 4);
    }

    [Fact]
    public async Task What_a_person_asks_for_is_sent_also_to_one_that_is_only_probed()
    {
        for (var i = 0; i < Breaker; i++) Answer(await EnterAsync(), TimedOut);
        (await EnterAsync()).Granted.ShouldBe(0);

        (await EnterAsync(byPerson: true)).Granted.ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_breaker_it_is_never_only_probed()
    {
        var lanes = new EndpointLanes(new LaneOptions(Senders, Breaker: 0), _clock);

        for (var i = 0; i < 100; i++) Answer(await lanes.EnterAsync(_endpoint, 1, TimeSpan.Zero, byPerson: false, CancellationToken.None), TimedOut);

        (await lanes.EnterAsync(_endpoint, 1, TimeSpan.Zero, byPerson: false, CancellationToken.None)).Granted.ShouldBe(1);
    }

    [Fact]
    public async Task One_that_asks_to_be_left_alone_is_until_then()
    {
        Answer(await EnterAsync(), Quick with { Status = 429, ErrorClass = SendErrorClass.Status, RetryAfter = TimeSpan.FromMinutes(2) });

        var refused = await EnterAsync();
        refused.Granted.ShouldBe(0);
        var postponed = refused.Postpone();
        postponed.Result.ShouldBe(DeliveryResult.Postponed);
        postponed.Summary.ShouldBe("Waiting: the endpoint answered 429 and asked to be left alone for 2m");
        postponed.NextAttemptAt!.Value.ShouldBeGreaterThanOrEqualTo(_clock.GetUtcNow().AddMinutes(2));

        _clock.Advance(TimeSpan.FromMinutes(2));
        (await EnterAsync()).Granted.ShouldBe(1);
    }

    [Theory]
    [InlineData(0, 500, 1)]
    [InlineData(8, 500, 8)]
    [InlineData(3600, 10, 1)]
    [InlineData(3600, 500, 10)]
    [InlineData(3600, 5000, 30)]
    public async Task What_must_wait_comes_back_spread_over_as_long_as_it_has_waited_and_as_many_need(int waited, int others, int spread)
    {
        Answer(await EnterAsync(), TimedOut);
        await EnterManyAsync(Senders / 8);
        var refused = await RefusedAsync(waited);
        var crowd = await RefusedAsync(3600);
        for (var i = 0; i < others; i++) crowd.Postpone();

        var times = Enumerable.Range(0, 100).Select(_ => refused.Postpone().NextAttemptAt!.Value - _clock.GetUtcNow()).Order().ToList();

        times[0].ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1 + (0.1 * spread)));
        // Those that are measured wait, too.
        times[^1].ShouldBeInRange(TimeSpan.FromSeconds(1 + (0.9 * spread)), TimeSpan.FromSeconds(1 + spread + (spread == waited || spread == 30 ? 0 : 2.2)));
        times.Distinct().Count().ShouldBe(100);

        Task<LanePass> RefusedAsync(int seconds) => _lanes.EnterAsync(_endpoint, 1, TimeSpan.FromSeconds(seconds), byPerson: false, CancellationToken.None).AsTask();
    }

    [Fact]
    public async Task Who_has_come_back_waits_no_longer()
    {
        Answer(await EnterAsync(), TimedOut);
        await EnterManyAsync(Senders / 8);
        for (var i = 0; i < 5000; i++) (await RefusedAsync()).Postpone();

        _clock.Advance(TimeSpan.FromSeconds(60));

        for (var i = 0; i < 20; i++) ((await RefusedAsync()).Postpone().NextAttemptAt!.Value - _clock.GetUtcNow()).ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(2));

        Task<LanePass> RefusedAsync() => _lanes.EnterAsync(_endpoint, 1, TimeSpan.FromHours(1), byPerson: false, CancellationToken.None).AsTask();
    }

    [Fact]
    public async Task What_a_quick_one_has_no_place_for_comes_back_as_fast_as_it_answers()
    {
        var lanes = new EndpointLanes(new LaneOptions(Senders, Breaker) { Stall = TimeSpan.Zero }, _clock);
        var first = await EnterAsync();
        first.Answered(Quick);
        for (var i = 1; i < Senders * 3 / 4; i++) await EnterAsync();
        (await RefusedAsync()).Pace.ShouldBeNull("it had places in the second before");
        for (var i = 0; i < 7; i++) first.Answered(Quick);
        _clock.Advance(TimeSpan.FromSeconds(1));
        first.Answered(Quick);

        var refused = await RefusedAsync();
        refused.Pace.ShouldBe(8);
        var seconds = Enumerable.Range(0, 5).Select(_ => (refused.Postpone(count: 10).NextAttemptAt!.Value - _clock.GetUtcNow()).TotalSeconds).ToList();

        seconds[..4].ShouldBe([1, 1, 2, 3], "eleven a second");
        seconds[4].ShouldBeInRange(1, 4, "no later than it has waited");
        _clock.Advance(TimeSpan.FromSeconds(2));
        first.Answered(Quick);
        (await RefusedAsync()).Pace.ShouldBeNull("nobody knows any more");

        ValueTask<LanePass> EnterAsync() => lanes.EnterAsync(_endpoint, 10, TimeSpan.FromSeconds(3), byPerson: false, CancellationToken.None);

        async Task<LanePass> RefusedAsync()
        {
            var pass = await EnterAsync();
            pass.Granted.ShouldBe(0);
            return pass;
        }
    }

    [Fact]
    public async Task One_that_takes_so_many_a_second_gets_no_more_and_what_must_wait_has_its_second()
    {
        var endpoint = _endpoint with { RateLimit = 3 };
        var first = await EnterAsync(endpoint, count: 2);
        first.Granted.ShouldBe(2);
        Answer(first, Quick);
        using var second = await EnterAsync(endpoint, count: 10);
        second.Granted.ShouldBe(1);
        var refused = await EnterAsync(endpoint);
        refused.Granted.ShouldBe(0);
        refused.Postpone().Summary.ShouldBe("Waiting: the endpoint takes 3 a second");

        var seconds = Enumerable.Range(0, 8).Select(_ => (second.Postpone().NextAttemptAt!.Value - _clock.GetUtcNow()).TotalSeconds).ToList();
        seconds.ShouldBe([1, 1, 2, 2, 2, 3, 3, 3]);
        (second.Postpone(count: 7).NextAttemptAt!.Value - _clock.GetUtcNow()).TotalSeconds.ShouldBe(4, "the seconds before are full");
        (second.Postpone().NextAttemptAt!.Value - _clock.GetUtcNow()).TotalSeconds.ShouldBe(6);

        _clock.Advance(TimeSpan.FromSeconds(1));
        (await EnterAsync(endpoint, count: 10)).Granted.ShouldBe(3);
        (await EnterAsync(endpoint)).Granted.ShouldBe(0);
    }

    [Fact]
    public async Task A_sender_with_several_webhooks_has_left_when_all_of_them_are_done()
    {
        Answer(await EnterAsync(), TimedOut);
        var inside = await EnterManyAsync(Senders / 8);
        inside[0].Share();
        inside[0].Dispose();
        (await EnterAsync()).Granted.ShouldBe(0);

        inside[0].Dispose();

        (await EnterAsync()).Granted.ShouldBe(1);
    }

    private static readonly SendResult Quick = new() { Status = 200, Duration = TimeSpan.FromMilliseconds(20) };

    private static readonly SendResult TimedOut = new() { ErrorClass = SendErrorClass.Timeout, Error = "no answer", Duration = TimeSpan.FromSeconds(15) };

    private static void Answer(LanePass pass, SendResult result)
    {
        pass.Granted.ShouldBeGreaterThan(0);
        pass.Answered(result);
        pass.Dispose();
    }

    private ValueTask<LanePass> EnterAsync(WebhookEndpoint? endpoint = null, int count = 1, bool byPerson = false) =>
        _lanes.EnterAsync(endpoint ?? _endpoint, count, TimeSpan.Zero, byPerson, CancellationToken.None);

    /// <summary>As many as may be in the lane: the next one is not let in.</summary>
    private async Task<IReadOnlyList<LanePass>> EnterManyAsync(int senders, int count = 1)
    {
        var inside = new List<LanePass>();
        for (var i = 0; i < senders; i++)
        {
            inside.Add(await EnterAsync(count: count));
            inside[^1].Granted.ShouldBeGreaterThan(0);
        }

        return inside;
    }

    private static WebhookEndpoint Endpoint(string id) => new()
    {
        Id = id,
        MerchantId = "acct_test",
        Url = "http://127.0.0.1:1/",
        EnabledEvents = ["*"],
        Status = WebhookEndpointStatus.Enabled,
        ApiVersion = Stripe.StripeConfiguration.ApiVersion,
        PinnedVersion = false,
        Metadata = new Dictionary<string, string>(),
        Secret = "sealed",
        CreatedAt = ManualClock.Start,
    };
}
