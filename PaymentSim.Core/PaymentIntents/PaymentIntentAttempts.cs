using PaymentSim.Core.Charges;
using PaymentSim.Core.Checkout;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>How an attempt is made.</summary>
/// <param name="CanAsk">False: the cardholder is not there, so that a card which wants to ask is declined.</param>
/// <param name="ReturnUrl">Where the cardholder goes after a check.</param>
internal sealed record AttemptTerms(bool CanAsk, string? ReturnUrl);

/// <summary>Tries to take a payment intent's money: asks the cardholder where the card wants that, and makes a charge of every attempt.</summary>
internal sealed class PaymentIntentAttempts(
    RequestContext context,
    PaymentIntentChanges changes,
    ChargeMaker charges,
    SourceResolver sources,
    PaymentMethodStore methods,
    CustomerCards customers,
    CheckoutEnd checkouts)
{
    /// <exception cref="ProblemException">It cannot be confirmed as it is.</exception>
    public async Task<PaymentIntentAttempt> ConfirmAsync(PaymentIntent intent, AttemptTerms terms)
    {
        intent.Require(PaymentIntentAction.Confirm);
        var method = await MethodOfAsync(intent);
        var source = sources.OfMethod(method);
        if (!terms.CanAsk || source is not ResolvedSource.Card { Of.AsksForAuthentication: true })
            return await PayAsync(intent, PaymentIntentAction.Confirm, method, source);

        var asking = intent.Become(PaymentIntentStatus.RequiresAction, PaymentIntentAction.Confirm) with
        {
            Details = intent.Details with
            {
                NextAction = NextAction.Authenticate(context.BaseUrl, intent.MerchantId, intent.Details.ClientSecret, terms.ReturnUrl),
                ReturnUrl = terms.ReturnUrl,
                LastPaymentError = null,
            },
        };
        await changes.SaveAsync(asking, EventTypes.PaymentIntentRequiresAction);
        return new PaymentIntentAttempt(PaymentIntentObject.Of(asking));
    }

    /// <summary>The cardholder was asked.</summary>
    /// <exception cref="ProblemException">It does not wait for that.</exception>
    public async Task<PaymentIntentAttempt> AuthenticateAsync(PaymentIntent intent, bool passed)
    {
        intent.Require(PaymentIntentAction.Authenticate);
        var method = await MethodOfAsync(intent);
        return passed
            ? await PayAsync(intent, PaymentIntentAction.Authenticate, method, sources.OfMethod(method, authenticated: true))
            : await FailAsync(intent, PaymentIntentAction.Authenticate, method, NotAuthenticated(ProblemCode.PaymentIntentAuthenticationFailure));
    }

    /// <summary>What a failed check is on the wire.</summary>
    public static Problem NotAuthenticated(ProblemCode code) => Problem.Invalid(
        "The cardholder did not pass the authentication of this payment method. Try again with the same or another payment method.", code: code);

    private async Task<PaymentMethod> MethodOfAsync(PaymentIntent intent)
    {
        if (intent.PaymentMethod is null)
        {
            throw intent.Unexpected(
                "You cannot confirm this PaymentIntent because it has no payment method: give one, here or by an update.");
        }

        var method = await methods.FindAsync(intent.MerchantId, intent.PaymentMethod);
        if (method is null or { Details.Detached: true })
            throw new ProblemException(PaymentMethodIntake.NoSuch(intent.PaymentMethod, "payment_method"));
        if (!intent.Details.PaymentMethodTypes.Contains(method.Details.Type))
        {
            throw new ProblemException(Problem.Invalid(
                $"A payment method of the type {method.Details.Type} cannot pay this PaymentIntent, which takes: {string.Join(", ", intent.Details.PaymentMethodTypes)}.",
                "payment_method",
                ProblemCode.PaymentIntentIncompatiblePaymentMethod));
        }

        if (IntentRules.Currencies.TryGetValue(method.Details.Type, out var currency) && currency != intent.Currency)
        {
            throw new ProblemException(Problem.Invalid(
                $"The currency provided ({intent.Currency}) is invalid. Payments with {method.Details.Type} support the following currencies: {currency}.", "currency"));
        }

        return method.Details.BankAccount is null || !intent.IsCapturedLater
            ? method
            : throw new ProblemException(Problem.Invalid("A bank debit cannot be captured later: it needs capture_method=automatic.", "capture_method"));
    }

    private async Task<PaymentIntentAttempt> PayAsync(PaymentIntent intent, PaymentIntentAction action, PaymentMethod method, ResolvedSource source)
    {
        var (charge, _) = await charges.MakeAsync(intent.MerchantId, TermsOf(intent), source, intent.Id);
        var tried = intent with { LatestCharge = charge.Id };
        if (source is ResolvedSource.Card { Decline: { } decline })
            return await FailAsync(tried, action, method, SourceResolver.ToProblem(decline) with { Charge = charge.Id });

        if (intent is { Customer: { } customer, Details.SetupFutureUsage: not null }) await customers.GiveAsync(intent.MerchantId, customer, method.Id);
        var (next, type) = (charge.Status, intent.IsCapturedLater) switch
        {
            (ChargeStatus.Pending, _) => (PaymentIntentStatus.Processing, EventTypes.PaymentIntentProcessing),
            (_, true) => (PaymentIntentStatus.RequiresCapture, EventTypes.PaymentIntentAmountCapturableUpdated),
            _ => (PaymentIntentStatus.Succeeded, EventTypes.PaymentIntentSucceeded),
        };
        var done = tried.Become(next, action) with
        {
            Details = tried.Details with
            {
                AmountCapturable = next == PaymentIntentStatus.RequiresCapture ? intent.Amount : 0,
                AmountReceived = charge.AmountCaptured,
                NextAction = null,
                LastPaymentError = null,
            },
        };
        await changes.SaveAsync(done, type);
        if (done.Details.CheckoutSession is not null) await checkouts.CompleteAsync(done, method);
        return new PaymentIntentAttempt(PaymentIntentObject.Of(done));
    }

    private async Task<PaymentIntentAttempt> FailAsync(PaymentIntent intent, PaymentIntentAction action, PaymentMethod method, Problem problem)
    {
        var failed = Failed(intent, action, method, problem);
        await changes.SaveAsync(failed, EventTypes.PaymentIntentPaymentFailed);
        return new PaymentIntentAttempt(PaymentIntentObject.Of(failed), problem with
        {
            PaymentIntent = PaymentIntentObject.Json(failed),
            PaymentMethod = PaymentMethodObject.Json(method),
        });
    }

    /// <summary>The intent after an attempt that failed: it waits for another payment method.</summary>
    internal static PaymentIntent Failed(PaymentIntent intent, PaymentIntentAction action, PaymentMethod method, Problem problem) =>
        intent.Become(PaymentIntentStatus.RequiresPaymentMethod, action) with
        {
            PaymentMethod = null,
            Details = intent.Details with { LastPaymentError = IntentError.Of(problem, method), NextAction = null },
        };

    private static CreateCharge TermsOf(PaymentIntent intent) => new()
    {
        Amount = intent.Amount,
        Currency = intent.Currency,
        Customer = intent.Customer,
        Description = intent.Details.Description,
        Metadata = intent.Metadata,
        Capture = !intent.IsCapturedLater,
        ReceiptEmail = intent.Details.ReceiptEmail,
        StatementDescriptor = intent.Details.StatementDescriptor,
        StatementDescriptorSuffix = intent.Details.StatementDescriptorSuffix,
        Shipping = intent.Details.Shipping,
        TransferGroup = intent.Details.TransferGroup,
        OnBehalfOf = intent.Details.OnBehalfOf,
        ApplicationFeeAmount = intent.Details.ApplicationFeeAmount,
        TransferData = intent.Details.TransferData,
    };
}
