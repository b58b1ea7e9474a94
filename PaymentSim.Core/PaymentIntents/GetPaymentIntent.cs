using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>One payment intent of the merchant.</summary>
public sealed record GetPaymentIntent(string Intent) : IQuery<PaymentIntentObject>, IExpands
{
    /// <summary>Needed with a publishable key.</summary>
    public string? ClientSecret { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetPaymentIntentHandler(RequestContext context, PaymentIntentStore intents) : IRequestHandler<GetPaymentIntent, PaymentIntentObject>
{
    public async Task<PaymentIntentObject> Handle(GetPaymentIntent request, CancellationToken cancellationToken)
    {
        var intent = await intents.GetAsync(context.MerchantId, request.Intent);
        ClientSecret.Check(context, intent.Details.ClientSecret, request.ClientSecret);
        var found = PaymentIntentObject.Of(intent);
        return context.IsPublishable ? found.ForBrowser() : found;
    }
}
