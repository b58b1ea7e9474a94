using PaymentSim.Core.Charges;
using PaymentSim.Core.Disputes;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.Payouts;
using PaymentSim.Core.Refunds;

namespace PaymentSim.Core.Balance;

/// <summary>A movement of money as the wire shows it. Amounts are minor units, times unix seconds.</summary>
public sealed record BalanceTransactionObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "balance_transaction";

    public required long Amount { get; init; }

    public required long AvailableOn { get; init; }

    public string BalanceType { get; init; } = "payments";

    public required long Created { get; init; }

    public required string Currency { get; init; }

    public string? Description { get; init; }

    public double? ExchangeRate { get; init; }

    public required long Fee { get; init; }

    public required IReadOnlyList<FeeDetail> FeeDetails { get; init; }

    public required long Net { get; init; }

    public required string ReportingCategory { get; init; }

    [Expandable(typeof(ChargeObject), typeof(RefundObject), typeof(DisputeObject), typeof(PayoutObject))]
    public required string Source { get; init; }

    /// <summary><c>available</c> or <c>pending</c>.</summary>
    public required string Status { get; init; }

    public required string Type { get; init; }

    internal static BalanceTransactionObject Of(BalanceTransaction transaction, DateTimeOffset now) => new()
    {
        Id = transaction.Id,
        Amount = transaction.Amount,
        AvailableOn = transaction.AvailableAt.ToUnixTimeSeconds(),
        Created = transaction.CreatedAt.ToUnixTimeSeconds(),
        Currency = transaction.Currency,
        Description = transaction.Description,
        Fee = transaction.Fee,
        FeeDetails = transaction.Fee == 0 ? [] : [FeeDetail.Of(transaction)],
        Net = transaction.Net,
        ReportingCategory = transaction.Type switch
        {
            BalanceTransactionType.Payment => "charge",
            BalanceTransactionType.PaymentRefund => "refund",
            BalanceTransactionType.Adjustment => transaction.Amount < 0 ? "dispute" : "dispute_reversal",
            BalanceTransactionType.PayoutCancel or BalanceTransactionType.PayoutFailure => "payout_reversal",
            var same => same.Wire(),
        },
        Source = transaction.Source,
        Status = transaction.AvailableAt <= now ? "available" : "pending",
        Type = transaction.Type.Wire(),
    };
}

/// <summary>What a fee is for.</summary>
public sealed record FeeDetail
{
    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    public string? Application { get; init; }

    public required string Currency { get; init; }

    public required string Description { get; init; }

    public string Type { get; init; } = "stripe_fee";

    internal static FeeDetail Of(BalanceTransaction transaction) => new()
    {
        Amount = transaction.Fee,
        Currency = transaction.Currency,
        Description = transaction.Type == BalanceTransactionType.Adjustment ? "Dispute fee" : "Processing fees",
    };
}
