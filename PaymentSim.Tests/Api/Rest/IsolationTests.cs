using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class IsolationTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>
{
    [EngineFact]
    public async Task Two_merchants_never_see_or_touch_each_others_objects()
    {
        await using var receiver = await Receiver.StartAsync();
        var (mine, theirs) = (fixture.Simulator.NewMerchant(), fixture.Simulator.NewMerchant());
        var endpoint = await mine.AddEndpointAsync(receiver.Url);
        var charge = (await mine.ChargeAsync()).ShouldBe(200);
        var made = await mine.EventAsync("charge.succeeded");
        await mine.DeliveryAsync(made.Id, "succeeded");
        var before = await SnapshotAsync();

        (await theirs.GetAsync($"/v1/charges/{charge.Id}")).ShouldBe(404);
        (await theirs.PostAsync($"/v1/charges/{charge.Id}", ("description", "stolen"))).ShouldBe(404);
        (await theirs.GetAsync($"/v1/events/{made.Id}")).ShouldBe(404);
        (await theirs.GetAsync($"/v1/test_helpers/events/{made.Id}/deliveries")).ShouldBe(404);
        (await theirs.GetAsync($"/v1/webhook_endpoints/{endpoint.Id}")).ShouldBe(404);
        (await theirs.PostAsync($"/v1/webhook_endpoints/{endpoint.Id}", ("disabled", "true"))).ShouldBe(404);
        (await theirs.DeleteAsync($"/v1/webhook_endpoints/{endpoint.Id}")).ShouldBe(404);
        foreach (var (list, id) in new[] { ("charges", charge.Id), ("events", made.Id), ("webhook_endpoints", endpoint.Id) })
        {
            (await theirs.IdsAsync($"/v1/{list}")).ShouldBeEmpty();
            (await theirs.GetAsync($"/v1/{list}?starting_after={id}")).ShouldBeError(400, "invalid_request_error", "resource_missing", "starting_after");
            (await theirs.GetAsync($"/v1/{list}?ending_before={id}")).ShouldBeError(400, "invalid_request_error", "resource_missing", "ending_before");
        }

        (await SnapshotAsync()).ShouldBe(before);

        // Their charge is no business of my endpoint.
        (await theirs.ChargeAsync()).ShouldBe(200);
        (await theirs.GetAsync($"/v1/test_helpers/events/{(await theirs.EventAsync("charge.succeeded")).Id}/deliveries")).Data.ShouldBeEmpty();
        receiver.Requests.Count.ShouldBe(1);

        async Task<string> SnapshotAsync() =>
            (await mine.GetAsync($"/v1/charges/{charge.Id}")).Body + (await mine.GetAsync($"/v1/events/{made.Id}")).Body
            + (await mine.GetAsync($"/v1/webhook_endpoints/{endpoint.Id}")).Body + (await mine.GetAsync($"/v1/test_helpers/events/{made.Id}/deliveries")).Body;
    }

    [EngineFact]
    public async Task Keys_that_differ_in_one_letters_case_are_two_merchants()
    {
        var (lower, upper) = (fixture.Simulator.MerchantWith("sk_test_case_a"), fixture.Simulator.MerchantWith("sk_test_case_A"));

        var charge = (await lower.ChargeAsync()).ShouldBe(200);

        (await upper.GetAsync($"/v1/charges/{charge.Id}")).ShouldBe(404);
    }

    [EngineFact]
    public async Task A_new_keys_first_requests_at_once_open_one_merchant()
    {
        var merchant = fixture.Simulator.NewMerchant();

        var charges = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => merchant.ChargeAsync()));

        (await merchant.IdsAsync("/v1/charges")).Order().ShouldBe(charges.Select(charge => charge.ShouldBe(200).Id).Order());
    }
}
