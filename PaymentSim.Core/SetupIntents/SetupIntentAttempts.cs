using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Core.SetupIntents;

/// <summary>Tries to make a setup intent's payment method ready: asks the issuer, and the cardholder where the card wants that.</summary>
internal sealed class SetupIntentAttempts(RequestContext context, SetupIntentChanges changes, CardReader cards, PaymentMethodStore methods, CustomerCards customers)
{
    /// <param name="returnUrl">Where the cardholder goes after a check.</param>
    /// <exception cref="ProblemException">It cannot be confirmed as it is.</exception>
    public async Task<SetupIntentAttempt> ConfirmAsync(SetupIntent intent, string? returnUrl)
    {
        intent.Require(SetupIntentAction.Confirm);
        var method = await MethodOfAsync(intent);
        var card = method.Details.Card is { } kept ? cards.CardOf(kept) : null;
        if (card?.AttachDecline is { } decline) return await FailAsync(intent, SetupIntentAction.Confirm, method, SourceResolver.ToProblem(decline));
        if (card is not { AsksForAuthentication: true }) return await SucceedAsync(intent, SetupIntentAction.Confirm, method);

        var asking = intent.Become(SetupIntentStatus.RequiresAction, SetupIntentAction.Confirm) with
        {
            Details = intent.Details with
            {
                NextAction = NextAction.Authenticate(context.BaseUrl, intent.MerchantId, intent.Details.ClientSecret, returnUrl),
                ReturnUrl = returnUrl,
                LastSetupError = null,
            },
        };
        await changes.SaveAsync(asking, EventTypes.SetupIntentRequiresAction);
        return new SetupIntentAttempt(SetupIntentObject.Of(asking));
    }

    /// <summary>The cardholder was asked.</summary>
    /// <exception cref="ProblemException">It does not wait for that.</exception>
    public async Task<SetupIntentAttempt> AuthenticateAsync(SetupIntent intent, bool passed)
    {
        intent.Require(SetupIntentAction.Authenticate);
        var method = await MethodOfAsync(intent);
        return passed
            ? await SucceedAsync(intent, SetupIntentAction.Authenticate, method)
            : await FailAsync(
                intent, SetupIntentAction.Authenticate, method, PaymentIntentAttempts.NotAuthenticated(ProblemCode.SetupIntentAuthenticationFailure));
    }

    private async Task<PaymentMethod> MethodOfAsync(SetupIntent intent)
    {
        if (intent.PaymentMethod is null)
            throw intent.Unexpected("You cannot confirm this SetupIntent because it has no payment method: give one, here or by an update.");

        var method = await methods.FindAsync(intent.MerchantId, intent.PaymentMethod);
        if (method is null or { Details.Detached: true })
            throw new ProblemException(PaymentMethodIntake.NoSuch(intent.PaymentMethod, "payment_method"));
        return intent.Details.PaymentMethodTypes.Contains(method.Details.Type)
            ? method
            : throw new ProblemException(Problem.Invalid(
                $"A payment method of the type {method.Details.Type} cannot be set up by this SetupIntent, which takes: {string.Join(", ", intent.Details.PaymentMethodTypes)}.",
                "payment_method",
                ProblemCode.PaymentIntentIncompatiblePaymentMethod));
    }

    private async Task<SetupIntentAttempt> SucceedAsync(SetupIntent intent, SetupIntentAction action, PaymentMethod method)
    {
        if (intent.Customer is { } customer) await customers.GiveAsync(intent.MerchantId, customer, method.Id);
        var done = intent.Become(SetupIntentStatus.Succeeded, action) with
        {
            Details = intent.Details with { NextAction = null, LastSetupError = null },
        };
        await changes.SaveAsync(done, EventTypes.SetupIntentSucceeded);
        return new SetupIntentAttempt(SetupIntentObject.Of(done));
    }

    private async Task<SetupIntentAttempt> FailAsync(SetupIntent intent, SetupIntentAction action, PaymentMethod method, Problem problem)
    {
        var failed = intent.Become(SetupIntentStatus.RequiresPaymentMethod, action) with
        {
            PaymentMethod = null,
            Details = intent.Details with { LastSetupError = IntentError.Of(problem, method), NextAction = null },
        };
        await changes.SaveAsync(failed, EventTypes.SetupIntentSetupFailed);
        return new SetupIntentAttempt(SetupIntentObject.Of(failed), problem with
        {
            SetupIntent = SetupIntentObject.Json(failed),
            PaymentMethod = PaymentMethodObject.Json(method),
        });
    }
}
