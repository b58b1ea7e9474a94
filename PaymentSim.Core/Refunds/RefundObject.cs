using System.Text.Json;
using System.Text.Json.Serialization;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.PaymentIntents;

namespace PaymentSim.Core.Refunds;

/// <summary>A refund as the wire shows it.</summary>
public sealed record RefundObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "refund";

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    [Expandable(typeof(BalanceTransactionObject))]
    public string? BalanceTransaction { get; init; }

    [Expandable(typeof(ChargeObject))]
    public required string Charge { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    public required string Currency { get; init; }

    public string? Customer { get; init; }

    public string? CustomerAccount { get; init; }

    public required RefundDestination DestinationDetails { get; init; }

    [Expandable(typeof(BalanceTransactionObject))]
    public string? FailureBalanceTransaction { get; init; }

    public string? FailureReason { get; init; }

    public string? InstructionsEmail { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public JsonElement? NextAction { get; init; }

    [Expandable(typeof(PaymentIntentObject))]
    public string? PaymentIntent { get; init; }

    public string? PaymentMethod { get; init; }

    public string? PendingReason { get; init; }

    public string? Reason { get; init; }

    public string? ReceiptNumber { get; init; }

    [Expandable]
    public string? SourceTransferReversal { get; init; }

    public required string Status { get; init; }

    [Expandable]
    public string? TransferReversal { get; init; }

    internal static RefundObject Of(Refund refund) => new()
    {
        Id = refund.Id,
        Amount = refund.Amount,
        BalanceTransaction = refund.Details.BalanceTransaction,
        Charge = refund.Charge,
        Created = refund.CreatedAt.ToUnixTimeSeconds(),
        Currency = refund.Currency,
        DestinationDetails = RefundDestination.Of(refund),
        FailureBalanceTransaction = refund.Details.FailureBalanceTransaction,
        FailureReason = refund.Details.FailureReason,
        InstructionsEmail = refund.Details.InstructionsEmail,
        Metadata = refund.Metadata,
        PaymentIntent = refund.PaymentIntent,
        PendingReason = refund.Status == RefundStatus.Pending ? "processing" : null,
        Reason = refund.Details.Reason,
        Status = refund.Status.Wire(),
    };
}

/// <summary>Where a refund's money goes.</summary>
public sealed record RefundDestination
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CardRefund? Card { get; init; }

    public required string Type { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BankRefund? UsBankTransfer { get; init; }

    internal static RefundDestination Of(Refund refund) => refund.Details.ToBank
        ? new RefundDestination { Type = "us_bank_transfer", UsBankTransfer = new BankRefund() }
        : new RefundDestination { Type = "card", Card = new CardRefund(refund.Details.BalanceTransaction is null ? "reversal" : "refund") };

    /// <param name="Type"><c>refund</c>, or <c>reversal</c> of an authorisation.</param>
    public sealed record CardRefund(string Type);

    /// <summary>A transfer to the account that was debited.</summary>
    public sealed record BankRefund
    {
        public string? Reference { get; init; }

        public string? ReferenceStatus { get; init; }
    }
}

/// <summary>The refunds of a charge, newest first.</summary>
public sealed record RefundList
{
    public string Object { get; init; } = "list";

    public IReadOnlyList<RefundObject> Data { get; init; } = [];

    public bool HasMore { get; init; }

    public required string Url { get; init; }
}
