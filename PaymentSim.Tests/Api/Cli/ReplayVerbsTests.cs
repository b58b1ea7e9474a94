using PaymentSim.Api.Cli;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Cli;

/// <summary><c>events resend</c> and <c>webhooks recover</c>, as programs beside a running simulator.</summary>
public sealed class ReplayVerbsTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [Fact]
    public async Task An_event_is_resent_and_an_endpoint_recovered()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var endpoint = await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        await _merchant.DeliveryAsync(made.Id, "failed");
        receiver.Answer = Receiver.Status(200);

        var (code, output, errors) = await RunAsync("webhooks", "recover", endpoint.Id, "--since", "2h", "--event-type", "charge.*");

        (code, errors).ShouldBe((0, ""));
        output.ShouldContain($"1 webhook is on its way to {endpoint.Id}");
        await _merchant.DeliveryAsync(made.Id, "succeeded");
        (code, output, errors) = await RunAsync("events", "resend", made.Id, "--webhook-endpoint", endpoint.Id);
        (code, errors).ShouldBe((0, ""));
        output.ShouldContain($"charge.succeeded {made.Id} is on its way");
        (await receiver.WaitForAsync(5)).ShouldAllBe(request => request.Headers["webhook-id"] == made.Id);
    }

    [Fact]
    public async Task What_goes_wrong_is_said_in_one_line_and_ends_with_1()
    {
        await RefusedAsync("No such event: 'evt_none'", "events", "resend", "evt_none");
        await RefusedAsync("yesterday is no time", "webhooks", "recover", "we_none", "--since", "yesterday");
        await RefusedAsync("No such webhook endpoint: 'we_none'", "webhooks", "recover", "we_none", "--since", "1700000000");
        var receiver = await Receiver.StartAsync();
        await receiver.DisposeAsync();
        await RefusedAsync($"No simulator answers at {receiver.Url}", "events", "resend", "evt_none", "--url", receiver.Url);

        async Task RefusedAsync(string reason, params string[] args)
        {
            var (code, _, errors) = await RunAsync(args);
            code.ShouldBe(1);
            errors.Trim().Split('\n').ShouldHaveSingleItem().ShouldContain(reason);
        }
    }

    [Theory]
    [InlineData("1764057600", "1764057600")]
    [InlineData("2025-11-25T08:00:00Z", "1764057600")]
    [InlineData("2025-11-25T09:00:00+01:00", "1764057600")]
    [InlineData("2025-11-25", "1764028800")]
    [InlineData("30m", "1764055800")]
    [InlineData("2h", "1764050400")]
    [InlineData("7d", "1763452800")]
    public void A_time_is_written_as_people_write_it(string text, string seconds) =>
        WebhooksCommand.Seconds("--since", text, DateTimeOffset.FromUnixTimeSeconds(1764057600)).ShouldBe(seconds);

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] args) => SimulatorProcess.RunAsync(
        [.. args, "--api-key", _merchant.Key, .. args.Contains("--url") ? Array.Empty<string>() : ["--url", fixture.Simulator.Url]]);
}
