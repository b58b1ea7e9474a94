using System.Text.Json;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Merchants;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary>Setting, showing and removing an endpoint's plan of faults.</summary>
public sealed class EndpointFaultsTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task A_plan_is_set_by_a_form_or_by_JSON_shown_and_removed()
    {
        var path = await PathAsync();

        var none = (await _merchant.GetAsync(path)).ShouldBe(200);
        none.Body.ShouldBe($$"""{"object":"test_helpers.webhook_faults","webhook_endpoint":"{{path.Split('/')[^2]}}","seed":null,"created":null,"deliveries":0,"faults":[]}""");

        var set = (await _merchant.PostAsync(
            path, ("faults[0][kind]", "duplicate"), ("faults[0][probability]", "0.5"), ("faults[1][kind]", "stale_timestamp"), ("faults[1][next]", "3"), ("seed", "-7"))).ShouldBe(200);
        set.Number("seed").ShouldBe(-7);
        set.Number("created").ShouldBeGreaterThan(0);
        set.Json.GetProperty("faults").GetRawText().ShouldBe(
            """
            [{"kind":"duplicate","probability":0.5,"next":null,"left":null,"attempts":1,"delay":null,"age":null,"played":0},
            {"kind":"stale_timestamp","probability":null,"next":3,"left":3,"attempts":1,"delay":null,"age":600,"played":0}]
            """.ReplaceLineEndings(""));
        (await _merchant.GetAsync(path)).Body.ShouldBe(set.Body);

        var other = (await _merchant.PostJsonAsync(path, new { faults = new object[] { new { kind = "reorder", probability = 1 }, new { kind = "drop", next = 2, attempts = 3 } } })).ShouldBe(200);
        other.Json.GetProperty("faults").EnumerateArray().Select(fault => fault.GetProperty("kind").GetString()).ShouldBe(["reorder", "drop"]);
        other.Number("faults.0.delay").ShouldBe(10_000);
        other.Number("faults.1.attempts").ShouldBe(3);
        other.Number("seed").ShouldBeGreaterThanOrEqualTo(0);
        (await _merchant.GetAsync(path)).Body.ShouldBe(other.Body);

        var gone = (await _merchant.DeleteAsync(path)).ShouldBe(200);
        gone.Body.ShouldBe($$"""{"id":"{{path.Split('/')[^2]}}","object":"test_helpers.webhook_faults","deleted":true}""");
        (await _merchant.GetAsync(path)).Body.ShouldBe(none.Body);
    }

    [EngineTheory]
    [InlineData("""{}""", "faults", "parameter_missing")]
    [InlineData("""{"faults":[]}""", "faults", "parameter_missing")]
    [InlineData("""{"faults":[{"kind":"drop","next":1},{"next":1}]}""", "faults[1][kind]", "parameter_missing")]
    [InlineData("""{"faults":[{"kind":"explode","next":1}]}""", "faults[0][kind]")]
    [InlineData("""{"faults":[{"kind":"drop","next":1},{"kind":"drop","probability":0.1}]}""", "faults[1][kind]")]
    [InlineData("""{"faults":[{"kind":"drop"}]}""", "faults[0][probability]", "parameter_missing")]
    [InlineData("""{"faults":[{"kind":"drop","next":1},{"kind":"reset","probability":1.01}]}""", "faults[1][probability]")]
    [InlineData("""{"faults":[{"kind":"drop","probability":-0.1}]}""", "faults[0][probability]")]
    [InlineData("""{"faults":[{"kind":"drop","probability":"often"}]}""", "faults[0][probability]")]
    [InlineData("""{"faults":[{"kind":"drop","probability":"NaN"}]}""", "faults[0][probability]")]
    [InlineData("""{"faults":[{"kind":"drop","probability":1e999}]}""", "faults[0][probability]")]
    [InlineData("""{"faults":[{"kind":"drop","probability":true}]}""", "faults[0][probability]")]
    [InlineData("""{"faults":[{"kind":"drop","probability":0.5,"next":1}]}""", "faults[0][next]")]
    [InlineData("""{"faults":[{"kind":"drop","next":0}]}""", "faults[0][next]")]
    [InlineData("""{"faults":[{"kind":"drop","next":1.5}]}""", "faults[0][next]", "parameter_invalid_integer")]
    [InlineData("""{"faults":[{"kind":"drop","next":1,"attempts":0}]}""", "faults[0][attempts]")]
    [InlineData("""{"faults":[{"kind":"drop","next":1,"attempts":101}]}""", "faults[0][attempts]")]
    [InlineData("""{"faults":[{"kind":"delay","next":1,"delay":10,"attempts":2}]}""", "faults[0][attempts]")]
    [InlineData("""{"faults":[{"kind":"delay","next":1}]}""", "faults[0][delay]", "parameter_missing")]
    [InlineData("""{"faults":[{"kind":"delay","next":1,"delay":60001}]}""", "faults[0][delay]")]
    [InlineData("""{"faults":[{"kind":"reorder","next":1,"delay":0}]}""", "faults[0][delay]")]
    [InlineData("""{"faults":[{"kind":"duplicate","next":1,"delay":10001}]}""", "faults[0][delay]")]
    [InlineData("""{"faults":[{"kind":"drop","next":1,"delay":1}]}""", "faults[0][delay]")]
    [InlineData("""{"faults":[{"kind":"stale_timestamp","next":1,"age":0}]}""", "faults[0][age]")]
    [InlineData("""{"faults":[{"kind":"drop","next":1,"age":1}]}""", "faults[0][age]")]
    [InlineData("""{"faults":[{"kind":"drop","next":1,"colour":"red"}]}""", "faults[0][colour]", "parameter_unknown")]
    [InlineData("""{"faults":[{"kind":"drop","next":1}],"seed":"abc"}""", "seed", "parameter_invalid_integer")]
    [InlineData("""{"faults":[{"kind":"drop","next":1}],"merchant_id":"acct_1"}""", "merchant_id", "parameter_unknown")]
    public async Task A_plan_that_makes_no_sense_is_refused_by_the_parameters_name(string body, string param, string? code = null)
    {
        var path = await PathAsync();

        (await _merchant.PostJsonAsync(path, body)).ShouldBeError(400, "invalid_request_error", code, param);
        (await _merchant.GetAsync(path)).Json.GetProperty("faults").GetArrayLength().ShouldBe(0);
    }

    [EngineFact]
    public async Task Another_merchants_endpoint_is_not_found()
    {
        var path = await PathAsync();
        var stranger = fixture.Simulator.NewMerchant();

        (await stranger.GetAsync(path)).ShouldBeError(404, "invalid_request_error", "resource_missing", "id");
        (await stranger.PostAsync(path, ("faults[0][kind]", "drop"), ("faults[0][next]", "1"))).ShouldBeError(404, "invalid_request_error", "resource_missing", "id");
        (await stranger.DeleteAsync(path)).ShouldBeError(404, "invalid_request_error", "resource_missing", "id");
    }

    [EngineFact]
    public async Task Operators_reach_the_endpoints_of_any_merchant()
    {
        var path = await PathAsync();
        var endpoint = path.Split('/')[^2];
        await using var scope = fixture.Simulator.Services.CreateAsyncScope();
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        var merchant = await mediator.Send(new AuthenticateKey(_merchant.Key, Access.Sandbox));

        await mediator.Send(SetEndpointFaults.Of(merchant, endpoint) with { Faults = [new FaultParameters { Kind = "drop", Next = 2 }] });
        var shown = await mediator.Send(GetEndpointFaults.Of(merchant, endpoint));

        JsonSerializer.Serialize(shown.Faults, PaymentSim.Core.CoreJson.Options).ShouldBe((await _merchant.GetAsync(path)).Json.GetProperty("faults").GetRawText());
        await mediator.Send(ClearEndpointFaults.Of(merchant, endpoint));
        (await _merchant.GetAsync(path)).Json.GetProperty("faults").GetArrayLength().ShouldBe(0);
    }

    /// <summary>Of a new endpoint's faults.</summary>
    private async Task<string> PathAsync() => $"/v1/test_helpers/webhook_endpoints/{(await _merchant.AddEndpointAsync("http://127.0.0.1:9/hooks")).Id}/faults";
}
