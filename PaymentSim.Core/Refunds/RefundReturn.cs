using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;

namespace PaymentSim.Core.Refunds;

/// <summary>Takes a refund's money back, which the customer has not got.</summary>
internal sealed class RefundReturn(RefundStore refunds, ChargeStore charges, RefundEvents events, Ledger ledger)
{
    /// <param name="before">The refund, and its charge: both read to be changed.</param>
    /// <param name="ended">The refund as it ended: failed, or canceled.</param>
    public async Task<Refund> ReturnAsync(Refund before, Charge charge, Refund ended)
    {
        var transaction = await ledger.RecordAsync(
            new Movement(ended.MerchantId, BalanceTransactionType.RefundFailure, ended.Amount, ended.Currency, ended.Id) { Description = "REFUND FAILURE" });
        var returned = ended with { Details = ended.Details with { FailureBalanceTransaction = transaction.Id } };
        await refunds.SaveAsync(returned);
        await charges.UpdateAsync(charge with { AmountRefunded = charge.AmountRefunded - ended.Amount });
        await events.AppendChangeAsync(before, returned);
        return returned;
    }
}
