namespace PaymentSim.Core.Refunds;

/// <summary>Where a refund stands.</summary>
public enum RefundStatus
{
    /// <summary>The bank has it; it succeeds, fails, or is canceled before.</summary>
    Pending,

    /// <summary>The money is with the customer, unless the customer's bank sends it back later: then it fails.</summary>
    Succeeded,

    /// <summary>The customer's bank would not take it. Final.</summary>
    Failed,

    /// <summary>The merchant called it back. Final.</summary>
    Canceled,
}

/// <summary>Money of a charge that goes back, as it is stored.</summary>
public sealed record Refund
{
    /// <summary>From each status, where it may go; a status that is not here is final.</summary>
    internal static readonly IReadOnlyDictionary<RefundStatus, RefundStatus[]> Transitions = new Dictionary<RefundStatus, RefundStatus[]>
    {
        [RefundStatus.Pending] = [RefundStatus.Succeeded, RefundStatus.Failed, RefundStatus.Canceled],
        [RefundStatus.Succeeded] = [RefundStatus.Failed],
    };

    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    public required string Charge { get; init; }

    public string? PaymentIntent { get; init; }

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required RefundStatus Status { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required RefundDetails Details { get; init; }

    /// <summary>When the customer's bank answers; null: it has.</summary>
    public DateTimeOffset? SettlesAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The refund in its next status, which the bank will not change any more.</summary>
    /// <exception cref="ProblemException">It cannot get there.</exception>
    internal Refund Become(RefundStatus next) => Transitions.GetValueOrDefault(Status)?.Contains(next) == true
        ? this with { Status = next, SettlesAt = null }
        : throw new ProblemException(Problem.Invalid(
            next == RefundStatus.Canceled
                ? $"You cannot cancel refund {Id} because it has a status of {Status.Wire()}; only a pending one can be canceled."
                : $"Refund {Id} is {Status.Wire()} and cannot become {next.Wire()}."));
}

/// <summary>What a refund carries beside the columns that queries need; stored as JSON.</summary>
public sealed record RefundDetails
{
    /// <summary><c>duplicate</c>, <c>fraudulent</c> or <c>requested_by_customer</c>; null where none was given.</summary>
    public string? Reason { get; init; }

    /// <summary>True where the money goes to a bank account, and not to a card.</summary>
    public bool ToBank { get; init; }

    /// <summary>The movement of the money; null where an authorisation was released.</summary>
    public string? BalanceTransaction { get; init; }

    /// <summary>How the money came back.</summary>
    public string? FailureBalanceTransaction { get; init; }

    /// <summary>Why it failed.</summary>
    public string? FailureReason { get; init; }

    /// <summary>How the customer's bank will answer: why it fails then, or null for a yes.</summary>
    public string? Answer { get; init; }

    public string? InstructionsEmail { get; init; }
}
