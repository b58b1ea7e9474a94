using System.Text.Json;
using PaymentSim.Core;
using PaymentSim.Core.Events;

namespace PaymentSim.Tests.Core.Events;

public sealed class EventTests
{
    private const string Version = "2025-03-31.basil";

    [Fact]
    public void For_its_own_version_the_payload_is_sent_as_it_was_recorded() => Recorded("x").PayloadFor(Version).ShouldBe(Recorded("x").Payload);

    // The description repeats the member to the letter, once as a string's content and once as a member of an object.
    [Theory]
    [InlineData("2019-05-16")]
    [InlineData("2025-09-30.clover")]
    [InlineData("a \"quoted\" version")]
    [InlineData("")]
    public void For_another_version_only_the_heads_version_changes_though_the_object_has_the_same_text(string version)
    {
        var stored = Recorded($"\"api_version\":\"{Version}\"");

        var payload = stored.PayloadFor(version);

        var (before, after) = (JsonDocument.Parse(stored.Payload).RootElement, JsonDocument.Parse(payload).RootElement);
        after.GetProperty("api_version").GetString().ShouldBe(version);
        before.EnumerateObject().Select(member => member.Name).ShouldBe(after.EnumerateObject().Select(member => member.Name));
        foreach (var member in before.EnumerateObject().Where(member => member.Name != "api_version"))
            after.GetProperty(member.Name).GetRawText().ShouldBe(member.Value.GetRawText());
        after.GetProperty("data").GetProperty("object").GetProperty("api_version").GetString().ShouldBe(Version);
    }

    private static Event Recorded(string description) => new()
    {
        Id = "evt_1",
        MerchantId = "acct_1",
        Type = "charge.updated",
        ObjectId = "ch_1",
        ApiVersion = Version,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Payload = JsonSerializer.Serialize(
            new EventObject
            {
                Id = "evt_1",
                ApiVersion = Version,
                Created = 0,
                Data = new EventData { Object = JsonSerializer.SerializeToElement(new { api_version = Version, description }, CoreJson.Options) },
                PendingWebhooks = 1,
                Request = new EventRequest("req_1", $"\"api_version\":\"{Version}\""),
                Type = "charge.updated",
            },
            CoreJson.Options),
    };
}
