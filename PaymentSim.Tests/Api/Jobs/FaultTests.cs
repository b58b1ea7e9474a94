using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using PaymentSim.Tests.Support;
using Stripe;

namespace PaymentSim.Tests.Api.Jobs;

/// <summary>What goes wrong on purpose, as the merchant's server sees it on the wire, and as the log tells it.</summary>
public sealed class FaultTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task Drop_sends_nothing_at_the_first_attempts_which_count_as_failed()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await EndpointAsync(receiver, new { kind = "drop", next = 1, attempts = 2 });

        var first = await DeliveredAsync(await ChargeAsync());
        var second = await DeliveredAsync(await ChargeAsync());

        Log(first).ShouldBe([("failed", "drop"), ("failed", "drop"), ("succeeded", null)]);
        first.At("attempts.0.error_class").GetString().ShouldBe("dropped");
        first.At("attempts.0.error").GetString().ShouldBe($"dropped on purpose, not sent to {receiver.Url}");
        Log(second).ShouldBe([("succeeded", null)]);
        receiver.Requests.Count.ShouldBe(2);
        (await CountsAsync(endpoint)).ShouldBe((2, 0, 2));
    }

    [EngineTheory]
    [InlineData("bad_signature", "bad_signature")]
    [InlineData("wrong_secret", "wrong_secret")]
    [InlineData("corrupt", "corrupt byte ")]
    public async Task What_is_not_signed_as_it_should_be_is_refused_by_every_verifier_and_the_retry_is_right(string kind, string said)
    {
        var statuses = new Queue<int>([400, 200]);
        await using var receiver = await Receiver.StartAsync(context => Receiver.Status(statuses.Dequeue())(context));
        var endpoint = await EndpointAsync(receiver, new { kind, next = 1 });

        var delivery = await DeliveredAsync(await ChargeAsync());

        var (bad, good) = (receiver.Requests[0], receiver.Requests[1]);
        bad.Verifies(endpoint.Secret).ShouldBe((false, false));
        Should.Throw<StripeException>(() => Read(bad, endpoint));
        bad.Headers["Stripe-Signature"].Length.ShouldBe(good.Headers["Stripe-Signature"].Length, "it looks as it should");
        bad.Headers["webhook-signature"].Length.ShouldBe(good.Headers["webhook-signature"].Length);
        JsonDocument.Parse(bad.Body).RootElement.GetProperty("created").ValueKind.ShouldBe(JsonValueKind.Number);
        Enumerable.Range(0, good.Body.Length).Count(i => bad.Body[i] != good.Body[i]).ShouldBe(kind == "corrupt" ? 1 : 0);

        good.ShouldVerify(endpoint.Secret);
        Read(good, endpoint).Id.ShouldBe(bad.Headers["webhook-id"]);
        Log(delivery)[1].ShouldBe(("succeeded", null));
        Log(delivery)[0].Fault.ShouldNotBeNull().ShouldStartWith(said);
        delivery.At("attempts.0.request_headers.Stripe-Signature").GetString().ShouldBe(bad.Headers["Stripe-Signature"], "the log has what was sent");
    }

    [EngineFact]
    public async Task A_stale_timestamp_is_signed_well_and_too_old()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await EndpointAsync(receiver, new { kind = "stale_timestamp", next = 1, age = 4000 });

        var delivery = await DeliveredAsync(await ChargeAsync());

        var request = receiver.Requests.ShouldHaveSingleItem();
        var stamp = request.ShouldVerify(endpoint.Secret);
        (delivery.At("attempts.0.created").GetInt64() - stamp).ShouldBeInRange(3999, 4001);
        Should.Throw<StripeException>(() => Read(request, endpoint)).Message.ShouldContain("timestamp");
        Read(request, endpoint, tolerance: 100_000).Id.ShouldBe(request.Headers["webhook-id"]);
        Log(delivery).ShouldBe([("succeeded", "stale_timestamp 4000 s")]);
    }

    [EngineFact]
    public async Task A_duplicate_is_the_same_webhook_at_the_same_time()
    {
        var both = new TaskCompletionSource();
        var count = 0;
        await using var receiver = await Receiver.StartAsync(async context =>
        {
            // Neither is answered before the other has come.
            if (Interlocked.Increment(ref count) == 2) both.SetResult();
            await both.Task;
            await Receiver.Status(200)(context);
        });
        var endpoint = await EndpointAsync(receiver, new { kind = "duplicate", next = 1 });

        var delivery = await DeliveredAsync(await ChargeAsync());

        var requests = receiver.Requests;
        requests.Count.ShouldBe(2);
        requests[1].Body.ShouldBe(requests[0].Body);
        foreach (var name in new[] { "webhook-id", "webhook-timestamp", "webhook-signature", "Stripe-Signature" }) requests[1].Headers[name].ShouldBe(requests[0].Headers[name]);
        requests[1].ShouldVerify(endpoint.Secret);
        Log(delivery).ShouldBe([("succeeded", "duplicate: HTTP 200")]);
        (await CountsAsync(endpoint)).ShouldBe((1, 0, 1));
    }

    [EngineFact]
    public async Task A_duplicate_that_comes_later_is_in_the_log_and_does_not_decide()
    {
        var statuses = new Queue<int>([200, 500]);
        await using var receiver = await Receiver.StartAsync(context =>
        {
            lock (statuses) return Receiver.Status(statuses.TryDequeue(out var status) ? status : 200)(context);
        });
        await EndpointAsync(receiver, new { kind = "duplicate", next = 1, delay = 3000 });

        var delivery = await DeliveredAsync(await ChargeAsync());

        // On a machine that is slow enough the later one comes first, and the other answer decides.
        Log(delivery)[0].ShouldBeOneOf(
            ("succeeded", $"duplicate after 3000 ms: HTTP 500 from {receiver.Url}"), ("failed", "duplicate after 3000 ms: HTTP 200"));
    }

    [EngineFact]
    public async Task A_reset_comes_in_the_middle_of_the_body()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";
        var served = ServeAsync();
        var endpoint = await EndpointAsync(url, new { kind = "reset", next = 1 });

        var delivery = await DeliveredAsync(await ChargeAsync());

        var (broken, end, whole) = await served;
        end.ShouldBe(SocketError.ConnectionReset);
        var (half, full) = (BodyOf(broken), BodyOf(whole));
        var length = full.Length;
        broken.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}"));
        half.Length.ShouldBe(length / 2);
        full.ShouldStartWith(half);
        Log(delivery).ShouldBe([("failed", $"reset after {length / 2} of {length} bytes"), ("succeeded", null)]);
        delivery.At("attempts.0.error_class").GetString().ShouldBe("reset");
        (await CountsAsync(endpoint)).ShouldBe((1, 0, 1));

        async Task<(string Broken, SocketError End, string Whole)> ServeAsync()
        {
            using var first = await listener.AcceptSocketAsync();
            var (head, end) = await ReadAsync(first, text => false);
            using var second = await listener.AcceptSocketAsync();
            var (all, _) = await ReadAsync(second, text => text.Contains("\r\n\r\n", StringComparison.Ordinal) && text.EndsWith('}') && BodyOf(text).Length > BodyOf(head).Length + 10);
            await second.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            return (head, end, all);
        }

        static async Task<(string Text, SocketError End)> ReadAsync(Socket socket, Func<string, bool> isAll)
        {
            var (text, buffer) = (new StringBuilder(), new byte[65536]);
            while (true)
            {
                try
                {
                    var count = await socket.ReceiveAsync(buffer);
                    if (count == 0) return (text.ToString(), SocketError.Success);
                    text.Append(Encoding.ASCII.GetString(buffer, 0, count));
                    if (isAll(text.ToString())) return (text.ToString(), SocketError.Success);
                }
                catch (SocketException failure)
                {
                    return (text.ToString(), failure.SocketErrorCode);
                }
            }
        }

        static string BodyOf(string request) => request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
    }

    [EngineFact]
    public async Task A_web_server_takes_none_that_breaks_off_for_a_whole_one()
    {
        await using var receiver = await Receiver.StartAsync();
        await EndpointAsync(receiver, new { kind = "reset", next = 1, attempts = 2 });

        await DeliveredAsync(await ChargeAsync());

        // One that is reset before the server has read it is not seen at all.
        var whole = receiver.Requests.ShouldHaveSingleItem();
        receiver.Broken.Count.ShouldBeLessThanOrEqualTo(2);
        receiver.Broken.ShouldAllBe(broken => broken.Headers["webhook-id"] == whole.Headers["webhook-id"] && broken.Body.Length < whole.Body.Length);
    }

    [EngineTheory]
    [InlineData(400)]
    [InlineData(1500)]
    public async Task A_delay_holds_a_webhook_back_for_so_long_at_least(int delay)
    {
        await using var receiver = await Receiver.StartAsync();
        await EndpointAsync(receiver, new { kind = "delay", next = 1, delay });
        var before = DateTimeOffset.UtcNow;

        var delivery = await DeliveredAsync(await ChargeAsync());

        (receiver.Requests.ShouldHaveSingleItem().At - before).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(delay - 50));
        Log(delivery).ShouldBe([("succeeded", $"delay {delay} ms")]);
        // A longer one is no attempt yet while it is held back, and holds no sender.
        if (delay > 1000) (delivery.At("attempts.0.created").GetInt64() - delivery.GetProperty("created").GetInt64()).ShouldBeGreaterThanOrEqualTo(1);
    }

    [EngineFact]
    public async Task Reorder_lets_the_next_one_overtake()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await EndpointAsync(receiver, new { kind = "reorder", next = 2, delay = 60_000 });

        var first = await ChargeAsync();
        var held = (await _merchant.GetAsync($"/v1/test_helpers/events/{first}/deliveries")).ShouldBe(200).Data.ShouldHaveSingleItem();
        held.GetProperty("status").GetString().ShouldBe("pending");
        held.GetProperty("attempts").GetArrayLength().ShouldBe(0);
        (held.GetProperty("next_attempt_at").GetInt64() - held.GetProperty("created").GetInt64()).ShouldBeInRange(60, 61);
        var second = await ChargeAsync();

        Log(await DeliveredAsync(first)).ShouldBe([("succeeded", "reorder")]);
        Log(await DeliveredAsync(second)).ShouldBe([("succeeded", null)]);
        receiver.Requests.Select(request => request.Headers["webhook-id"]).ShouldBe([second, first]);
        (await CountsAsync(endpoint)).ShouldBe((2, 0, 1));
    }

    [EngineFact]
    public async Task What_none_overtakes_is_sent_in_the_end()
    {
        await using var receiver = await Receiver.StartAsync();
        await EndpointAsync(receiver, new { kind = "reorder", probability = 1, delay = 1000 });

        Log(await DeliveredAsync(await ChargeAsync())).ShouldBe([("succeeded", "reorder (none came after it within 1000 ms)")]);
    }

    [EngineFact]
    public async Task Several_faults_happen_to_one_attempt_in_their_order()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await EndpointAsync(
            receiver, new { kind = "duplicate", next = 1 }, new { kind = "bad_signature", next = 1 }, new { kind = "stale_timestamp", next = 1 }, new { kind = "delay", next = 1, delay = 1 });

        var delivery = await DeliveredAsync(await ChargeAsync());

        Log(delivery).ShouldBe([("succeeded", "delay 1 ms, stale_timestamp 600 s, bad_signature, duplicate: HTTP 200")]);
        receiver.Requests.Count.ShouldBe(2);
        receiver.Requests.ShouldAllBe(request => request.Verifies(endpoint.Secret).Stripe == false);
        receiver.Requests.ShouldAllBe(request => DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(request.Headers["webhook-timestamp"], CultureInfo.InvariantCulture) >= 599);
    }

    [EngineFact]
    public async Task A_run_repeats_exactly_with_its_seed_and_is_another_with_another_seed()
    {
        var (first, again, other) = (await RunAsync(7), await RunAsync(7), await RunAsync(8));

        again.ShouldBe(first);
        other.ShouldNotBe(first);
        first.Distinct().Count().ShouldBeGreaterThan(2);

        async Task<List<string>> RunAsync(long seed)
        {
            await using var receiver = await Receiver.StartAsync();
            var merchant = fixture.Simulator.NewMerchant();
            var endpoint = await merchant.AddEndpointAsync(receiver.Url);
            (await merchant.PostJsonAsync(
                $"/v1/test_helpers/webhook_endpoints/{endpoint.Id}/faults",
                new { seed, faults = new object[] { new { kind = "bad_signature", probability = 0.4 }, new { kind = "stale_timestamp", probability = 0.4 }, new { kind = "duplicate", probability = 0.4 } } })).ShouldBe(200);
            var played = new List<string>();
            for (var i = 0; i < 10; i++) (await merchant.ChargeAsync()).ShouldBe(200);
            foreach (var id in (await merchant.IdsAsync("/v1/events")).Reverse()) played.Add(Log(await merchant.DeliveryAsync(id, "succeeded")).ShouldHaveSingleItem().Fault ?? "none");

            var ids = (await merchant.IdsAsync("/v1/events")).Reverse().ToList();
            foreach (var request in receiver.Requests)
                request.Verifies(endpoint.Secret).Stripe.ShouldBe(!played[ids.IndexOf(request.Headers["webhook-id"])].Contains("bad_signature", StringComparison.Ordinal));
            receiver.Requests.Count.ShouldBe(10 + played.Count(fault => fault.Contains("duplicate", StringComparison.Ordinal)));
            return played;
        }
    }

    [EngineFact]
    public async Task How_many_are_left_survives_a_restart()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync();
        string path;
        await using (var simulator = await Simulator.StartAsync(folder))
        {
            var merchant = simulator.MerchantWith("sk_test_faults");
            path = $"/v1/test_helpers/webhook_endpoints/{(await merchant.AddEndpointAsync(receiver.Url)).Id}/faults";
            (await merchant.PostAsync(path, ("faults[0][kind]", "drop"), ("faults[0][next]", "2"))).ShouldBe(200);
            Log(await DeliveredAsync(await ChargeAsync(merchant), merchant)).ShouldBe([("failed", "drop"), ("succeeded", null)]);
        }

        await using (var simulator = await Simulator.StartAsync(folder))
        {
            var merchant = simulator.MerchantWith("sk_test_faults");
            var shown = (await merchant.GetAsync(path)).ShouldBe(200);
            (shown.Number("deliveries"), shown.Number("faults.0.left"), shown.Number("faults.0.played")).ShouldBe((1, 1, 1));
            Log(await DeliveredAsync(await ChargeAsync(merchant), merchant)).ShouldBe([("failed", "drop"), ("succeeded", null)]);
            Log(await DeliveredAsync(await ChargeAsync(merchant), merchant)).ShouldBe([("succeeded", null)]);
        }
    }

    [EngineFact]
    public async Task Charges_at_the_same_time_use_up_as_many_as_there_are()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await EndpointAsync(receiver, new { kind = "drop", next = 5 });

        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _merchant.ChargeAsync()));

        var dropped = 0;
        foreach (var id in await _merchant.IdsAsync("/v1/events")) dropped += Log(await _merchant.DeliveryAsync(id, "succeeded")).Count(attempt => attempt.Fault == "drop");
        dropped.ShouldBe(5);
        receiver.Requests.Count.ShouldBe(12);
        (await CountsAsync(endpoint)).ShouldBe((12, 0, 5));
    }

    [EngineFact]
    public async Task Without_its_plan_and_at_other_endpoints_nothing_goes_wrong()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await EndpointAsync(receiver, new { kind = "drop", probability = 1 });
        await using var neighbour = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(neighbour.Url);

        (await _merchant.ChargeAsync()).ShouldBe(200);
        await neighbour.WaitForAsync(1);
        await receiver.WaitForAsync(1);
        (await _merchant.DeleteAsync(PathOf(endpoint))).ShouldBe(200);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        await receiver.WaitForAsync(2);

        foreach (var id in await _merchant.IdsAsync("/v1/events"))
        {
            var deliveries = await Eventually.HoldsAsync(
                async () => (await _merchant.GetAsync($"/v1/test_helpers/events/{id}/deliveries")).ShouldBe(200).Data,
                list => list.All(delivery => delivery.GetProperty("status").GetString() == "succeeded"),
                "both have arrived");
            var isFirst = id == (await _merchant.IdsAsync("/v1/events"))[^1];
            foreach (var delivery in deliveries)
                Log(delivery).Count(attempt => attempt.Fault is not null).ShouldBe(isFirst && delivery.GetProperty("webhook_endpoint").GetString() == endpoint.Id ? 1 : 0);
        }
    }

    private static Event Read(ReceivedRequest request, Endpoint endpoint, long tolerance = 300) =>
        EventUtility.ConstructEvent(request.Text, request.Headers["Stripe-Signature"], endpoint.Secret, tolerance);

    private static List<(string Outcome, string? Fault)> Log(JsonElement delivery) =>
        [.. delivery.GetProperty("attempts").EnumerateArray().Select(attempt => (attempt.GetProperty("outcome").GetString()!, attempt.GetProperty("fault").GetString()))];

    private static string PathOf(Endpoint endpoint) => $"/v1/test_helpers/webhook_endpoints/{endpoint.Id}/faults";

    private Task<Endpoint> EndpointAsync(Receiver receiver, params object[] faults) => EndpointAsync(receiver.Url, faults);

    /// <summary>An endpoint with this plan.</summary>
    private async Task<Endpoint> EndpointAsync(string url, params object[] faults)
    {
        var endpoint = await _merchant.AddEndpointAsync(url);
        (await _merchant.PostJsonAsync(PathOf(endpoint), new { faults, seed = 1 })).ShouldBe(200);
        return endpoint;
    }

    private async Task<(long Deliveries, long Left, long Played)> CountsAsync(Endpoint endpoint)
    {
        var shown = (await _merchant.GetAsync(PathOf(endpoint))).ShouldBe(200);
        return (shown.Number("deliveries"), shown.Number("faults.0.left"), shown.Number("faults.0.played"));
    }

    /// <summary>Makes a charge, and answers its event's id.</summary>
    private async Task<string> ChargeAsync(Merchant? merchant = null)
    {
        merchant ??= _merchant;
        (await merchant.ChargeAsync()).ShouldBe(200);
        return (await merchant.GetAsync("/v1/events?limit=1")).ShouldBe(200).Ids[0];
    }

    private Task<JsonElement> DeliveredAsync(string eventId, Merchant? merchant = null) => (merchant ?? _merchant).DeliveryAsync(eventId, "succeeded");
}
