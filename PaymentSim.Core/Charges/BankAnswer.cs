using PaymentSim.Core.Balance;
using PaymentSim.Core.Disputes;
using PaymentSim.Core.Events;
using PaymentSim.Core.Network;
using PaymentSim.Core.PaymentIntents;

namespace PaymentSim.Core.Charges;

/// <summary>Ends pending charges as their bank says.</summary>
internal sealed class BankAnswer(ChargeStore charges, ChargeEvents events, Ledger ledger, DisputeMaker disputes, PaymentIntentSettlement intents)
{
    private static readonly TestDispute Unauthorized = new("fraudulent", "10.4");

    /// <param name="pending">Read to be changed.</param>
    /// <param name="failure">Why the bank does not pay; null: it does.</param>
    /// <param name="intent">What <see cref="PaymentIntentSettlement.BeginAsync"/> answered before the charge was read.</param>
    /// <exception cref="ProblemException">The charge is not pending.</exception>
    public async Task<Charge> GiveAsync(Charge pending, ChargeFailure? failure, PaymentIntent? intent)
    {
        var settled = pending.Settled(failure);
        if (settled.Captured) settled = await ledger.CreditAsync(settled);
        await charges.UpdateAsync(settled);
        await events.AppendAsync(settled, settled.Status == ChargeStatus.Succeeded ? EventTypes.ChargeSucceeded : EventTypes.ChargeFailed);
        if (intent is not null) await intents.EndAsync(intent, settled);
        if (settled is { Captured: true, Details.BankAccount.Disputed: true }) await disputes.OpenAsync(settled, Unauthorized);
        return settled;
    }
}
