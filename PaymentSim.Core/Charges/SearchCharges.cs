using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Search;

namespace PaymentSim.Core.Charges;

/// <summary>The merchant's charges that a query finds, newest first.</summary>
public sealed record SearchCharges : SearchRequest, IQuery<SearchPage<ChargeObject>>;

internal sealed class SearchChargesValidator : SearchRequestValidator<SearchCharges>;

internal sealed class SearchChargesHandler(RequestContext context, ChargeStore charges, ChargeObjects objects)
    : IRequestHandler<SearchCharges, SearchPage<ChargeObject>>
{
    public async Task<SearchPage<ChargeObject>> Handle(SearchCharges request, CancellationToken cancellationToken)
    {
        var page = await charges.SearchAsync(context.MerchantId, request);
        return new SearchPage<ChargeObject>(await objects.OfAsync(page.Data), page.HasMore, page.NextPage) { TotalCount = page.TotalCount };
    }
}
