namespace PaymentSim.Core.Balance;

/// <summary>Why money moved.</summary>
public enum BalanceTransactionType
{
    /// <summary>A card was charged.</summary>
    Charge,

    /// <summary>A bank account was debited.</summary>
    Payment,

    /// <summary>A card charge's money goes back.</summary>
    Refund,

    /// <summary>A bank debit's money goes back.</summary>
    PaymentRefund,

    /// <summary>A refund failed or was canceled: its money is here again.</summary>
    RefundFailure,

    /// <summary>A dispute took money, or gave it back.</summary>
    Adjustment,

    /// <summary>Money goes to the merchant's bank.</summary>
    Payout,

    /// <summary>A payout was canceled.</summary>
    PayoutCancel,

    /// <summary>The merchant's bank did not take a payout.</summary>
    PayoutFailure,
}

/// <summary>One movement of a merchant's money; it never changes.</summary>
public sealed record BalanceTransaction
{
    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    public required BalanceTransactionType Type { get; init; }

    /// <summary>Minor units; negative where money leaves.</summary>
    public required long Amount { get; init; }

    /// <summary>Minor units; negative where a fee is given back.</summary>
    public required long Fee { get; init; }

    public required string Currency { get; init; }

    public string? Description { get; init; }

    /// <summary>The object that moved it: a charge, refund, dispute or payout.</summary>
    public required string Source { get; init; }

    /// <summary>From when on it counts as available; pending before.</summary>
    public required DateTimeOffset AvailableAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What the balance changes by.</summary>
    public long Net => Amount - Fee;
}
