using System.Text.Json.Serialization;

namespace PaymentSim.Core.Balance;

/// <summary>A merchant's money as the wire shows it: what is available, and what will be.</summary>
public sealed record BalanceObject
{
    private const string WithoutTransactions = "usd";

    public string Object { get; init; } = "balance";

    public required IReadOnlyList<BalanceAmount> Available { get; init; }

    public required IReadOnlyList<BalanceAmount> ConnectReserved { get; init; }

    public required IReadOnlyList<BalanceAmount> InstantAvailable { get; init; }

    public bool Livemode { get; init; }

    public required IReadOnlyList<BalanceAmount> Pending { get; init; }

    internal static BalanceObject Of(IReadOnlyList<CurrencyBalance> sums)
    {
        if (sums.Count == 0) sums = [new CurrencyBalance { Currency = WithoutTransactions }];
        return new BalanceObject
        {
            Available = [.. sums.Select(sum => BalanceAmount.Of(sum.Available, sum.Currency))],
            ConnectReserved = [.. sums.Select(sum => new BalanceAmount { Amount = 0, Currency = sum.Currency })],
            InstantAvailable = [.. sums.Select(sum => BalanceAmount.Of(Math.Max(0, sum.Available), sum.Currency))],
            Pending = [.. sums.Select(sum => BalanceAmount.Of(sum.Pending, sum.Currency))],
        };
    }
}

/// <summary>Money of one currency.</summary>
public sealed record BalanceAmount
{
    /// <summary>Minor units; negative where more left than came.</summary>
    public required long Amount { get; init; }

    public required string Currency { get; init; }

    /// <summary>Where it came from; null where that is not told apart.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SourceTypes? SourceTypes { get; init; }

    internal static BalanceAmount Of(long amount, string currency) => new() { Amount = amount, Currency = currency, SourceTypes = new SourceTypes(amount) };
}

/// <summary>Money by where it came from. The simulator keeps one balance, and shows it as cards'.</summary>
/// <param name="Card">Minor units.</param>
public sealed record SourceTypes(long Card);
