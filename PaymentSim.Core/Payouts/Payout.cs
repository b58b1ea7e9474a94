namespace PaymentSim.Core.Payouts;

/// <summary>Where a payout stands.</summary>
public enum PayoutStatus
{
    /// <summary>The money has left the balance; it can be called back.</summary>
    Pending,

    /// <summary>The merchant's bank has it. A second payout can bring the money back, or the bank sends it back (failed).</summary>
    Paid,

    /// <summary>The merchant's bank did not take it, or sent it back. Final.</summary>
    Failed,

    /// <summary>The merchant called it back. Final.</summary>
    Canceled,
}

/// <summary>Money on its way from the balance to the merchant's bank, as it is stored.</summary>
public sealed record Payout
{
    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    /// <summary>Minor units; negative where a payout is brought back.</summary>
    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required PayoutStatus Status { get; init; }

    public required DateTimeOffset ArrivesAt { get; init; }

    /// <summary>The merchant's bank account.</summary>
    public required string Destination { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required PayoutDetails Details { get; init; }

    /// <summary>When the bank has the money; null: it has, or never will.</summary>
    public DateTimeOffset? SettlesAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The payout in its next status.</summary>
    /// <exception cref="ProblemException">It is not pending any more.</exception>
    internal Payout Become(PayoutStatus next) => Status == PayoutStatus.Pending
        ? this with { Status = next, SettlesAt = null }
        : throw new ProblemException(Problem.Invalid($"Payout {Id} is {Status.Wire()}; only a pending one can become {next.Wire()}."));

    /// <summary>The payout that the merchant's bank did not take, or sends back.</summary>
    /// <exception cref="ProblemException">Its money is not on its way or there, or it is itself such a return.</exception>
    internal Payout Failed(string code, string message) => Status is PayoutStatus.Pending or PayoutStatus.Paid && Amount > 0 && Details.ReversedBy is null
        ? this with { Status = PayoutStatus.Failed, SettlesAt = null, Details = Details with { FailureCode = code, FailureMessage = message } }
        : throw new ProblemException(Problem.Invalid($"Payout {Id} cannot fail: only one that is pending or paid can, and whose money was not brought back."));

    /// <exception cref="ProblemException">It has not arrived, is itself such a return, or was brought back before.</exception>
    internal void MustBeReversible()
    {
        if (Status != PayoutStatus.Paid || Amount < 0 || Details.ReversedBy is not null)
            throw new ProblemException(Problem.Invalid($"Payout {Id} cannot be reversed: only one that was paid can, and once."));
    }
}

/// <summary>What a payout carries beside the columns that queries need; stored as JSON.</summary>
public sealed record PayoutDetails
{
    public required string BalanceTransaction { get; init; }

    public string? Description { get; init; }

    /// <summary>How the money of a canceled or failed one came back.</summary>
    public string? FailureBalanceTransaction { get; init; }

    /// <summary>Why the bank did not take it.</summary>
    public string? FailureCode { get; init; }

    public string? FailureMessage { get; init; }

    /// <summary><c>standard</c> or <c>instant</c>.</summary>
    public required string Method { get; init; }

    /// <summary>What this one brings back.</summary>
    public string? OriginalPayout { get; init; }

    /// <summary>What brought this one back.</summary>
    public string? ReversedBy { get; init; }

    public required string SourceType { get; init; }

    public string? StatementDescriptor { get; init; }
}
