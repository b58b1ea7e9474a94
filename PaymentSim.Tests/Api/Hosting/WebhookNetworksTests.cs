using System.Text.Json;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PaymentSim.Core.Merchants;
using PaymentSim.Tests.Support;
using Simulator = PaymentSim.Tests.Support.Simulator;

namespace PaymentSim.Tests.Api.Hosting;

/// <summary>Where webhooks may go, by the settings and by who can reach the server.</summary>
public sealed class WebhookNetworksTests
{
    [EngineTheory]
    [InlineData("", 200)]
    [InlineData("--Webhooks:AllowPrivateNetworks=false", 400)]
    [InlineData("--Webhooks:AllowPrivateNetworks=false --Webhooks:AllowedHosts=127.0.0.0/8", 200)]
    [InlineData("--urls=http://0.0.0.0:0 --PaymentSim:Access=sandbox", 200)]
    public async Task The_sandbox_reaches_its_own_machine_unless_it_is_told_not_to(string settings, int status)
    {
        await using var simulator = await Simulator.StartAsync(settings.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        using var http = new HttpClient { BaseAddress = new Uri(simulator.Url.Replace("0.0.0.0", "127.0.0.1")) };

        await RegisterAsync(new Merchant("sk_test_anyone", http), status);
    }

    [EngineTheory]
    [InlineData("--PaymentSim:Access=keys", 400)]
    [InlineData("--PaymentSim:Access=keys --Webhooks:AllowPrivateNetworks=TRUE", 200)]
    [InlineData("--urls=http://0.0.0.0:0", 400)]
    [InlineData("--urls=http://0.0.0.0:0 --Webhooks:AllowedHosts=localhost,127.0.0.1", 200)]
    public async Task Where_others_can_register_URLs_they_lead_to_the_internet_alone(string settings, int status)
    {
        await using var simulator = await Simulator.StartAsync(settings.Split(' '));
        using var http = new HttpClient { BaseAddress = new Uri(simulator.Url.Replace("0.0.0.0", "127.0.0.1")) };

        await RegisterAsync(new Merchant(await KeyAsync(simulator), http), status);
    }

    [EngineFact]
    public async Task What_was_registered_before_is_not_called_any_more_and_the_log_says_why()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync();
        string id;
        await using (var before = await Simulator.StartAsync(folder))
        {
            var merchant = before.MerchantWith("sk_test_moved");
            await merchant.AddEndpointAsync(receiver.Url);
            id = (await merchant.ChargeAsync()).ShouldBe(200).Id;
            await receiver.WaitForAsync(1);
        }

        await using var simulator = await Simulator.StartAsync(folder, "--Webhooks:AllowPrivateNetworks=false", "--Webhooks:RetrySchedule=");
        var moved = simulator.MerchantWith("sk_test_moved");
        (await moved.ChargeAsync("tok_chargeDeclined")).ShouldBe(402);

        var delivery = await moved.DeliveryAsync((await moved.EventAsync("charge.failed")).Id, "failed");

        var attempt = delivery.GetProperty("attempts").EnumerateArray().ShouldHaveSingleItem();
        attempt.GetProperty("error_class").GetString().ShouldBe("blocked");
        attempt.GetProperty("error").GetString().ShouldBe($"not sent, for the URL leads to a loopback address, and webhooks go to public ones alone: {receiver.Url}");
        attempt.GetProperty("response_status").ValueKind.ShouldBe(JsonValueKind.Null);
        receiver.Requests.Count.ShouldBe(1, $"only the event of {id} was sent");
    }

    private static async Task RegisterAsync(Merchant merchant, int status)
    {
        var answer = await merchant.PostAsync("/v1/webhook_endpoints", ("url", "http://127.0.0.1:3000/hook"), ("enabled_events[]", "*"));

        if (status == 400) answer.ShouldBeError(400, "invalid_request_error", "url_invalid", "url");
        else answer.ShouldBe(status);
    }

    private static async Task<string> KeyAsync(Simulator simulator)
    {
        await using var scope = simulator.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new CreateApiKey("Shop"))).Key;
    }
}
