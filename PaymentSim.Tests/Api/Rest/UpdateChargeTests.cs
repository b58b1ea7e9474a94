using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class UpdateChargeTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task Given_values_are_set_empty_ones_unset_and_the_rest_stays()
    {
        var charge = (await _merchant.PostAsync(
            "/v1/charges", ("amount", "2000"), ("currency", "usd"), ("source", "tok_visa"), ("description", "old"), ("transfer_group", "g"),
            ("metadata[a]", "1"), ("metadata[b]", "2"), ("metadata[c]", "3"))).ShouldBe(200);

        var updated = (await _merchant.PostAsync(
            $"/v1/charges/{charge.Id}", ("description", "new"), ("metadata[a]", ""), ("metadata[b]", "two"), ("metadata[d]", "4"), ("metadata[never]", ""))).ShouldBe(200);

        updated.Text("description").ShouldBe("new");
        updated.Text("transfer_group").ShouldBe("g");
        Metadata(updated).ShouldBe("b=two c=3 d=4");
        (await _merchant.GetAsync($"/v1/charges/{charge.Id}")).Body.ShouldBe(updated.Body);

        var unset = (await _merchant.PostAsync($"/v1/charges/{charge.Id}", ("description", ""), ("metadata", ""))).ShouldBe(200);
        unset.Text("description").ShouldBeNull();
        Metadata(unset).ShouldBe("");
    }

    [EngineFact]
    public async Task Json_null_unsets_as_the_empty_string_does()
    {
        var charge = (await _merchant.PostJsonAsync(
            "/v1/charges", new { amount = 2000, currency = "usd", source = "tok_visa", description = "x", metadata = new { a = "1", b = "2" } })).ShouldBe(200);

        var updated = (await _merchant.PostJsonAsync($"/v1/charges/{charge.Id}", """{"description":null,"metadata":{"a":null}}""")).ShouldBe(200);

        updated.Text("description").ShouldBeNull();
        Metadata(updated).ShouldBe("b=2");
        Metadata((await _merchant.PostJsonAsync($"/v1/charges/{charge.Id}", """{"metadata":null}""")).ShouldBe(200)).ShouldBe("");
    }

    [EngineFact]
    public async Task An_update_is_an_event_that_holds_what_was_before()
    {
        var charge = (await _merchant.PostAsync(
            "/v1/charges", ("amount", "2000"), ("currency", "usd"), ("source", "tok_visa"), ("metadata[a]", "1"), ("metadata[b]", "2"))).ShouldBe(200);

        (await _merchant.PostAsync($"/v1/charges/{charge.Id}", ("description", "new"), ("metadata[a]", "one"), ("metadata[c]", "3"))).ShouldBe(200);

        var updated = await _merchant.EventAsync("charge.updated");
        updated.Text("data.object.description").ShouldBe("new");
        updated.Json.At("data.previous_attributes").GetRawText().ShouldBe("""{"description":null,"metadata":{"a":"1","c":null}}""");
    }

    [EngineFact]
    public async Task An_update_that_changes_nothing_is_no_event()
    {
        var charge = (await _merchant.PostAsync("/v1/charges", ("amount", "2000"), ("currency", "usd"), ("source", "tok_visa"), ("description", "x"))).ShouldBe(200);

        (await _merchant.PostAsync($"/v1/charges/{charge.Id}", ("description", "x"), ("metadata[a]", ""))).ShouldBe(200).Body.ShouldBe(charge.Body);

        (await _merchant.IdsAsync("/v1/events?type=charge.updated")).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task Updates_at_the_same_time_are_all_kept()
    {
        var charge = (await _merchant.ChargeAsync()).ShouldBe(200);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => (await _merchant.PostAsync($"/v1/charges/{charge.Id}", ($"metadata[k{i:00}]", $"{i}"))).ShouldBe(200)));

        Metadata(await _merchant.GetAsync($"/v1/charges/{charge.Id}")).ShouldBe(string.Join(' ', Enumerable.Range(0, 20).Select(i => $"k{i:00}={i}")));
    }

    [EngineTheory]
    [InlineData("amount", "1")]
    [InlineData("currency", "eur")]
    [InlineData("source", "tok_visa")]
    [InlineData("status", "failed")]
    public async Task What_cannot_be_changed_is_refused(string name, string value)
    {
        var charge = (await _merchant.ChargeAsync()).ShouldBe(200);

        (await _merchant.PostAsync($"/v1/charges/{charge.Id}", (name, value))).ShouldBeError(400, "invalid_request_error", "parameter_unknown", name);
        (await _merchant.GetAsync($"/v1/charges/{charge.Id}")).Body.ShouldBe(charge.Body);
    }

    private static string Metadata(ApiAnswer charge) =>
        string.Join(' ', charge.Json.GetProperty("metadata").EnumerateObject().OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value}"));
}
