using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PaymentSim.Api.Cli.Check;
using PaymentSim.Core;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Cli;

/// <summary>The check's events beside those that the simulator sends: a handler cannot tell them apart.</summary>
public sealed class SampleEventsTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private const string ApiVersion = "2026-10-28.endive";

    private static readonly SampleEvents Samples = new(new Ids(TimeProvider.System, new Randomness(1)), TimeProvider.System, ApiVersion, given: null);

    [EngineTheory]
    [InlineData("charge.succeeded")]
    [InlineData("charge.failed")]
    [InlineData("charge.pending")]
    [InlineData("charge.refunded")]
    [InlineData("refund.created")]
    [InlineData("payment_intent.created")]
    [InlineData("payment_intent.succeeded")]
    [InlineData("payment_intent.payment_failed")]
    public async Task An_event_of_the_check_has_the_members_of_a_real_one(string type)
    {
        var merchant = fixture.Simulator.NewMerchant();
        await using var receiver = await Receiver.StartAsync();
        await merchant.AddEndpointAsync(receiver.Url, type);
        await HappenAsync(merchant, type);
        var real = JsonNode.Parse((await receiver.WaitForAsync(1))[0].Text)!.AsObject();

        var sample = Parse(Samples.New(type));

        ShouldBeAlike(sample, real, "");
        sample["data"]!["object"]!["status"]!.ToJsonString().ShouldBe(real["data"]!["object"]!["status"]!.ToJsonString());
    }

    [Fact]
    public void Other_types_have_an_object_with_little_but_an_id()
    {
        var dispute = Parse(Samples.New("charge.dispute.created"));
        var invoice = Parse(Samples.New("invoice.paid", "in_1", DateTimeOffset.FromUnixTimeSeconds(7)));

        ((string?)dispute["data"]!["object"]!["object"]).ShouldBe("dispute");
        ((string?)invoice["data"]!["object"]!["object"]).ShouldBe("invoice");
        ((string?)invoice["data"]!["object"]!["id"]).ShouldBe("in_1");
        ((long)invoice["created"]!).ShouldBe(7);
    }

    [Fact]
    public void Each_event_is_another_one()
    {
        var made = Enumerable.Range(0, 20).Select(_ => Samples.New("charge.succeeded")).ToList();

        made.Select(sample => sample.Id).Distinct().Count().ShouldBe(20);
        made.Select(sample => sample.ObjectId).Distinct().Count().ShouldBe(20);
    }

    private static async Task HappenAsync(Merchant merchant, string type)
    {
        switch (type)
        {
            case "charge.failed":
                await merchant.ChargeAsync("tok_chargeDeclined");
                break;
            case "charge.pending":
                await merchant.ChargeAsync("btok_us_verified");
                break;
            case "charge.refunded" or "refund.created":
                var charge = (await merchant.ChargeAsync()).ShouldBe(200);
                (await merchant.PostAsync("/v1/refunds", ("charge", charge.Id))).ShouldBe(200);
                break;
            case "payment_intent.payment_failed":
                await PayAsync("pm_card_visa_chargeDeclined");
                break;
            case "payment_intent.created":
                (await merchant.PostAsync("/v1/payment_intents", ("amount", "2000"), ("currency", "usd"), ("payment_method_types[]", "card"))).ShouldBe(200);
                break;
            case "payment_intent.succeeded":
                await PayAsync("pm_card_visa");
                break;
            default:
                await merchant.ChargeAsync();
                break;
        }

        Task PayAsync(string method) => merchant.PostAsync(
            "/v1/payment_intents", ("amount", "2000"), ("currency", "usd"), ("payment_method", method), ("confirm", "true"), ("payment_method_types[]", "card"));
    }

    private static JsonObject Parse(SampleEvent sample) => JsonNode.Parse(Encoding.UTF8.GetString(sample.Body))!.AsObject();

    /// <summary>The same members in the same order, with values of the same kind or null.</summary>
    private static void ShouldBeAlike(JsonObject sample, JsonObject real, string path)
    {
        sample.Select(member => member.Key).ShouldBe(real.Select(member => member.Key), path);
        foreach (var (name, value) in sample)
        {
            var (mine, theirs) = (Kind(value), Kind(real[name]));
            if (mine == JsonValueKind.Null || theirs == JsonValueKind.Null) continue;
            mine.ShouldBe(theirs, $"{path}.{name}");
            if (value is JsonObject part && name != "metadata") ShouldBeAlike(part, real[name]!.AsObject(), $"{path}.{name}");
        }
    }

    private static JsonValueKind Kind(JsonNode? value) => value?.GetValueKind() switch
    {
        null => JsonValueKind.Null,
        JsonValueKind.False => JsonValueKind.True,
        var kind => kind.Value,
    };
}
