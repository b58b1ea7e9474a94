using System.Text.Json.Nodes;
using Spectre.Console;

namespace PaymentSim.Api.Cli.Demo;

/// <summary>The demo's table: a row a purchase, charge → event → webhook attempts → the shop's status.</summary>
internal static class DemoTable
{
    public static Table Of(IReadOnlyList<DemoOrder> orders)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        table.AddColumns("Bought with", "Amount", "Charge", "Event", "Webhook attempts", "Shop's database", "Agree");
        table.Columns[1].RightAligned();
        foreach (var order in orders)
        {
            table.AddRow(
                Markup.Escape(order.Purchase.Title),
                Markup.Escape(order.Amount),
                order.ChargeStatus is { } status ? $"{Colored(status)}\n[grey]{Short(order.Charge!["id"]!)}[/]" : "[grey]…[/]",
                Lines(order.Events.Select(recorded => Markup.Escape((string)recorded.Event["type"]!))),
                Lines(order.Events.Select(recorded => string.Join("; ", recorded.Deliveries.Select(Attempts)))),
                Colored(order.ShopStatus),
                order.IsSettled ? order.Disagreement is null ? "[green]yes[/]" : "[red]no[/]" : "[grey]…[/]");
        }

        return table;
    }

    private static string Attempts(JsonNode delivery)
    {
        var attempts = delivery["attempts"]!.AsArray().Select(attempt => (string)attempt!["outcome"]! switch
        {
            "succeeded" => $"[green]{attempt["response_status"]}[/]",
            "open" => "[grey]sending[/]",
            var outcome => $"[red]{attempt["response_status"]?.ToString() ?? (string?)attempt["error_class"] ?? outcome}[/]",
        });
        var shown = string.Join(" → ", attempts);
        return (string)delivery["status"]! == "pending" ? $"{shown} [grey]…[/]".TrimStart() : shown;
    }

    private static string Colored(string status) => status switch
    {
        "succeeded" or "paid" => $"[green]{status}[/]",
        "failed" => $"[red]{status}[/]",
        _ => $"[yellow]{Markup.Escape(status)}[/]",
    };

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines);

    /// <summary>An id's end is random; its beginning is the time, alike for all rows.</summary>
    private static string Short(JsonNode id) => "ch_…" + ((string)id!)[^8..];
}
