using System.Collections.Concurrent;
using System.Text.Json;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Jobs;

/// <summary>Endpoints that want the webhooks about one payment in order.</summary>
public sealed class OrderedDeliveryTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>
{
    private const string Helpers = "/v1/test_helpers/webhook_endpoints";

    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task Later_webhooks_of_a_charge_wait_while_an_earlier_one_is_retried()
    {
        var down = true;
        await using var receiver = await Receiver.StartAsync(context => Receiver.Status(Volatile.Read(ref down) ? 500 : 200)(context));
        await OrderedAsync(receiver.Url, "1h");
        var charge = (await _merchant.ChargeAsync()).ShouldBe(200);
        var first = await _merchant.EventAsync("charge.succeeded");
        await Eventually.HoldsAsync(async () => (await DeliveryAsync(first.Id)).At("attempts.0.outcome").ToString() == "failed", "the first attempt has failed");

        (await _merchant.PostAsync($"/v1/charges/{charge.Id}", ("description", "changed"))).ShouldBe(200);
        (await _merchant.PostAsync("/v1/refunds", ("charge", charge.Id))).ShouldBe(200);

        var firstId = (await DeliveryAsync(first.Id)).GetProperty("id").GetString();
        var held = await DeliveryAsync((await _merchant.EventAsync("charge.updated")).Id);
        held.GetProperty("status").GetString().ShouldBe("pending");
        held.GetProperty("held").GetBoolean().ShouldBeTrue();
        held.GetProperty("next_attempt_at").ValueKind.ShouldBe(JsonValueKind.Null);
        held.GetProperty("last_error").GetString().ShouldBe($"Held back: {firstId} of the same object comes first");
        (await DeliveryAsync((await _merchant.EventAsync("refund.created")).Id)).GetProperty("held").GetBoolean().ShouldBeTrue("a refund's events are about its charge");
        (await DeliveryAsync(first.Id)).GetProperty("held").GetBoolean().ShouldBeFalse();

        using (var browser = new DashboardBrowser(fixture.Simulator))
        {
            foreach (var path in new[] { $"deliveries?about={held.GetProperty("id")}", $"deliveries/{held.GetProperty("id")}" })
            {
                var page = await browser.PageAsync(path);
                page.ShouldContain(">held back</span>");
                page.ShouldContain($"Held back: {firstId} of the same object comes first");
                page.ShouldNotContain("The latest attempt failed");
            }
        }

        // Another payment is not held up.
        (await _merchant.ChargeAsync(amount: 777)).ShouldBe(200);
        await receiver.WaitForAsync(2);

        Volatile.Write(ref down, false);
        await ReplayAsync(firstId!);
        var requests = await receiver.WaitForAsync(requests => requests.Select(TypeOf).Contains("charge.refunded"));
        requests.Where(request => request.Text.Contains(charge.Id, StringComparison.Ordinal)).Select(TypeOf).Distinct().ShouldBe(
            ["charge.succeeded", "charge.updated", "refund.created", "charge.refunded"]);
        foreach (var made in await _merchant.IdsAsync("/v1/events?type=charge.updated")) await _merchant.DeliveryAsync(made, "succeeded");
    }

    [EngineFact]
    public async Task An_intent_and_its_charge_are_one_payment()
    {
        await using var receiver = await Receiver.StartAsync();
        await OrderedAsync(receiver.Url);

        (await _merchant.PostAsync(
            "/v1/payment_intents", ("amount", "2000"), ("currency", "usd"), ("payment_method", "pm_card_visa"), ("confirm", "true"), ("return_url", "http://127.0.0.1/"))).ShouldBe(200);

        var recorded = (await _merchant.IdsAsync("/v1/events")).Reverse().ToList();
        recorded.Count.ShouldBeGreaterThan(2);
        var requests = await receiver.WaitForAsync(recorded.Count);
        requests.Select(request => request.Headers["webhook-id"]).ShouldBe(recorded);
    }

    [EngineFact]
    public async Task Many_payments_at_once_each_arrive_in_their_order_whatever_fails()
    {
        var seen = new ConcurrentDictionary<string, int>();
        await using var receiver = await Receiver.StartAsync(context =>
            Receiver.Status(seen.AddOrUpdate(context.Request.Headers["webhook-id"].ToString(), 1, (_, n) => n + 1) == 1 && context.Request.Headers["webhook-id"].ToString()[^1] % 3 == 0 ? 503 : 200)(context));
        await OrderedAsync(receiver.Url, "0s,0s,0s");

        await Parallel.ForAsync(0, 12, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, _) =>
        {
            var charge = (await _merchant.ChargeAsync(amount: 1000 + i)).ShouldBe(200);
            for (var change = 0; change < 4; change++) (await _merchant.PostAsync($"/v1/charges/{charge.Id}", ("description", $"{change}"))).ShouldBe(200);
        });

