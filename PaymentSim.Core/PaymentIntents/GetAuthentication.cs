using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.SetupIntents;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>The check that an intent asks its cardholder for, by the intent's client secret: what the cardholder's page shows.</summary>
public sealed record GetAuthentication(string ClientSecret) : IQuery<Authentication>
{
    public override string ToString() => nameof(GetAuthentication);
}

/// <summary>A check of the cardholder.</summary>
/// <param name="Intent">Its id.</param>
/// <param name="Amount">What is paid; null where a card is only saved.</param>
/// <param name="Card">The card that asks; null where nothing waits any more.</param>
/// <param name="ReturnUrl">Where the cardholder goes afterwards; null: nowhere.</param>
public sealed record Authentication(string Intent, Money? Amount, CardSnapshot? Card, Uri? ReturnUrl)
{
    /// <summary>It can still be passed or failed.</summary>
    public bool IsWaiting => Card is not null;

    public bool IsPayment => Amount is not null;
}

internal sealed class GetAuthenticationHandler(
    RequestContext context, PaymentIntentStore intents, SetupIntentStore setups, PaymentMethodStore methods) : IRequestHandler<GetAuthentication, Authentication>
{
    public async Task<Authentication> Handle(GetAuthentication request, CancellationToken cancellationToken)
    {
        var id = ClientSecret.IntentOf(request.ClientSecret) ?? throw NotFound();
        return id.StartsWith("seti_", StringComparison.Ordinal) ? await OfSetupAsync(id, request.ClientSecret) : await OfPaymentAsync(id, request.ClientSecret);
    }

    private async Task<Authentication> OfPaymentAsync(string id, string secret)
    {
        var intent = await intents.GetAsync(context.MerchantId, id);
        if (!ClientSecret.Matches(intent.Details.ClientSecret, secret)) throw NotFound();
        var card = intent.Status == PaymentIntentStatus.RequiresAction ? await CardAsync(intent.PaymentMethod) : null;
        return new Authentication(
            id,
            new Money(intent.Amount, intent.Currency),
            card,
            Return(intent.Details.ReturnUrl, "payment_intent", id, secret, failed: intent.Status == PaymentIntentStatus.RequiresPaymentMethod));
    }

    private async Task<Authentication> OfSetupAsync(string id, string secret)
    {
        var intent = await setups.GetAsync(context.MerchantId, id);
        if (!ClientSecret.Matches(intent.Details.ClientSecret, secret)) throw NotFound();
        var card = intent.Status == SetupIntentStatus.RequiresAction ? await CardAsync(intent.PaymentMethod) : null;
        return new Authentication(
            id, null, card, Return(intent.Details.ReturnUrl, "setup_intent", id, secret, failed: intent.Status == SetupIntentStatus.RequiresPaymentMethod));
    }

    private async Task<CardSnapshot?> CardAsync(string? method) =>
        method is null ? null : (await methods.FindAsync(context.MerchantId, method))?.Details.Card;

    /// <summary>The merchant learns from the query which intent it was, and what came of it.</summary>
    private static Uri? Return(string? url, string name, string id, string secret, bool failed)
    {
        if (url is null) return null;
        var (bare, fragment) = url.IndexOf('#', StringComparison.Ordinal) is >= 0 and var at ? (url[..at], url[at..]) : (url, "");
        return new Uri($"{bare}{(bare.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={id}&{name}_client_secret={secret}"
            + $"&redirect_status={(failed ? "failed" : "succeeded")}{fragment}");
    }

    private static ProblemException NotFound() => new(Problem.Invalid("There is no such check.") with { Kind = ProblemKind.NotFound });
}
