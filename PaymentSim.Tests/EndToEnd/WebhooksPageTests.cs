using System.Text.Json;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>What docs/webhooks.md shows to merchants is code that runs, and that the check finds nothing wrong with.</summary>
public sealed class WebhooksPageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly string Page = File.ReadAllText(Repository.At("docs", "webhooks.md"));

    private static readonly string Handlers = Repository.At("PaymentSim.Tests", "Sdk", "node", "handlers");

    [Fact]
    public async Task The_handler_with_Stripe_net_passes_the_check()
    {
        var secret = Shop.NewSecret();
        await using var handler = await StripeNetHandler.StartAsync(secret);

        (await CheckAsync(handler.Url, secret)).ShouldBeEmpty();
    }

    [Fact]
    public void The_page_shows_the_handler_with_Stripe_net()
    {
        var source = File.ReadAllText(Repository.At("PaymentSim.Tests", "Support", "StripeNetHandler.cs"));
        var lines = source.Split("// docs/webhooks.md: begin\n")[1].Split("// docs/webhooks.md: end")[0].TrimEnd().Split('\n');

        Page.ShouldContain(string.Join('\n', lines.Select(line => line.Length > 8 ? line[8..] : "")));
    }

    /// <summary>The official Node SDK takes signatures from the future, which is worth a warning.</summary>
    [SkippableTheory]
    [InlineData("stripe.js", "future-timestamp")]
    [InlineData("standard.js")]
    public async Task The_handlers_in_Node_pass_the_check_and_are_on_the_page(string file, params string[] warnings)
    {
        Page.ShouldContain((await File.ReadAllTextAsync(Path.Combine(Handlers, file))).TrimEnd());
        Skip.If(NodeSuite.Missing is not null, NodeSuite.Missing);

        var (secret, port) = (Shop.NewSecret(), Shop.FreePort());
        await using var handler = await NodeSuite.StartAsync(Path.Combine("handlers", file), new Dictionary<string, string> { ["WEBHOOK_SECRET"] = secret, ["PORT"] = $"{port}" });
        await Eventually.HoldsAsync(() => ListensAsync(port), "the handler listens");

        (await CheckAsync($"http://127.0.0.1:{port}/webhooks", secret)).ShouldBe(warnings);
    }

    /// <summary>Checks that nothing failed, and answers the names of the probes with a warning.</summary>
    private static async Task<IReadOnlyList<string>> CheckAsync(string url, string secret)
    {
        var (code, output, errors) = await ProgramProcess.RunAsync(Repository.ProgramOf("PaymentSim.Api"), Patience, "check", url, "--secret", secret, "--json");

        code.ShouldBe(0, output + errors);
        return [.. JsonDocument.Parse(output).RootElement.GetProperty("probes").EnumerateArray()
            .Where(probe => probe.GetProperty("grade").GetString() != "pass").Select(probe => probe.GetProperty("name").GetString()!)];
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var http = new HttpClient();
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/"));
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
