using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.Network;

namespace PaymentSim.Core.Refunds;

/// <summary>Makes refunds: the money leaves the balance at once, whenever the customer's bank answers.</summary>
internal sealed class RefundMaker(
    RefundStore refunds, ChargeStore charges, RefundEvents events, Ledger ledger, RefundSettlement settlement, CardReader cards, Ids ids, TimeProvider clock)
{
    /// <param name="charge">Read to be changed.</param>
    /// <param name="amount">Minor units; null: what is left.</param>
    /// <param name="details">What the merchant said of it.</param>
    /// <exception cref="ProblemException">The charge has not been paid, is disputed, or has not as much left.</exception>
    public async Task<Refund> MakeAsync(Charge charge, long? amount, RefundDetails details, IReadOnlyDictionary<string, string> metadata)
    {
        var refunded = charge.RefundedBy(amount);
        var answer = charge.Captured ? AnswerTo(charge) : RefundAnswer.Succeeds;
        var now = clock.GetUtcNow();
        var refund = new Refund
        {
            Id = ids.New("re"),
            MerchantId = charge.MerchantId,
            Charge = charge.Id,
            PaymentIntent = charge.PaymentIntent,
            Amount = refunded.AmountRefunded - charge.AmountRefunded,
            Currency = charge.Currency,
            Status = answer == RefundAnswer.SucceedsLater ? RefundStatus.Pending : RefundStatus.Succeeded,
            Metadata = metadata,
            Details = details with
            {
                ToBank = charge.Details.Card is null,
                Answer = answer == RefundAnswer.FailsLater ? "expired_or_canceled_card" : null,
            },
            SettlesAt = answer == RefundAnswer.Succeeds ? null : now + settlement.Delay,
            CreatedAt = now,
        };
        if (charge.Captured) refund = refund with { Details = refund.Details with { BalanceTransaction = await DebitAsync(refund, charge) } };

        await refunds.SaveAsync(refund);
        await charges.UpdateAsync(refunded);
        await events.AppendAsync(refund, EventTypes.RefundCreated);
        await events.AppendChargeRefundedAsync(charge, refunded);
        settlement.Schedule(refund);
        return refund;
    }

    private RefundAnswer AnswerTo(Charge charge) => charge.Details.Card is { } card ? cards.CardOf(card).RefundAnswer : RefundAnswer.SucceedsLater;

    /// <summary>Out of what is available, or else of what the charge has pending.</summary>
    private async Task<string> DebitAsync(Refund refund, Charge charge) => (await ledger.RecordAsync(new Movement(
        refund.MerchantId,
        refund.Details.ToBank ? BalanceTransactionType.PaymentRefund : BalanceTransactionType.Refund,
        -refund.Amount,
        refund.Currency,
        refund.Id)
    {
        Description = charge.Description is { } text ? $"REFUND FOR CHARGE ({text})" : "REFUND FOR CHARGE",
        AvailableAt = await ledger.AvailabilityAsync(charge),
    })).Id;
}
