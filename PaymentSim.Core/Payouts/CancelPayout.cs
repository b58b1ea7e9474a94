using FluentValidation;
using MediatR;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Payouts;

/// <summary>Calls a payout back that has not arrived; its money returns to the balance.</summary>
public sealed record CancelPayout(string Id) : ICommand<PayoutObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CancelPayoutValidator : AbstractValidator<CancelPayout>;

internal sealed class CancelPayoutHandler(RequestContext context, PayoutStore payouts, PayoutEvents events, Ledger ledger)
    : IRequestHandler<CancelPayout, PayoutObject>
{
    public async Task<PayoutObject> Handle(CancelPayout request, CancellationToken cancellationToken)
    {
        var payout = await payouts.GetToChangeAsync(context.MerchantId, request.Id);
        var canceled = payout.Become(PayoutStatus.Canceled);
        var transaction = await ledger.RecordAsync(
            new Movement(payout.MerchantId, BalanceTransactionType.PayoutCancel, payout.Amount, payout.Currency, payout.Id) { Description = "PAYOUT CANCELED" });
        canceled = canceled with { Details = canceled.Details with { FailureBalanceTransaction = transaction.Id } };
        await payouts.SaveAsync(canceled);
        await events.AppendAsync(canceled, EventTypes.PayoutCanceled, payout);
        return PayoutObject.Of(canceled);
    }
}
