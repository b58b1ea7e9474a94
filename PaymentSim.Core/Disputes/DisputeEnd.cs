using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;

namespace PaymentSim.Core.Disputes;

/// <summary>Ends disputes; a won one gives money and fee back.</summary>
internal sealed class DisputeEnd(DisputeStore disputes, ChargeStore charges, DisputeEvents events, Ledger ledger)
{
    /// <summary>Locks a dispute and its charge, in the order in which everybody does.</summary>
    /// <exception cref="ProblemException">This merchant has no such dispute.</exception>
    public async Task<(Dispute Dispute, Charge Charge)> GetToChangeAsync(string merchantId, string id)
    {
        var charge = await charges.GetToChangeAsync(merchantId, (await disputes.GetAsync(merchantId, id)).Charge);
        return (await disputes.GetToChangeAsync(merchantId, id), charge);
    }

    /// <param name="before">The dispute, and its charge: both read to be changed.</param>
    /// <param name="ended">The dispute as it ended.</param>
    public async Task<Dispute> EndAsync(Dispute before, Charge charge, Dispute ended)
    {
        if (ended.Status == DisputeStatus.Won)
        {
            var transaction = await ledger.RecordAsync(
                new Movement(ended.MerchantId, BalanceTransactionType.Adjustment, ended.Amount, ended.Currency, ended.Id)
                {
                    Fee = -Fees.Dispute,
                    Description = $"Chargeback reversal for {charge.Id}",
                });
            ended = ended with { Details = ended.Details with { BalanceTransactions = [.. ended.Details.BalanceTransactions, transaction] } };
            await charges.UpdateAsync(charge with { Details = charge.Details with { ChargedBack = false } });
        }

        await disputes.SaveAsync(ended);
        if (ended.Status == DisputeStatus.Won) await events.AppendAsync(ended, EventTypes.DisputeFundsReinstated);
        await events.AppendAsync(ended, EventTypes.DisputeClosed, before);
        return ended;
    }
}