        await Eventually.HoldsAsync(async () => (await _merchant.IdsAsync("/v1/events?delivery_success=true")).Count == 60, "all have arrived");
        var payments = receiver.Requests.ToLookup(ChargeOf, request => request.Headers["webhook-id"]);
        payments.Count.ShouldBe(12);
        foreach (var payment in payments)
        {
            var ids = payment.ToList();
            ids.Distinct().Count().ShouldBe(5);
            // None was sent before the one before it had arrived.
            ids.ShouldBe([.. ids.Order(StringComparer.Ordinal)]);
        }
    }

    [EngineFact]
    public async Task A_final_failure_lets_the_next_one_go()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        await OrderedAsync(receiver.Url, "1s");
        var charge = (await _merchant.ChargeAsync()).ShouldBe(200);
        (await _merchant.PostAsync($"/v1/charges/{charge.Id}", ("description", "changed"))).ShouldBe(200);

        await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.updated")).Id, "failed");

        receiver.Requests.Select(TypeOf).ShouldBe(["charge.succeeded", "charge.succeeded", "charge.updated", "charge.updated"]);
    }

    [EngineFact]
    public async Task Without_ordering_nothing_is_held_back_and_what_is_held_goes_on_when_it_is_switched_off()
    {
        await using var receiver = await Receiver.StartAsync(context => Receiver.Status(context.Request.Headers["X-Ok"] == "1" ? 200 : 500)(context));
        var endpoint = await OrderedAsync(receiver.Url, "1h");
        var charge = (await _merchant.ChargeAsync()).ShouldBe(200);
        (await _merchant.PostAsync($"/v1/charges/{charge.Id}", ("description", "changed"))).ShouldBe(200);
        await receiver.WaitForAsync(1);
        (await DeliveryAsync((await _merchant.EventAsync("charge.updated")).Id)).GetProperty("held").GetBoolean().ShouldBeTrue();

        (await _merchant.PostAsync($"{Helpers}/{endpoint}", ("ordering", "none"), ("headers[X-Ok]", "1"))).ShouldBe(200);

        await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.updated")).Id, "succeeded");
        (await DeliveryAsync((await _merchant.EventAsync("charge.succeeded")).Id)).GetProperty("status").GetString().ShouldBe("pending", "its retry is in an hour");
        (await _merchant.PostAsync("/v1/refunds", ("charge", charge.Id))).ShouldBe(200);
        await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.refunded")).Id, "succeeded");
    }

    [EngineFact]
    public async Task Held_webhooks_of_a_deleted_endpoint_are_cancelled()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var endpoint = await OrderedAsync(receiver.Url, "1s");
        var charge = (await _merchant.ChargeAsync()).ShouldBe(200);
        (await _merchant.PostAsync($"/v1/charges/{charge.Id}", ("description", "changed"))).ShouldBe(200);
        (await _merchant.DeleteAsync($"/v1/webhook_endpoints/{endpoint}")).ShouldBe(200);

        await _merchant.DeliveryAsync((await _merchant.EventAsync("charge.updated")).Id, "canceled");
    }

    [EngineFact]
    public async Task What_is_held_back_outlives_a_restart_and_keeps_its_order()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        string charge;
        await using (var simulator = await Simulator.StartAsync(folder))
        {
            var merchant = simulator.MerchantWith("sk_test_ordered");
            (await merchant.PostAsync(Helpers, ("url", receiver.Url), ("ordering", "per_object"), ("retry_schedule", "1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s"))).ShouldBe(200);
            charge = (await merchant.ChargeAsync()).ShouldBe(200).Id;
            for (var i = 0; i < 3; i++) (await merchant.PostAsync($"/v1/charges/{charge}", ("description", $"{i}"))).ShouldBe(200);
            await receiver.WaitForAsync(1);
        }

        receiver.Answer = Receiver.Status(200);
        await using var again = await Simulator.StartAsync(folder);
        await Eventually.HoldsAsync(async () => (await again.MerchantWith("sk_test_ordered").IdsAsync("/v1/events?delivery_success=true")).Count == 4, "all have arrived");

        var ids = receiver.Requests.Select(request => request.Headers["webhook-id"]).ToList();
        ids.ShouldBe(ids.Order(StringComparer.Ordinal));
        ids.Distinct().Count().ShouldBe(4);
    }

    /// <summary>The id of a new endpoint that wants order.</summary>
    private async Task<string> OrderedAsync(string url, string schedule = "0s,0s") =>
        (await _merchant.PostAsync(Helpers, ("url", url), ("ordering", "per_object"), ("retry_schedule", schedule))).ShouldBe(200).Id;

    private async Task<JsonElement> DeliveryAsync(string eventId) =>
        (await _merchant.GetAsync($"/v1/test_helpers/events/{eventId}/deliveries")).ShouldBe(200).Data.ShouldHaveSingleItem();

    /// <summary>A person asks for it now.</summary>
    private async Task ReplayAsync(string deliveryId)
    {
        await using var scope = fixture.Simulator.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new RearmDelivery(deliveryId));
        await fixture.Simulator.Get<Database>().WriteAsync(() =>
        {
            fixture.Simulator.Get<IJobScheduler>().Enqueue(new DeliverWebhook(deliveryId));
            return Task.CompletedTask;
        });
    }

    private static string TypeOf(ReceivedRequest request) => JsonDocument.Parse(request.Body).RootElement.GetProperty("type").GetString()!;

    private static string ChargeOf(ReceivedRequest request) => JsonDocument.Parse(request.Body).RootElement.At("data.object.id").GetString()!;
}
