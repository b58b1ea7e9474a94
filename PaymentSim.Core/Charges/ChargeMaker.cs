using PaymentSim.Core.Balance;
using PaymentSim.Core.Disputes;
using PaymentSim.Core.Events;

namespace PaymentSim.Core.Charges;

/// <summary>Makes charges of sources that were answered: stores each, paid or failed, tells of it, and leaves what is to come as a job.</summary>
internal sealed class ChargeMaker(
    ChargeStore charges, ChargeEvents events, ChargeSettlement settlement, Ledger ledger, DisputeMaker disputes, Ids ids, TimeProvider clock)
{
    /// <param name="merchantId">Whose charge.</param>
    /// <param name="terms">How much, and what the charge says of itself; its source plays no part.</param>
    /// <param name="source">A card or bank account.</param>
    /// <param name="paymentIntent">The payment intent that this is an attempt of, where it is one.</param>
    /// <returns>The charge, and what its event shows of it.</returns>
    public async Task<(Charge Charge, ChargeObject Shown)> MakeAsync(
        string merchantId, CreateCharge terms, ResolvedSource source, string? paymentIntent = null)
    {
        var charge = Decide(merchantId, terms, source, paymentIntent);
        if (charge.Captured && source is ResolvedSource.Card { Of.FundsAtOnce: true }) charge = await ledger.CreditAsync(charge);
        await charges.InsertAsync(charge);
        var shown = await events.AppendAsync(charge, charge.Status switch
        {
            ChargeStatus.Succeeded => EventTypes.ChargeSucceeded,
            ChargeStatus.Pending => EventTypes.ChargePending,
            _ => EventTypes.ChargeFailed,
        });
        settlement.Schedule(charge);
        if (charge.Captured && source is ResolvedSource.Card { Of.Dispute: { } dispute }) await disputes.OpenAsync(charge, dispute);
        return (charge, shown);
    }

    private Charge Decide(string merchantId, CreateCharge terms, ResolvedSource source, string? paymentIntent)
    {
        var now = clock.GetUtcNow();
        var (card, account) = (source as ResolvedSource.Card, source as ResolvedSource.BankAccount);
        var status = account is not null ? ChargeStatus.Pending : card!.Decline is null ? ChargeStatus.Succeeded : ChargeStatus.Failed;
        var captured = status == ChargeStatus.Succeeded && terms.Capture != false;
        return new Charge
        {
            Id = ids.New("ch"),
            MerchantId = merchantId,
            Amount = terms.Amount!.Value,
            Currency = Currency.Find(terms.Currency)!.Code,
            Status = status,
            Captured = captured,
            AmountCaptured = captured ? terms.Amount.Value : 0,
            Customer = terms.Customer,
            PaymentIntent = paymentIntent,
            Description = Text.NullIfEmpty(terms.Description),
            TransferGroup = Text.NullIfEmpty(terms.TransferGroup),
            Metadata = Metadata.Merge(new Dictionary<string, string>(), terms.Metadata),
            SettlesAt = settlement.DueAt(status, captured, now),
            CreatedAt = now,
            Details = new ChargeDetails
            {
                PaymentMethodId = card?.Id ?? account?.Id ?? ids.New(account is null ? "card" : "ba"),
                Card = card?.Snapshot,
                BankAccount = account?.Snapshot,
                Billing = card?.Billing ?? account?.Billing,
                Authenticated = card?.Authenticated ?? false,
                Outcome = card is null ? ChargeOutcome.OfBankDebit() : ChargeOutcome.Of(card.Of, card.Decline),
                Failure = card?.Decline is { } decline ? new ChargeFailure(decline.Code.Wire(), decline.Message) : null,
                ReceiptEmail = Text.NullIfEmpty(terms.ReceiptEmail),
                StatementDescriptor = Text.NullIfEmpty(terms.StatementDescriptor),
                StatementDescriptorSuffix = Text.NullIfEmpty(terms.StatementDescriptorSuffix),
                Shipping = terms.Shipping,
                OnBehalfOf = Text.NullIfEmpty(terms.OnBehalfOf),
                ApplicationFeeAmount = terms.ApplicationFeeAmount,
                TransferData = terms.TransferData,
            },
        };
    }
}
