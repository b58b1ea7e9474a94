using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.Network;

namespace PaymentSim.Core.Disputes;

/// <summary>Opens disputes: but for an inquiry, the money and a fee are taken at once.</summary>
internal sealed class DisputeMaker(DisputeStore disputes, ChargeStore charges, DisputeEvents events, Ledger ledger, Ids ids, TimeProvider clock)
{
    /// <summary>How long evidence is taken.</summary>
    public static readonly TimeSpan TimeForEvidence = TimeSpan.FromDays(7);

    /// <param name="charge">New, or read to be changed.</param>
    /// <param name="terms">What the customer's bank says.</param>
    /// <exception cref="ProblemException">The charge has no money that could be asked back, or is disputed.</exception>
    public async Task<Dispute> OpenAsync(Charge charge, TestDispute terms)
    {
        var disputed = charge.DisputedFor(takesMoney: !terms.IsInquiry);
        var (id, now) = (ids.New("du"), clock.GetUtcNow());
        var amount = charge.Amount - charge.AmountRefunded;
        var dispute = new Dispute
        {
            Id = id,
            MerchantId = charge.MerchantId,
            Charge = charge.Id,
            PaymentIntent = charge.PaymentIntent,
            Amount = amount,
            Currency = charge.Currency,
            Reason = terms.Reason,
            Status = terms.IsInquiry ? DisputeStatus.WarningNeedsResponse : DisputeStatus.NeedsResponse,
            Metadata = new Dictionary<string, string>(),
            SettlesAt = now + TimeForEvidence,
            CreatedAt = now,
            Details = new DisputeDetails
            {
                Evidence = new Dictionary<string, string>(),
                DueBy = now + TimeForEvidence,
                BalanceTransactions = terms.IsInquiry ? [] : [await TakeAsync(charge, id, amount)],
                Brand = charge.Details.Card?.Brand,
                PaymentType = charge.Details.BankAccount?.Type,
                NetworkReasonCode = charge.Details.Card is null ? null : terms.NetworkReasonCode,
            },
        };
        await disputes.SaveAsync(dispute);
        await charges.UpdateAsync(disputed);
        await events.AppendAsync(dispute, EventTypes.DisputeCreated);
        if (!terms.IsInquiry) await events.AppendAsync(dispute, EventTypes.DisputeFundsWithdrawn);
        return dispute;
    }

    private Task<BalanceTransaction> TakeAsync(Charge charge, string dispute, long amount) => ledger.RecordAsync(
        new Movement(charge.MerchantId, BalanceTransactionType.Adjustment, -amount, charge.Currency, dispute)
        {
            Fee = Fees.Dispute,
            Description = $"Chargeback withdrawal for {charge.Id}",
        });
}
