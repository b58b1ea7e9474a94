using PaymentSim.Api.Hosting;
using PaymentSim.Tests.Support;
using Simulator = PaymentSim.Tests.Support.Simulator;

namespace PaymentSim.Tests.Api.Hosting;

public sealed class AccessTests
{
    [EngineTheory]
    [InlineData("http://localhost:5080", "sandbox")]
    [InlineData("http://LOCALHOST:5080", "sandbox")]
    [InlineData("http://127.0.0.1:5080", "sandbox")]
    [InlineData("http://127.0.0.9:5080", "sandbox")]
    [InlineData("https://[::1]:5080", "sandbox")]
    [InlineData("http://127.0.0.1:5080 http://[::1]:5080 http://localhost:1", "sandbox")]
    [InlineData("http://unix:/run/paymentsim.sock", "sandbox")]
    [InlineData("", "keys")]
    [InlineData("http://0.0.0.0:5080", "keys")]
    [InlineData("http://[::]:5080", "keys")]
    [InlineData("http://*:5080", "keys")]
    [InlineData("http://+:5080", "keys")]
    [InlineData("http://192.168.1.5:5080", "keys")]
    [InlineData("http://10.0.0.1:5080", "keys")]
    [InlineData("http://[fe80::1]:5080", "keys")]
    [InlineData("http://example.com:5080", "keys")]
    [InlineData("http://localhost.example.com:5080", "keys")]
    [InlineData("http://127.0.0.1.example.com:5080", "keys")]
    [InlineData("http://127.0.0.1:5080 http://0.0.0.0:5081", "keys")]
    public void Only_who_can_reach_the_server_decides_whose_keys_are_accepted(string addresses, string expected) =>
        AccessPolicy.Decide(addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToString().ToLowerInvariant().ShouldBe(expected);

    [EngineTheory]
    [InlineData("Development", "127.0.0.1", 200)]
    [InlineData("Production", "127.0.0.1", 200)]
    [InlineData("Staging", "127.0.0.1", 200)]
    [InlineData("Development", "0.0.0.0", 401)]
    [InlineData("Production", "0.0.0.0", 401)]
    [InlineData("Development", "[::]", 401)]
    public async Task The_environments_name_plays_no_part(string environment, string host, int status)
    {
        await using var simulator = await Simulator.StartAsync($"--environment={environment}", $"--urls=http://{host}:0");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{new Uri(simulator.Url.Replace("[::]", "127.0.0.1")).Port}") };

        (await new Merchant("sk_test_anyone", http).GetAsync("/v1/charges")).ShouldBe(status);
    }

    [EngineFact]
    public async Task The_setting_is_stronger_than_the_address()
    {
        await using var closed = await Simulator.StartAsync("--PaymentSim:Access=keys");
        await using var open = await Simulator.StartAsync("--PaymentSim:Access=Sandbox", "--urls=http://0.0.0.0:0");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{new Uri(open.Url).Port}") };

        (await closed.NewMerchant().GetAsync("/v1/charges")).ShouldBeError(401, "invalid_request_error");
        (await new Merchant("sk_test_anyone", http).ChargeAsync()).ShouldBe(200);
    }

    [EngineFact]
    public async Task A_key_that_only_a_sandbox_accepted_does_not_count_where_keys_are_made_on_purpose()
    {
        using var folder = new TempFolder();
        await using (var sandbox = await Simulator.StartAsync(folder)) (await sandbox.MerchantWith("sk_test_guessed").ChargeAsync()).ShouldBe(200);

        await using var closed = await Simulator.StartAsync(folder, "--PaymentSim:Access=keys");

        (await closed.MerchantWith("sk_test_guessed").GetAsync("/v1/charges")).ShouldBeError(401, "invalid_request_error")
            .Text("error.message")!.ShouldContain("keys create");
        (await closed.MerchantWith("sk_test_guessed").GetAsync("/v1/charges")).Body.ShouldNotContain("sk_test_guessed");
    }
}
