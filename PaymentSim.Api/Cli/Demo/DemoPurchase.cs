using System.Text.Json.Nodes;
using PaymentSim.Core;

namespace PaymentSim.Api.Cli.Demo;

/// <summary>Something that the demo buys, and what it shows.</summary>
/// <param name="Title">The card, for people.</param>
/// <param name="Source">The test card's name.</param>
/// <param name="FailWebhooks">How many webhooks the shop answers with 500 before it takes one.</param>
internal sealed record DemoPurchase(string Title, string Source, int FailWebhooks = 0)
{
    public static IReadOnlyList<DemoPurchase> All { get; } =
    [
        new("Visa, approved", "tok_visa"),
        new("Mastercard, approved", "tok_mastercard"),
        new("Visa, declined", "tok_chargeDeclined"),
        new("Visa, insufficient funds", "tok_chargeDeclinedInsufficientFunds"),
        new("Visa, the shop answers 500 twice", "tok_visa", FailWebhooks: 2),
        new("Bank debit, paid later", "btok_us_verified"),
    ];
}

/// <summary>What became of a purchase, as both sides see it at this moment.</summary>
internal sealed record DemoOrder(string Id, DemoPurchase Purchase)
{
    public JsonNode? Order { get; private init; }

    public JsonNode? Charge { get; private init; }

    /// <summary>Each event with its deliveries, oldest first.</summary>
    public IReadOnlyList<(JsonNode Event, IReadOnlyList<JsonNode> Deliveries)> Events { get; private init; } = [];

    /// <summary>The charges that name this order; one, if nothing was charged twice.</summary>
    private IReadOnlyList<string> Charges { get; init; } = [];

    public string ShopStatus => (string?)Order?["status"] ?? "…";

    public string? ChargeStatus => (string?)Charge?["status"];

    public string Amount => Order is null ? "" : new Money((long)Order["amount"]!, (string)Order["currency"]!).ToString();

    private IEnumerable<JsonNode> Deliveries => Events.SelectMany(recorded => recorded.Deliveries);

    /// <summary>The charge has its final status and no webhook is on its way any more.</summary>
    public bool IsSettled => ChargeStatus is "succeeded" or "failed" && Deliveries.Any() && Deliveries.All(delivery => (string)delivery["status"]! != "pending");

    /// <summary>What the two databases disagree on, or null.</summary>
    public string? Disagreement
    {
        get
        {
            if ((string?)Order?["api_problem"] is { } problem) return $"the shop could not make the charge: {problem}";
            if (Charge is null) return "the shop has no charge for it";
            var expected = ChargeStatus switch { "succeeded" => "paid", "failed" => "failed", _ => "pending" };
            if (ShopStatus != expected) return $"the charge is {ChargeStatus}, but the shop's order is {ShopStatus}";
            if ((long)Charge["amount"]! != (long)Order!["amount"]!) return "the amounts differ";
            if (Charges is not [var only] || only != (string?)Charge["id"]) return $"{Charges.Count} charges name the order: {string.Join(", ", Charges)}";
            var lost = Deliveries.FirstOrDefault(delivery => (string)delivery["status"]! != "succeeded");
            if (lost is not null) return $"the webhook {lost["event_type"]} did not arrive: {lost["last_error"]}";
            return Deliveries.Any() ? null : "no webhook was sent";
        }
    }

    /// <summary>Asks both sides anew.</summary>
    public async Task<DemoOrder> RefreshAsync(DemoClient client, CancellationToken stop)
    {
        var order = await client.GetOrderAsync(Id, stop);
        if ((string?)order["charge_id"] is not { } chargeId) return this with { Order = order };

        // The charge before its events: an event that is recorded in between is then seen at the next look, never missed at the last.
        var charge = await client.GetChargeAsync(chargeId, stop);
        var events = new List<(JsonNode, IReadOnlyList<JsonNode>)>();
        foreach (var recorded in await client.ListEventsAsync(chargeId, stop))
            events.Add((recorded, await client.ListDeliveriesAsync((string)recorded["id"]!, stop)));
        // The order once more, so that it is not older than the deliveries.
        return this with
        {
            Order = await client.GetOrderAsync(Id, stop),
            Charge = charge,
            Charges = await client.ListChargesOfAsync(Id, stop),
            Events = events,
        };
    }
}
