using System.CommandLine;

namespace PaymentSim.Api.Cli;

/// <summary><c>events resend</c>: has a running simulator send an event once more, as the official CLI's verb of this name.</summary>
internal static class EventsCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("event") { Description = "The event's id: evt_…" };
        var endpoint = new Option<string>("--webhook-endpoint") { Description = "Only to this endpoint: we_…; without it, to all that take events of its type." };
        var account = new Option<string>("--account") { Description = "The connected account whose event it is: acct_…" };
        var resend = new Command("resend", "Send an event once more to its webhook endpoints.") { id, endpoint, account, RunningSimulator.KeyOption, RunningSimulator.UrlOption };
        resend.SetAction((parsed, stop) => RunningSimulator.ReportAsync(async () =>
        {
            using var simulator = new RunningSimulator(parsed);
            var sent = await simulator.PostAsync(
                $"/v1/events/{Uri.EscapeDataString(parsed.GetValue(id)!)}/retry",
                [("webhook_endpoint", parsed.GetValue(endpoint)), ("account", parsed.GetValue(account))],
                stop);
            var pending = sent["pending_webhooks"]!.GetValue<long>();
            System.Console.WriteLine($"{sent["type"]} {sent["id"]} is on its way; {pending} {(pending == 1 ? "webhook has" : "webhooks have")} not arrived yet.");
        }));
        return new Command("events", "Events of a running simulator.") { resend };
    }
}
