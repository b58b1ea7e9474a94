using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Takes a bank's answer to a charge over to the payment intent that made it.</summary>
internal sealed class PaymentIntentSettlement(PaymentIntentStore intents, PaymentIntentChanges changes, PaymentMethodStore methods)
{
    /// <summary>Locks the intent of a charge that is going to be settled: an intent is locked before its charges, as everywhere.</summary>
    /// <returns>Null where no intent made the charge.</returns>
    public async Task<PaymentIntent?> BeginAsync(Charge charge) =>
        charge.PaymentIntent is { } id ? await intents.GetToChangeAsync(charge.MerchantId, id) : null;

    /// <summary>The charge was settled.</summary>
    /// <param name="intent">What <see cref="BeginAsync"/> answered.</param>
    public async Task EndAsync(PaymentIntent intent, Charge charge)
    {
        if (intent.LatestCharge != charge.Id || intent.Status != PaymentIntentStatus.Processing) return;
        if (charge.Details.Failure is not { } failure)
        {
            var paid = intent.Become(PaymentIntentStatus.Succeeded, PaymentIntentAction.Settle) with
            {
                Details = intent.Details with { AmountReceived = charge.AmountCaptured },
            };
            await changes.SaveAsync(paid, EventTypes.PaymentIntentSucceeded);
            return;
        }

        var method = await methods.FindAsync(intent.MerchantId, charge.Details.PaymentMethodId)
            ?? throw new InvalidOperationException($"Charge {charge.Id} of {intent.Id} was paid with {charge.Details.PaymentMethodId}, which is not there.");
        var problem = Problem.Invalid(failure.Message) with { Charge = charge.Id };
        var failed = PaymentIntentAttempts.Failed(intent, PaymentIntentAction.Settle, method, problem);
        await changes.SaveAsync(
            failed with { Details = failed.Details with { LastPaymentError = failed.Details.LastPaymentError! with { Code = failure.Code } } },
            EventTypes.PaymentIntentPaymentFailed);
    }
}
