using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Takes what happens to charges by itself (a bank's answer, the end of an authorisation's time) over to the payment intents that made them.</summary>
internal sealed class PaymentIntentSettlement(
    PaymentIntentStore intents, PaymentIntentChanges changes, ChargeStore charges, PaymentMethodStore methods, TimeProvider clock)
{
    /// <summary>Locks the intent of a charge that is going to be changed: an intent is locked before its charges, as everywhere. Null: it has none.</summary>
    public async Task<PaymentIntent?> BeginAsync(string merchantId, string chargeId) =>
        await charges.FindAsync(merchantId, chargeId) is { PaymentIntent: { } id } ? await intents.GetToChangeAsync(merchantId, id) : null;

    /// <summary>The charge is as it is now.</summary>
    /// <param name="intent">What <see cref="BeginAsync"/> answered.</param>
    public async Task EndAsync(PaymentIntent intent, Charge charge)
    {
        if (intent.LatestCharge != charge.Id) return;
        if (charge.Details.Expired) await ExpireAsync(intent);
        else if (charge.Details.Failure is { } failure) await FailAsync(intent, charge, failure);
        else await SucceedAsync(intent, charge);
    }

    private Task SucceedAsync(PaymentIntent intent, Charge charge) => changes.SaveAsync(
        intent.Become(PaymentIntentStatus.Succeeded, PaymentIntentAction.Settle) with
        {
            Details = intent.Details with { AmountReceived = charge.AmountCaptured },
        },
        EventTypes.PaymentIntentSucceeded);

    private async Task FailAsync(PaymentIntent intent, Charge charge, ChargeFailure failure)
    {
        var method = await methods.FindAsync(intent.MerchantId, charge.Details.PaymentMethodId)
            ?? throw new InvalidOperationException($"Charge {charge.Id} of {intent.Id} was paid with {charge.Details.PaymentMethodId}, which is not there.");
        var failed = PaymentIntentAttempts.Failed(
            intent, PaymentIntentAction.Settle, method, Problem.Invalid(failure.Message) with { Charge = charge.Id });
        await changes.SaveAsync(
            failed with { Details = failed.Details with { LastPaymentError = failed.Details.LastPaymentError! with { Code = failure.Code } } },
            EventTypes.PaymentIntentPaymentFailed);
    }

    private Task ExpireAsync(PaymentIntent intent) => changes.SaveAsync(
        intent.Canceled("automatic", clock.GetUtcNow()), EventTypes.PaymentIntentCanceled);
}
