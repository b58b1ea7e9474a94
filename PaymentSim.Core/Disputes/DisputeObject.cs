using System.Text.Json.Serialization;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.PaymentIntents;

namespace PaymentSim.Core.Disputes;

/// <summary>A dispute as the wire shows it. Amounts are minor units, times unix seconds.</summary>
public sealed record DisputeObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "dispute";

    public required long Amount { get; init; }

    public required IReadOnlyList<BalanceTransactionObject> BalanceTransactions { get; init; }

    [Expandable(typeof(ChargeObject))]
    public required string Charge { get; init; }

    public required long Created { get; init; }

    public required string Currency { get; init; }

    public IReadOnlyList<string> EnhancedEligibilityTypes { get; init; } = [];

    public required IReadOnlyDictionary<string, object?> Evidence { get; init; }

    public required DisputeEvidenceDetails EvidenceDetails { get; init; }

    public required bool IsChargeRefundable { get; init; }

    public bool Livemode { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    [Expandable(typeof(PaymentIntentObject))]
    public string? PaymentIntent { get; init; }

    public required DisputedPayment PaymentMethodDetails { get; init; }

    public required string Reason { get; init; }

    public required string Status { get; init; }

    internal static DisputeObject Of(Dispute dispute, DateTimeOffset now) => new()
    {
        Id = dispute.Id,
        Amount = dispute.Amount,
        BalanceTransactions = [.. dispute.Details.BalanceTransactions.Select(transaction => BalanceTransactionObject.Of(transaction, now))],
        Charge = dispute.Charge,
        Created = dispute.CreatedAt.ToUnixTimeSeconds(),
        Currency = dispute.Currency,
        Evidence = DisputeEvidence.Shown(dispute.Details.Evidence),
        EvidenceDetails = new DisputeEvidenceDetails
        {
            DueBy = dispute.Details.DueBy.ToUnixTimeSeconds(),
            HasEvidence = dispute.Details.Evidence.Count > 0,
            PastDue = dispute.Details.Submissions == 0 && dispute.Details.DueBy <= now,
            SubmissionCount = dispute.Details.Submissions,
        },
        IsChargeRefundable = dispute.IsInquiry || dispute.Status == DisputeStatus.Won,
        Metadata = dispute.Metadata,
        PaymentIntent = dispute.PaymentIntent,
        PaymentMethodDetails = DisputedPayment.Of(dispute),
        Reason = dispute.Reason,
        Status = dispute.Status.Wire(),
    };
}

/// <summary>Until when evidence is taken, and what there is of it.</summary>
public sealed record DisputeEvidenceDetails
{
    public required long DueBy { get; init; }

    public IReadOnlyDictionary<string, string> EnhancedEligibility { get; init; } = new Dictionary<string, string>();

    public required bool HasEvidence { get; init; }

    public required bool PastDue { get; init; }

    public required long SubmissionCount { get; init; }
}

/// <summary>How the disputed payment was made.</summary>
public sealed record DisputedPayment
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DisputedCard? Card { get; init; }

    public required string Type { get; init; }

    internal static DisputedPayment Of(Dispute dispute) => dispute.Details.Brand is { } brand
        ? new DisputedPayment { Type = "card", Card = new DisputedCard(brand, dispute.IsInquiry ? "inquiry" : "chargeback", brand, dispute.Details.NetworkReasonCode) }
        : new DisputedPayment { Type = dispute.Details.PaymentType ?? "us_bank_account" };

    /// <param name="CaseType"><c>chargeback</c> or <c>inquiry</c>.</param>
    public sealed record DisputedCard(string Brand, string CaseType, string Network, string? NetworkReasonCode);
}
