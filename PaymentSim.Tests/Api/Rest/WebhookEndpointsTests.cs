using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class WebhookEndpointsTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task An_endpoint_is_made_read_changed_listed_and_deleted()
    {
        var made = (await _merchant.PostAsync(
            "/v1/webhook_endpoints", ("url", "http://127.0.0.1/a"), ("enabled_events[]", "charge.succeeded"), ("description", "mine"), ("metadata[a]", "1"))).ShouldBe(200);
        made.Text("object").ShouldBe("webhook_endpoint");
        made.Text("status").ShouldBe("enabled");
        made.Text("api_version").ShouldBeNull();
        Convert.FromBase64String(made.Text("secret")!["whsec_".Length..]).Length.ShouldBe(32);

        var changed = (await _merchant.PostAsync(
            $"/v1/webhook_endpoints/{made.Id}", ("url", "http://127.0.0.1/b"), ("enabled_events[]", "*"), ("description", ""), ("metadata[b]", "2"), ("disabled", "true"))).ShouldBe(200);
        changed.Text("url").ShouldBe("http://127.0.0.1/b");
        changed.Text("status").ShouldBe("disabled");
        changed.Text("description").ShouldBeNull();
        changed.Json.GetProperty("enabled_events").GetRawText().ShouldBe("""["*"]""");
        changed.Json.GetProperty("metadata").GetRawText().ShouldBe("""{"a":"1","b":"2"}""");
        changed.Json.TryGetProperty("secret", out _).ShouldBeFalse();

        (await _merchant.GetAsync($"/v1/webhook_endpoints/{made.Id}")).ShouldBe(200).Body.ShouldBe(changed.Body);
        (await _merchant.GetAsync("/v1/webhook_endpoints")).Data.ShouldHaveSingleItem().GetRawText().ShouldBe(changed.Body);

        (await _merchant.DeleteAsync($"/v1/webhook_endpoints/{made.Id}")).ShouldBe(200).Body
            .ShouldBe($$"""{"id":"{{made.Id}}","object":"webhook_endpoint","deleted":true}""");
        (await _merchant.GetAsync($"/v1/webhook_endpoints/{made.Id}")).ShouldBe(404);
        (await _merchant.DeleteAsync($"/v1/webhook_endpoints/{made.Id}")).ShouldBe(404);
        (await _merchant.IdsAsync("/v1/webhook_endpoints")).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task What_an_update_does_not_name_stays()
    {
        var made = (await _merchant.PostAsync(
            "/v1/webhook_endpoints", ("url", "http://127.0.0.1/a"), ("enabled_events[]", "charge.succeeded"), ("description", "mine"), ("api_version", "2024-06-20"))).ShouldBe(200);

        var same = (await _merchant.SendAsync(HttpMethod.Post, $"/v1/webhook_endpoints/{made.Id}")).ShouldBe(200);

        same.Text("api_version").ShouldBe("2024-06-20");
        same.Body.ShouldBe((await _merchant.GetAsync($"/v1/webhook_endpoints/{made.Id}")).Body);
        made.Body.ShouldContain(same.Body[..20]);
        same.Text("description").ShouldBe("mine");
        same.Text("url").ShouldBe("http://127.0.0.1/a");
    }

    [EngineFact]
    public async Task Events_named_twice_are_one_and_secrets_are_all_different()
    {
        var first = (await _merchant.PostAsync(
            "/v1/webhook_endpoints", ("url", "http://127.0.0.1/"), ("enabled_events[0]", "charge.failed"), ("enabled_events[1]", "charge.failed"))).ShouldBe(200);
        var second = await _merchant.AddEndpointAsync("http://127.0.0.1/2");

        first.Json.GetProperty("enabled_events").GetRawText().ShouldBe("""["charge.failed"]""");
        second.Secret.ShouldNotBe(first.Text("secret"));
    }
}
