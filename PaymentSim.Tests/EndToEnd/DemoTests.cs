using System.Net;
using System.Net.Sockets;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>The command that newcomers run first.</summary>
public sealed class DemoTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_single_run_finds_that_shop_and_simulator_agree_on_every_order()
    {
        var (url, shopUrl) = ($"http://127.0.0.1:{Shop.FreePort()}", $"http://127.0.0.1:{Shop.FreePort()}");

        var (code, output, errors) = await ProgramProcess.RunAsync(
            Repository.ProgramOf("PaymentSim.Api"), Patience, "demo", "--once", "--url", url, "--shop-url", shopUrl);

        code.ShouldBe(0, output + errors);
        output.ShouldContain("agree on all 6 orders");
        output.ShouldContain("500 → 500 → 200");
        output.ShouldContain("charge.pending");
        await Should.ThrowAsync<HttpRequestException>(() => new HttpClient().GetAsync(shopUrl));
    }

    [Fact]
    public async Task A_port_in_use_is_named_before_anything_starts()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var (code, output, errors) = await ProgramProcess.RunAsync(
            Repository.ProgramOf("PaymentSim.Api"), Patience, "demo", "--once", "--url", $"http://127.0.0.1:{Shop.FreePort()}", "--shop-url", $"http://127.0.0.1:{port}");

        code.ShouldBe(1);
        errors.Trim().ShouldStartWith($"Port {port}, which the shop needs, is already in use.");
        output.ShouldBeEmpty();
    }
}
