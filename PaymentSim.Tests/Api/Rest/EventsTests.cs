using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class EventsTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task A_charge_is_an_event_that_names_the_request_that_made_it()
    {
        var charge = (await _merchant.ChargeAsync(idempotencyKey: "k")).ShouldBe(200);

        var made = await _merchant.EventAsync("charge.succeeded");

        made.Text("object").ShouldBe("event");
        made.Text("api_version").ShouldBe("2026-10-28.endive");
        made.Text("livemode").ShouldBe("False");
        made.Number("pending_webhooks").ShouldBe(0);
        made.Number("created").ShouldBeInRange(charge.Number("created"), charge.Number("created") + 1);
        made.Text("request.id").ShouldBe(charge.Header("Request-Id"));
        made.Text("request.idempotency_key").ShouldBe("k");
        made.Json.At("data.object").GetRawText().ShouldBe(charge.Body);
        made.Json.At("data").TryGetProperty("previous_attributes", out _).ShouldBeFalse();
    }

    [EngineFact]
    public async Task A_list_is_filtered_by_type()
    {
        var charge = (await _merchant.ChargeAsync()).ShouldBe(200);
        (await _merchant.ChargeAsync("tok_chargeDeclined")).ShouldBe(402);
        (await _merchant.PostAsync($"/v1/charges/{charge.Id}", ("description", "x"))).ShouldBe(200);

        foreach (var (query, expected) in new[]
                 {
                     ("", "charge.updated charge.failed charge.succeeded"),
                     ("type=charge.failed", "charge.failed"),
                     ("type=charge.*", "charge.updated charge.failed charge.succeeded"),
                     ("type=*", "charge.updated charge.failed charge.succeeded"),
                     ("type=*.failed", "charge.failed"),
                     ("type=charge", ""),
                     ("type=charge._ailed", ""),
                     ("type=charge.%25", ""),
                     ("type=charge!.failed", ""),
                     ("types[]=charge.failed&types[]=charge.succeeded", "charge.failed charge.succeeded"),
                     ("types[]=charge.failed&types[]=charge.up*", "charge.updated charge.failed"),
                     ("types[0]=no.such", ""),
                     ("type=charge.failed&limit=1", "charge.failed"),
                     ("created[gt]=4102444800", ""),
                     ("created[lte]=4102444800&type=charge.failed", "charge.failed"),
                 })
        {
            var list = (await _merchant.GetAsync("/v1/events?" + query)).ShouldBe(200);
            string.Join(' ', list.Data.Select(item => item.GetProperty("type").GetString())).ShouldBe(expected, query);
            list.HasMore.ShouldBeFalse();
        }
    }

    [EngineFact]
    public async Task A_list_and_pending_webhooks_know_what_has_arrived()
    {
        await using var receiver = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(receiver.Url, "charge.succeeded");
        await _merchant.AddEndpointAsync(receiver.Url + "broken", "charge.failed");
        receiver.Answer = context => Receiver.Status(context.Request.Path == "/broken" ? 500 : 200)(context);

        (await _merchant.ChargeAsync()).ShouldBe(200);
        (await _merchant.ChargeAsync("tok_chargeDeclined")).ShouldBe(402);
        var (good, bad) = (await _merchant.EventAsync("charge.succeeded"), await _merchant.EventAsync("charge.failed"));
        await _merchant.DeliveryAsync(good.Id, "succeeded");
        await _merchant.DeliveryAsync(bad.Id, "failed");

        (await _merchant.IdsAsync("/v1/events?delivery_success=true")).ShouldBe([good.Id]);
        (await _merchant.IdsAsync("/v1/events?delivery_success=false")).ShouldBe([bad.Id]);
        (await _merchant.EventAsync("charge.succeeded")).Number("pending_webhooks").ShouldBe(0);
        (await _merchant.EventAsync("charge.failed")).Number("pending_webhooks").ShouldBe(1);
        (await _merchant.GetAsync("/v1/events")).Data.Select(item => item.GetProperty("pending_webhooks").GetInt64()).ShouldBe([1, 0]);
    }
}
