using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Console;

/// <summary>How something stands, for its colour.</summary>
internal enum Tone
{
    Good,
    Waiting,
    Bad,
    Neutral,
}

/// <summary>One event's way to one endpoint, in words.</summary>
/// <param name="Replayable">It failed for good: the jobs dashboard can send it again.</param>
/// <param name="NoEndpoint">Nobody asked for the event.</param>
internal sealed record WebhookLine(string EventType, Tone Tone, string State, string? Detail = null, bool Replayable = false, bool NoEndpoint = false);

/// <summary>A charge as the page shows it.</summary>
/// <param name="Reason">Why it failed.</param>
internal sealed record ChargeRow(
    string Id, DateTimeOffset Created, string Amount, string PaidWith, Tone Tone, string Status, string? Reason, string? Description, IReadOnlyList<WebhookLine> Webhooks);

/// <summary>The merchant's latest charges and how their webhooks are doing.</summary>
internal sealed record LatestCharges(IReadOnlyList<ChargeRow> Rows)
{
    private const int LongestText = 120;

    public static LatestCharges Of(IReadOnlyList<ChargeObject> charges, IEnumerable<DeliverySummary> deliveries, DateTimeOffset now)
    {
        var byCharge = deliveries.ToLookup(delivery => delivery.ObjectId);
        return new LatestCharges([.. charges.Select(charge => Row(charge, byCharge[charge.Id], now))]);
    }

    /// <summary>The list in one sentence; it is read out when it changes.</summary>
    public string Summary
    {
        get
        {
            if (Rows.Count == 0) return "";
            var webhooks = Rows.SelectMany(row => row.Webhooks).Where(line => !line.NoEndpoint).CountBy(line => line.State.Split(' ', ',')[0]);
            var counts = string.Join(", ", webhooks.Select(state => $"{state.Value} {state.Key}"));
            return (Rows.Count == 1 ? "1 charge" : $"{Rows.Count} charges") + (counts.Length > 0 ? $"; webhooks: {counts}" : "");
        }
    }

    /// <summary>"Visa •••• 4242", "Test Bank •••• 6789".</summary>
    public static string PaidWith(ChargeObject charge) => charge.PaymentMethodDetails switch
    {
        { Card: { } card } => $"{Brands.NameOf(card.Brand)} ••••\u00a0{card.Last4}",
        { SepaDebit: { } account } => $"SEPA {account.Country} ••••\u00a0{account.Last4}",
        { UsBankAccount: { } account } => $"{account.BankName} ••••\u00a0{account.Last4}",
        var other => other.Type,
    };

    private static ChargeRow Row(ChargeObject charge, IEnumerable<DeliverySummary> deliveries, DateTimeOffset now)
    {
        var (tone, status) = charge switch
        {
            { Status: "failed" } => (Tone.Bad, "failed"),
            { Status: "pending" } => (Tone.Waiting, "pending"),
            { Refunded: true } => (Tone.Neutral, "refunded"),
            { Captured: false } => (Tone.Waiting, "authorised"),
            _ => (Tone.Good, "succeeded"),
        };
        return new ChargeRow(
            charge.Id,
            DateTimeOffset.FromUnixTimeSeconds(charge.Created),
            new Money(charge.Amount, charge.Currency).ToString(),
            PaidWith(charge),
            tone,
            status,
            charge.FailureMessage,
            charge.Description is { Length: > LongestText } text ? text[..LongestText] + "…" : charge.Description,
            [.. deliveries.Select(delivery => Line(delivery, now))]);
    }

    internal static WebhookLine Line(DeliverySummary delivery, DateTimeOffset now)
    {
        var type = delivery.EventType;
        var attempts = delivery.Attempts == 1 ? "1 attempt" : $"{delivery.Attempts} attempts";
        return delivery.Status switch
        {
            null => new(type, Tone.Neutral, "no endpoint", NoEndpoint: true),
            DeliveryStatus.Succeeded => new(type, Tone.Good, $"delivered ({attempts})"),
            DeliveryStatus.Failed => new(type, Tone.Bad, $"failed after {attempts}", delivery.LastError, Replayable: true),
            DeliveryStatus.Canceled => new(type, Tone.Neutral, "canceled", delivery.LastError),
            _ when delivery.NextAttemptAt is null => new(type, Tone.Waiting, "held back", delivery.LastError),
            _ when delivery.Attempts > 0 && delivery.LastError is not null =>
                new(type, Tone.Waiting, $"retrying, {attempts}", $"{delivery.LastError}, {Next(delivery.NextAttemptAt, now)}"),
            _ => new(type, Tone.Waiting, "sending"),
        };
    }

    private static string Next(DateTimeOffset? at, DateTimeOffset now)
    {
        if (at is not { } time || time <= now) return "next one now";
        var wait = time - now;
        return FormattableString.Invariant(wait switch
        {
            { TotalSeconds: < 60 } => $"next in {Math.Ceiling(wait.TotalSeconds):0} s",
            { TotalMinutes: < 60 } => $"next in {Math.Ceiling(wait.TotalMinutes):0} min",
            _ => $"next in {wait.TotalHours:0.0} h",
        });
    }
}
