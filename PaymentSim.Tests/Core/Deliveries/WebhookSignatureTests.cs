using System.Text;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Tests.Core.Deliveries;

public sealed class WebhookSignatureTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string OtherSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const long Timestamp = 1614265330;
    private const string Body = """{"test": 2432232314}""";

    // Published with the Standard Webhooks specification; the second secret's answers were computed with Python's hmac module.
    private const string Standard = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private const string Stripe = "2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964";
    private const string OtherStandard = "v1,78nXHjpFP0tVJQW5D0SBwmVyyW87BV/rL6MgfM/Bw44=";
    private const string OtherStripe = "95d993ff26ccd698cc4b6d4f2349bddca4f491f3067821823cd5b804f3aef1b6";

    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes(Body);

    [Fact]
    public void The_Standard_Webhooks_signature_is_the_published_one() =>
        WebhookSignature.StandardWebhooks([Secret], Id, Timestamp, Bytes).ShouldBe(Standard);

    [Fact]
    public void The_Stripe_signature_is_the_known_one() =>
        WebhookSignature.Stripe([Secret], Timestamp, Bytes).ShouldBe($"t=1614265330,v1={Stripe}");

    [Fact]
    public void Two_secrets_give_two_signatures_in_their_order()
    {
        WebhookSignature.StandardWebhooks([Secret, OtherSecret], Id, Timestamp, Bytes).ShouldBe($"{Standard} {OtherStandard}");
        WebhookSignature.Stripe([OtherSecret, Secret], Timestamp, Bytes).ShouldBe($"t=1614265330,v1={OtherStripe},v1={Stripe}");
    }

    [Fact]
    public void A_signature_is_over_the_bytes_though_they_are_no_text() =>
        WebhookSignature.Stripe([Secret], Timestamp, [0xFF, 0xFE]).ShouldNotBe(WebhookSignature.Stripe([Secret], Timestamp, [0xFF, 0xFD]));

    [Theory]
    [InlineData(Secret)]
    [InlineData(OtherSecret)]
    public void Stripes_own_library_accepts_the_header_for_either_active_secret(string receivers)
    {
        var header = WebhookSignature.Stripe([Secret, OtherSecret], Timestamp, Bytes);

        global::Stripe.EventUtility.ValidateSignature(Body, header, receivers, tolerance: 300, utcNow: Timestamp + 299);
    }

    [Theory]
    [InlineData("""{"test": 2432232315}""", Secret, 0, "The expected signature was not found")]
    [InlineData(Body, "whsec_wrong", 0, "The expected signature was not found")]
    [InlineData(Body, Secret, 301, "tolerance")]
    public void Stripes_own_library_refuses_another_body_another_secret_and_an_old_time(string body, string secret, long age, string reason)
    {
        var header = WebhookSignature.Stripe([Secret], Timestamp, Bytes);

        Should.Throw<global::Stripe.StripeException>(() => global::Stripe.EventUtility.ValidateSignature(body, header, secret, 300, Timestamp + age))
            .Message.ShouldContain(reason);
    }

    [Fact]
    public void A_webhook_carries_both_families_over_the_same_time()
    {
        var webhook = SignedWebhook.Sign("http://x/", Id, Bytes, [Secret], DateTimeOffset.FromUnixTimeSeconds(Timestamp));

        webhook.Body.ShouldBe(Bytes);
        webhook.Headers.ShouldBe(
            new Dictionary<string, string>
            {
                ["Content-Type"] = "application/json; charset=utf-8",
                ["User-Agent"] = "PaymentSim/1.0 (webhooks)",
                ["Stripe-Signature"] = $"t=1614265330,v1={Stripe}",
                ["webhook-id"] = Id,
                ["webhook-timestamp"] = "1614265330",
                ["webhook-signature"] = Standard,
            },
            ignoreOrder: true);
    }

    [Fact]
    public void A_secret_whose_key_is_not_base64_is_refused_rather_than_signed_wrongly() =>
        Should.Throw<FormatException>(() => WebhookSignature.StandardWebhooks(["whsec_not base64!"], Id, Timestamp, Bytes));
}
