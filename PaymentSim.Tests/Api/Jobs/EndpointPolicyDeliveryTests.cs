using System.Text.Json;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Jobs;

/// <summary>What an endpoint's policy makes of the webhooks that reach its server.</summary>
public sealed class EndpointPolicyDeliveryTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>
{
    private const string Helpers = "/v1/test_helpers/webhook_endpoints";

    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task Custom_headers_arrive_and_the_log_shows_their_names_alone()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = (await _merchant.PostJsonAsync(Helpers, new
        {
            url = receiver.Url,
            headers = new Dictionary<string, string> { ["Authorization"] = "Bearer t0psecret", ["X-Tenant"] = "blue", ["Cookie"] = "a=b", ["Content-Language"] = "en" },
        })).ShouldBe(200);

        (await _merchant.ChargeAsync()).ShouldBe(200);

        var webhook = (await receiver.WaitForAsync(1))[0];
        webhook.ShouldVerify(endpoint.Text("secret")!);
        (webhook.Headers["Authorization"], webhook.Headers["X-Tenant"], webhook.Headers["Cookie"], webhook.Headers["Content-Language"]).ShouldBe(("Bearer t0psecret", "blue", "a=b", "en"));
        webhook.Headers["Content-Type"].ShouldBe("application/json; charset=utf-8");
        var delivery = await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.succeeded")).Id, "succeeded");
        foreach (var name in new[] { "Authorization", "X-Tenant", "Cookie" }) delivery.At($"attempts.0.request_headers.{name}").GetString().ShouldBe("********");
        delivery.GetRawText().ShouldNotContain("t0psecret");
        delivery.At("attempts.0.request_headers.webhook-id").GetString().ShouldBe(webhook.Headers["webhook-id"]);
    }

    [EngineFact]
    public async Task While_two_secrets_are_in_force_webhooks_are_signed_by_both_the_newest_first()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);

        var second = await RotateAsync(endpoint.Id, 3600);
        (await NextAsync(receiver)).ShouldVerify(second, endpoint.Secret);
        var third = await RotateAsync(endpoint.Id, 3600);
        (await NextAsync(receiver)).ShouldVerify(third, second);
        var fourth = await RotateAsync(endpoint.Id, 0);
        (await NextAsync(receiver)).ShouldVerify(fourth);
    }

    [EngineFact]
    public async Task A_secret_of_the_merchants_own_signs_and_another_takes_its_place_at_once()
    {
        await using var receiver = await Receiver.StartAsync();
        var (first, second) = (NewSecret(1), NewSecret(2));
        var endpoint = (await _merchant.PostAsync(Helpers, ("url", receiver.Url), ("secret", first))).ShouldBe(200);
        (await NextAsync(receiver)).ShouldVerify(first);
        await RotateAsync(endpoint.Id, 3600);

        (await _merchant.PostAsync(Helpers, ("url", receiver.Url), ("secret", second))).ShouldBe(200).Text("secret").ShouldBeNull();

        (await NextAsync(receiver)).ShouldVerify(second);
    }

    [EngineFact]
    public async Task An_endpoint_has_its_own_time_out_and_retries()
    {
        var release = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(_ => release.Task);
        (await _merchant.PostAsync(Helpers, ("url", receiver.Url), ("timeout", "100ms"), ("retry_schedule", "0s,0s,0s"))).ShouldBe(200);

        (await _merchant.ChargeAsync()).ShouldBe(200);

        var delivery = await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.succeeded")).Id, "failed");
        delivery.GetProperty("last_error").GetString().ShouldBe($"no answer within 100ms from {receiver.Url}");
        delivery.GetProperty("attempts").GetArrayLength().ShouldBe(4, "three retries, where the simulator's settings say two");
        release.SetResult();
    }

    [EngineFact]
    public async Task An_endpoint_without_retries_gives_up_at_once()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        (await _merchant.PostAsync(Helpers, ("url", receiver.Url), ("retry_schedule", "none"))).ShouldBe(200);

        (await _merchant.ChargeAsync()).ShouldBe(200);

        await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.succeeded")).Id, "failed");
        receiver.Requests.Count.ShouldBe(1);
    }

    [EngineFact]
    public async Task An_endpoint_of_a_family_of_events_gets_those()
    {
        await using var receiver = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(receiver.Url, "charge.dispute.*");

        var charge = (await _merchant.ChargeAsync()).ShouldBe(200);
        (await _merchant.PostAsync($"/v1/test_helpers/charges/{charge.Id}/dispute")).ShouldBe(200);

        var requests = await receiver.WaitForAsync(2);
        requests.Select(TypeOf).Order().ShouldBe(["charge.dispute.created", "charge.dispute.funds_withdrawn"]);
        (await _merchant.GetAsync($"/v1/test_helpers/events/{(await _merchant.EventAsync("charge.succeeded")).Id}/deliveries")).Data.ShouldBeEmpty();
    }

    [EngineFact]
    public async Task What_fails_is_shown_until_something_arrives_and_is_forgotten_when_it_is_enabled_again()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var endpoint = (await _merchant.PostAsync(Helpers, ("url", receiver.Url), ("retry_schedule", "none"))).ShouldBe(200);
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        (await _merchant.ChargeAsync()).ShouldBe(200);
        var failing = await FailingAsync(true);
        failing.Number("failing_since").ShouldBeInRange(before, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        (await _merchant.ChargeAsync()).ShouldBe(200);
        await receiver.WaitForAsync(2);
        (await FailingAsync(true)).Number("failing_since").ShouldBe(failing.Number("failing_since"), "it is the first failure's time");

        receiver.Answer = Receiver.Status(200);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        await FailingAsync(false);

        receiver.Answer = Receiver.Status(500);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        await FailingAsync(true);
        (await _merchant.PostAsync($"/v1/webhook_endpoints/{endpoint.Id}", ("disabled", "false"))).ShouldBe(200);
        await FailingAsync(false);

        Task<ApiAnswer> FailingAsync(bool expected) => Eventually.HoldsAsync(
            () => _merchant.GetAsync($"{Helpers}/{endpoint.Id}"), answer => answer.Text("failing_since") is not null == expected, $"it is failing: {expected}");
    }

    [EngineFact]
    public async Task An_endpoint_that_says_410_shows_why_it_is_disabled_and_the_others_are_told()
    {
        await using var gone = await Receiver.StartAsync(Receiver.Status(410));
        await using var other = await Receiver.StartAsync();
        var endpoint = await _merchant.AddEndpointAsync(gone.Url);
        await _merchant.AddEndpointAsync(other.Url, "webhook_endpoint.*");

        (await _merchant.ChargeAsync()).ShouldBe(200);

        var told = JsonDocument.Parse((await other.WaitForAsync(1))[0].Body).RootElement;
        told.GetProperty("type").GetString().ShouldBe("webhook_endpoint.disabled");
        told.At("data.object").GetRawText().ShouldBe((await _merchant.GetAsync($"{Helpers}/{endpoint.Id}")).Body);
        told.At("data.object.status").GetString().ShouldBe("disabled");
        told.At("data.object.disabled_reason").GetString().ShouldBe("The endpoint answered 410 Gone.");
        told.At("data.previous_attributes").GetRawText().ShouldBe("""{"disabled_reason":null,"status":"enabled"}""");
        gone.Requests.Count.ShouldBe(1, "the endpoint itself does not get it");
    }

    [EngineFact]
    public async Task A_change_of_the_time_out_after_a_claim_is_for_the_next_attempt()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = (await _merchant.PostAsync(Helpers, ("url", receiver.Url), ("timeout", "60s"))).ShouldBe(200);
        receiver.Answer = async context =>
        {
            (await _merchant.PostAsync($"{Helpers}/{endpoint.Id}", ("timeout", "100ms"))).ShouldBe(200);
            await Task.Delay(300);
            context.Response.StatusCode = 200;
        };

        (await _merchant.ChargeAsync()).ShouldBe(200);

        await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.succeeded")).Id, "succeeded");
        receiver.Requests.Count.ShouldBe(1);
    }

    private async Task<string> RotateAsync(string endpointId, int seconds) =>
        (await _merchant.PostAsync($"{Helpers}/{endpointId}/rotate_secret", ("expires_in", $"{seconds}"))).ShouldBe(200).Text("secret")!;

    /// <summary>The webhook of a new charge.</summary>
    private async Task<ReceivedRequest> NextAsync(Receiver receiver)
    {
        var before = receiver.Requests.Count;
        (await _merchant.ChargeAsync()).ShouldBe(200);
        return (await receiver.WaitForAsync(before + 1))[before];
    }

    private static string NewSecret(byte fill) => "whsec_" + Convert.ToBase64String(Enumerable.Repeat(fill, 24).ToArray());

    private static string TypeOf(ReceivedRequest request) => JsonDocument.Parse(request.Body).RootElement.GetProperty("type").GetString()!;
}
