using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Core.Checkout;

/// <summary>Ends checkout sessions, and tells of it. A session's payment intent is locked before the session, as everywhere.</summary>
internal sealed class CheckoutEnd(CheckoutStore sessions, EventLog events)
{
    /// <summary>The session's payment intent was paid, or authorised.</summary>
    public async Task CompleteAsync(PaymentIntent intent, PaymentMethod method)
    {
        var session = await sessions.GetToChangeAsync(intent.MerchantId, intent.Details.CheckoutSession!);
        var complete = session.Become(CheckoutStatus.Complete) with
        {
            Details = session.Details with
            {
                Paid = intent.Status == PaymentIntentStatus.Succeeded,
                Payer = method.Details.Billing with { Email = method.Details.Billing.Email ?? session.Details.CustomerEmail },
            },
        };
        await SaveAsync(complete, EventTypes.CheckoutSessionCompleted);
    }

    /// <summary>The session can no longer be paid.</summary>
    /// <param name="open">Read to be changed.</param>
    /// <exception cref="ProblemException">It is not open any more.</exception>
    public async Task<CheckoutSession> ExpireAsync(CheckoutSession open)
    {
        var expired = open.Become(CheckoutStatus.Expired);
        await SaveAsync(expired, EventTypes.CheckoutSessionExpired);
        return expired;
    }

    private async Task SaveAsync(CheckoutSession session, string type)
    {
        await sessions.SaveAsync(session);
        await events.AppendAsync(session.MerchantId, type, session.Id, CheckoutSessionObject.Of(session));
    }
}

/// <summary>Gives checkout sessions up with their payment intents.</summary>
internal sealed class CheckoutExpiry(CheckoutStore sessions, CheckoutEnd end, PaymentIntentStore intents, PaymentIntentChanges changes, TimeProvider clock)
{
    /// <returns>Null where there is no such session.</returns>
    /// <param name="onlyOverdue">One that is not open any more, or has time left, is left as it is.</param>
    public async Task<CheckoutSession?> ExpireAsync(string merchantId, string id, bool onlyOverdue)
    {
        await sessions.LockAsync(id);
        if (await sessions.FindAsync(merchantId, id) is not { } found) return null;
        var intent = found.PaymentIntent is { } paying ? await intents.GetToChangeAsync(merchantId, paying) : null;
        var session = await sessions.GetToChangeAsync(merchantId, id);
        if (onlyOverdue && (session.Status != CheckoutStatus.Open || session.ExpiresAt > clock.GetUtcNow())) return session;

        var expired = await end.ExpireAsync(session);
        if (intent is not null) await changes.SaveAsync(intent.Canceled("expired", clock.GetUtcNow()), EventTypes.PaymentIntentCanceled);
        return expired;
    }
}
