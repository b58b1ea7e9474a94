using PaymentSim.Core.Webhooks;

namespace PaymentSim.Tests.Core.Webhooks;

public sealed class EventFilterTests
{
    [Theory]
    [InlineData("*", "charge.succeeded", true)]
    [InlineData("charge.succeeded", "charge.succeeded", true)]
    [InlineData("charge.succeeded", "charge.failed", false)]
    [InlineData("charge.*", "charge.succeeded", true)]
    [InlineData("charge.*", "charge.dispute.created", true)]
    [InlineData("charge.*", "charges.succeeded", false)]
    [InlineData("charge.*", "charge", false)]
    [InlineData("charge.*", "payment_intent.succeeded", false)]
    [InlineData("charge.dispute.*", "charge.dispute.created", true)]
    [InlineData("charge.dispute.*", "charge.disputes.created", false)]
    [InlineData("charge.dispute.*", "charge.succeeded", false)]
    [InlineData("payment_intent.*", "payment_intent.succeeded", true)]
    [InlineData("payment_intent.*", "payment_intents.succeeded", false)]
    [InlineData("payout.paid charge.* refund.failed", "refund.failed", true)]
    [InlineData("payout.paid charge.* refund.failed", "charge.refund.updated", true)]
    [InlineData("payout.paid charge.* refund.failed", "refund.created", false)]
    [InlineData("", "charge.succeeded", false)]
    public void It_goes_by_whole_parts_of_the_name(string wanted, string type, bool taken) =>
        new EventFilter(wanted.Split(' ')).Takes(type).ShouldBe(taken);

    [Fact]
    public void An_endpoint_whose_events_are_changed_goes_by_the_new_ones()
    {
        var endpoint = new WebhookEndpoint
        {
            Id = "we_1", MerchantId = "acct_1", Url = "http://127.0.0.1/", EnabledEvents = ["charge.*"], Status = WebhookEndpointStatus.Enabled,
            ApiVersion = "2026-10-28.endive", PinnedVersion = false, Metadata = new Dictionary<string, string>(), Secret = "", CreatedAt = default,
        };
        endpoint.Wants("charge.failed").ShouldBeTrue();

        var changed = endpoint with { EnabledEvents = ["payout.*"] };

        (changed.Wants("charge.failed"), changed.Wants("payout.paid")).ShouldBe((false, true));
        (endpoint with { Url = "http://127.0.0.1/2" }).Wants("charge.failed").ShouldBeTrue();
    }
}
