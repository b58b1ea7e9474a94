using System.Net.Http.Headers;
using System.Text;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class AuthenticationTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private const string None = "No API key was given. Send one as 'Authorization: Bearer sk_test_…', or as the user name of HTTP Basic authentication.";

    /// <summary>Values of the Authorization header that hold no key, or a wrong one.</summary>
    public static TheoryData<string?> Garbage =>
    [
        null, "", " ", "Bearer", "Bearer ", "Basic", "Basic ", "Basic !!!", "Basic ====", "Basic " + Base64(":"), "Basic /w==",
        "Basic " + Base64("sk_live_123:"), "Basic " + Base64("sk_test_a\n:"), "Basic " + Base64("sk_test_\0:"), "Bearer sk_live_123", "Bearer pk_test_123",
        "Bearer sk_test_", "Bearer sk_test_a b", "Bearer sk_test_" + new string('a', 5000), "Digest username=\"sk_test_x\"", "sk_test_x",
        "Bearer: sk_test_x", "Bearer Bearer sk_test_x", "Bearer sk_test_ä", ", , ,", "Negotiate " + new string('A', 4000),
    ];

    [EngineTheory]
    [MemberData(nameof(Garbage))]
    public async Task Without_a_valid_key_every_request_is_refused(string? authorization)
    {
        foreach (var (method, path) in new[] { ("GET", "/v1/charges"), ("POST", "/v1/charges"), ("DELETE", "/v1/webhook_endpoints/we_1"), ("GET", "/v1/no_such_url") })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
            using var response = await fixture.Simulator.Http.SendAsync(request);
            response.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer realm=\"PaymentSim\"");
            var answer = (await ApiAnswer.ReadAsync(response)).ShouldBeError(401, "invalid_request_error");
            answer.Header("Request-Id")!.ShouldStartWith("req_");
            answer.Body.ShouldNotContain("sk_live_123");
            answer.Body.Length.ShouldBeLessThan(400);
        }
    }

    [EngineFact]
    public async Task A_missing_key_is_named_as_the_fault()
    {
        using var response = await fixture.Simulator.Http.GetAsync("/v1/charges");

        (await ApiAnswer.ReadAsync(response)).ShouldBeError(401, "invalid_request_error", message: None);
    }

    [EngineFact]
    public async Task Bearer_and_basic_authentication_with_one_key_are_the_same_merchant()
    {
        var merchant = fixture.Simulator.NewMerchant();
        var charge = (await merchant.ChargeAsync()).ShouldBe(200);

        foreach (var credentials in new[]
                 {
                     new AuthenticationHeaderValue("Basic", Base64(merchant.Key + ":")), new AuthenticationHeaderValue("Basic", Base64(merchant.Key)),
                     new AuthenticationHeaderValue("Basic", Base64(merchant.Key + ":a:b")), new AuthenticationHeaderValue("bearer", merchant.Key),
                     new AuthenticationHeaderValue("BASIC", Base64(merchant.Key + ":")),
                 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/charges/{charge.Id}") { Headers = { Authorization = credentials } };
            using var response = await fixture.Simulator.Http.SendAsync(request);
            (await ApiAnswer.ReadAsync(response)).ShouldBe(200).Id.ShouldBe(charge.Id);
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
