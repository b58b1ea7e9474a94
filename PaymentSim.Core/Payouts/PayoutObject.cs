using System.Text.Json;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.Payouts;

/// <summary>A payout as the wire shows it. Times are unix seconds.</summary>
public sealed record PayoutObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "payout";

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    [Expandable]
    public string? ApplicationFee { get; init; }

    public long? ApplicationFeeAmount { get; init; }

    public required long ArrivalDate { get; init; }

    public bool Automatic { get; init; }

    [Expandable(typeof(BalanceTransactionObject))]
    public required string BalanceTransaction { get; init; }

    public required long Created { get; init; }

    public required string Currency { get; init; }

    public string? Description { get; init; }

    [Expandable]
    public required string Destination { get; init; }

    [Expandable(typeof(BalanceTransactionObject))]
    public string? FailureBalanceTransaction { get; init; }

    public string? FailureCode { get; init; }

    public string? FailureMessage { get; init; }

    public bool Livemode { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required string Method { get; init; }

    [Expandable(typeof(PayoutObject))]
    public string? OriginalPayout { get; init; }

    public string? PayoutMethod { get; init; }

    public string ReconciliationStatus { get; init; } = "not_applicable";

    [Expandable(typeof(PayoutObject))]
    public string? ReversedBy { get; init; }

    public required string SourceType { get; init; }

    public string? StatementDescriptor { get; init; }

    public required string Status { get; init; }

    public JsonElement? TraceId { get; init; }

    public string Type { get; init; } = "bank_account";

    internal static PayoutObject Of(Payout payout) => new()
    {
        Id = payout.Id,
        Amount = payout.Amount,
        ArrivalDate = payout.ArrivesAt.ToUnixTimeSeconds(),
        BalanceTransaction = payout.Details.BalanceTransaction,
        Created = payout.CreatedAt.ToUnixTimeSeconds(),
        Currency = payout.Currency,
        Description = payout.Details.Description,
        Destination = payout.Destination,
        FailureBalanceTransaction = payout.Details.FailureBalanceTransaction,
        FailureCode = payout.Details.FailureCode,
        FailureMessage = payout.Details.FailureMessage,
        Metadata = payout.Metadata,
        Method = payout.Details.Method,
        OriginalPayout = payout.Details.OriginalPayout,
        ReversedBy = payout.Details.ReversedBy,
        SourceType = payout.Details.SourceType,
        StatementDescriptor = payout.Details.StatementDescriptor,
        Status = payout.Status.Wire(),
    };
}
