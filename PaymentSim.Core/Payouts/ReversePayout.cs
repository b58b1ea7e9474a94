using FluentValidation;
using MediatR;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Payouts;

/// <summary>Brings a payout back that has arrived, by a second payout of the negative amount.</summary>
public sealed record ReversePayout(string Id) : ICommand<PayoutObject>, IExpands
{
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class ReversePayoutValidator : AbstractValidator<ReversePayout>
{
    public ReversePayoutValidator() => RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
}

internal sealed class ReversePayoutHandler(
    RequestContext context, PayoutStore payouts, PayoutEvents events, Ledger ledger, Ids ids, TimeProvider clock) : IRequestHandler<ReversePayout, PayoutObject>
{
    public async Task<PayoutObject> Handle(ReversePayout request, CancellationToken cancellationToken)
    {
        var original = await payouts.GetToChangeAsync(context.MerchantId, request.Id);
        original.MustBeReversible();
        var (id, now) = (ids.New("po"), clock.GetUtcNow());
        var transaction = await ledger.RecordAsync(
            new Movement(original.MerchantId, BalanceTransactionType.PayoutCancel, original.Amount, original.Currency, id) { Description = "PAYOUT REVERSAL" });
        var reversal = original with
        {
            Id = id,
            Amount = -original.Amount,
            ArrivesAt = now,
            Metadata = Metadata.Merge(new Dictionary<string, string>(), request.Metadata),
            CreatedAt = now,
            Details = original.Details with { BalanceTransaction = transaction.Id, OriginalPayout = original.Id },
        };
        var reversed = original with { Details = original.Details with { ReversedBy = reversal.Id } };

        await payouts.SaveAsync(reversal);
        await payouts.SaveAsync(reversed);
        await events.AppendAsync(reversal, EventTypes.PayoutCreated);
        await events.AppendAsync(reversed, EventTypes.PayoutUpdated, original);
        return PayoutObject.Of(reversal);
    }
}
