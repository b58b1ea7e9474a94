using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Search;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>The merchant's payment intents that a query finds, newest first.</summary>
public sealed record SearchPaymentIntents : SearchRequest, IQuery<SearchPage<PaymentIntentObject>>;

internal sealed class SearchPaymentIntentsValidator : SearchRequestValidator<SearchPaymentIntents>;

internal sealed class SearchPaymentIntentsHandler(RequestContext context, PaymentIntentStore intents)
    : IRequestHandler<SearchPaymentIntents, SearchPage<PaymentIntentObject>>
{
    public async Task<SearchPage<PaymentIntentObject>> Handle(SearchPaymentIntents request, CancellationToken cancellationToken) =>
        (await intents.SearchAsync(context.MerchantId, request)).Select(PaymentIntentObject.Of);
}
