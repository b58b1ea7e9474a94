using System.CommandLine;
using System.Globalization;
using PaymentSim.Core;

namespace PaymentSim.Api.Cli;

/// <summary><c>webhooks recover</c>: has a running simulator send everything once more that an endpoint did not take since a time.</summary>
internal static class WebhooksCommand
{
    public static Command Create()
    {
        var endpoint = new Argument<string>("endpoint") { Description = "The webhook endpoint's id: we_…" };
        var since = new Option<string>("--since") { Description = "From when on: unix seconds, a time such as 2026-11-25T08:00:00Z, or how long ago: 2h", Required = true };
        var until = new Option<string>("--until") { Description = "Until when, written like --since; now unless told." };
        var types = new Option<string[]>("--event-type") { Description = "Only of this type (charge.failed, charge.*); may be given several times." };
        var recover = new Command("recover", "Send everything once more that an endpoint did not take since a time.")
        {
            endpoint, since, until, types, RunningSimulator.KeyOption, RunningSimulator.UrlOption,
        };
        recover.SetAction((parsed, stop) => RunningSimulator.ReportAsync(async () =>
        {
            using var simulator = new RunningSimulator(parsed);
            var now = TimeProvider.System.GetUtcNow();
            List<(string, string?)> form = [("since", Seconds("--since", parsed.GetValue(since), now)), ("until", Seconds("--until", parsed.GetValue(until), now))];
            form.AddRange((parsed.GetValue(types) ?? []).Select(type => ("event_types[]", (string?)type)));
            var recovery = await simulator.PostAsync(
                $"/v1/test_helpers/webhook_endpoints/{Uri.EscapeDataString(parsed.GetValue(endpoint)!)}/recover", form, stop);
            var count = recovery["replayed"]!.GetValue<long>();
            System.Console.WriteLine($"{count} {(count == 1 ? "webhook is on its way" : "webhooks are on their way")} to {recovery["webhook_endpoint"]}.");
        }));
        return new Command("webhooks", "Webhooks of a running simulator.") { recover };
    }

    /// <summary>A time as people write it, in unix seconds.</summary>
    /// <exception cref="RunningSimulatorException">It is none.</exception>
    internal static string? Seconds(string option, string? text, DateTimeOffset now)
    {
        if (text is null) return null;
        if (text.All(char.IsAsciiDigit) && text.Length > 0) return text;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return Write(time);
        try
        {
            return Write(now - Duration.Parse(text));
        }
        catch (FormatException)
        {
            throw new RunningSimulatorException($"{option} {text} is no time: write unix seconds, a time such as 2026-11-25T08:00:00Z, or how long ago, such as 2h");
        }

        static string Write(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
    }
}
