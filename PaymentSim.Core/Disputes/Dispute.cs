using PaymentSim.Core.Balance;

namespace PaymentSim.Core.Disputes;

/// <summary>Where a dispute stands. Those that begin with a warning are inquiries: they take no money.</summary>
public enum DisputeStatus
{
    /// <summary>The merchant is asked for evidence.</summary>
    WarningNeedsResponse,

    /// <summary>The customer's bank has the evidence.</summary>
    WarningUnderReview,

    /// <summary>Nothing came of it. Final.</summary>
    WarningClosed,

    /// <summary>The money is taken, and the merchant is asked for evidence.</summary>
    NeedsResponse,

    /// <summary>The customer's bank has the evidence.</summary>
    UnderReview,

    /// <summary>The money is back. Final.</summary>
    Won,

    /// <summary>The money is gone. Final.</summary>
    Lost,
}

/// <summary>A customer's bank asks for a payment back, as it is stored.</summary>
public sealed record Dispute
{
    /// <summary>What the merchant writes as <c>uncategorized_text</c> to win.</summary>
    internal const string WinningEvidence = "winning_evidence";

    /// <summary>What the merchant writes as <c>uncategorized_text</c> to lose.</summary>
    internal const string LosingEvidence = "losing_evidence";

    /// <summary>From each status, where it may go; a status that is not here is final.</summary>
    internal static readonly IReadOnlyDictionary<DisputeStatus, DisputeStatus[]> Transitions = new Dictionary<DisputeStatus, DisputeStatus[]>
    {
        [DisputeStatus.WarningNeedsResponse] = [DisputeStatus.WarningUnderReview, DisputeStatus.WarningClosed],
        [DisputeStatus.WarningUnderReview] = [DisputeStatus.WarningClosed],
        [DisputeStatus.NeedsResponse] = [DisputeStatus.UnderReview, DisputeStatus.Lost],
        [DisputeStatus.UnderReview] = [DisputeStatus.Won, DisputeStatus.Lost],
    };

    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    public required string Charge { get; init; }

    public string? PaymentIntent { get; init; }

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    public required string Currency { get; init; }

    /// <summary><c>fraudulent</c>, <c>product_not_received</c> and the like.</summary>
    public required string Reason { get; init; }

    public required DisputeStatus Status { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required DisputeDetails Details { get; init; }

    /// <summary>When it is decided without the merchant; null: it is decided, or the bank takes its time.</summary>
    public DateTimeOffset? SettlesAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal bool IsInquiry => Status is DisputeStatus.WarningNeedsResponse or DisputeStatus.WarningUnderReview or DisputeStatus.WarningClosed;

    internal bool IsOpen => Transitions.ContainsKey(Status);

    /// <exception cref="ProblemException">Its evidence was sent before, or it is decided.</exception>
    internal void MustTakeEvidence()
    {
        if (Status is not (DisputeStatus.NeedsResponse or DisputeStatus.WarningNeedsResponse)) throw Refused();
    }

    /// <summary>The dispute with its evidence sent to the bank, which answers at once where the evidence asks for that.</summary>
    /// <exception cref="ProblemException">It has been sent before, or the dispute is decided.</exception>
    internal Dispute Submitted(DateTimeOffset now) => Become(IsInquiry ? DisputeStatus.WarningUnderReview : DisputeStatus.UnderReview) with
    {
        SettlesAt = Details.Text is WinningEvidence or LosingEvidence ? now : null,
        Details = Details with { Submissions = Details.Submissions + 1 },
    };

    /// <summary>The dispute as the bank decides it: by the evidence, and against a merchant who has sent none.</summary>
    internal Dispute Decided() => IsInquiry || (Status == DisputeStatus.UnderReview && Details.Text == WinningEvidence) ? Ended(won: true) : Ended(won: false);

    /// <summary>The dispute as the merchant gives in.</summary>
    /// <exception cref="ProblemException">It is decided.</exception>
    internal Dispute Conceded() => Ended(won: false);

    private Dispute Ended(bool won) =>
        Become(IsInquiry ? DisputeStatus.WarningClosed : won ? DisputeStatus.Won : DisputeStatus.Lost) with { SettlesAt = null };

    private Dispute Become(DisputeStatus next) => Transitions.GetValueOrDefault(Status)?.Contains(next) == true
        ? this with { Status = next }
        : throw Refused();

    private ProblemException Refused() => new(Problem.Invalid(
        IsOpen ? $"Dispute {Id} is {Status.Wire()}: its evidence was submitted before." : $"Dispute {Id} is already closed: it is {Status.Wire()}."));
}

/// <summary>What a dispute carries beside the columns that queries need; stored as JSON.</summary>
public sealed record DisputeDetails
{
    /// <summary>By the names of <see cref="DisputeEvidence.Names"/>.</summary>
    public required IReadOnlyDictionary<string, string> Evidence { get; init; }

    public required DateTimeOffset DueBy { get; init; }

    /// <summary>How often evidence was sent to the bank.</summary>
    public long Submissions { get; init; }

    /// <summary>The movements of its money: taken, and given back.</summary>
    public required IReadOnlyList<BalanceTransaction> BalanceTransactions { get; init; }

    /// <summary>The card's; null: a bank account was debited.</summary>
    public string? Brand { get; init; }

    /// <summary>Of a bank account that was debited: as the wire calls payments from it.</summary>
    public string? PaymentType { get; init; }

    public string? NetworkReasonCode { get; init; }

    internal string? Text => Evidence.GetValueOrDefault("uncategorized_text");
}
