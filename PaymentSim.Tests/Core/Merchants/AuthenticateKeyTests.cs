using PaymentSim.Core;
using PaymentSim.Core.Merchants;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Merchants;

public sealed class AuthenticateKeyTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private CoreHost _core;

    public AuthenticateKeyTests() => _core = new CoreHost(_folder);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task In_a_sandbox_a_new_key_opens_a_merchant_of_its_own_for_good()
    {
        var first = await _core.SendAsync(new AuthenticateKey("sk_test_a", Access.Sandbox));
        var second = await _core.SendAsync(new AuthenticateKey("sk_test_b", Access.Sandbox));
        first.ShouldStartWith("acct_");
        second.ShouldNotBe(first);
        (await _core.SendAsync(new AuthenticateKey("sk_test_a", Access.Sandbox))).ShouldBe(first);

        _core.Dispose();
        _core = new CoreHost(_folder);

        (await _core.SendAsync(new AuthenticateKey("sk_test_a", Access.Sandbox))).ShouldBe(first);
    }

    [EngineFact]
    public async Task Sixteen_first_requests_at_once_open_one_merchant()
    {
        var merchants = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => _core.SendAsync(new AuthenticateKey("sk_test_a", Access.Sandbox)))));

        merchants.Distinct().Count().ShouldBe(1);
        (await _core.CountAsync("merchants"), await _core.CountAsync("api_keys")).ShouldBe((1, 1));
    }

    [EngineFact]
    public async Task Outside_a_sandbox_only_keys_that_were_made_on_purpose_count()
    {
        var made = await _core.SendAsync(new CreateApiKey("Shop"));
        await _core.SendAsync(new AuthenticateKey("sk_test_played", Access.Sandbox));

        (await _core.SendAsync(new AuthenticateKey(made.Key, Access.Keys))).ShouldBe(made.MerchantId);
        (await _core.TryAsync(new AuthenticateKey("sk_test_played", Access.Keys))).Refused?.Kind.ShouldBe(ProblemKind.Unauthorized);
        (await _core.TryAsync(new AuthenticateKey("sk_test_unknown", Access.Keys))).Refused?.Kind.ShouldBe(ProblemKind.Unauthorized);
        (await _core.CountAsync("merchants")).ShouldBe(2);
    }

    [EngineTheory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("hunter2-hunter2-hunter2")]
    [InlineData("sk_live_abcdefghijklmnop")]
    public async Task What_is_no_key_is_refused_and_not_repeated(string? key)
    {
        var refused = (await _core.TryAsync(new AuthenticateKey(key, Access.Sandbox))).Refused.ShouldNotBeNull();

        refused.Kind.ShouldBe(ProblemKind.Unauthorized);
        if (!string.IsNullOrEmpty(key)) refused.Message.ShouldNotContain(key);
        (await _core.CountAsync("merchants")).ShouldBe(0);
    }
}
