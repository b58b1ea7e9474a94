using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Search;

namespace PaymentSim.Core.Charges;

/// <summary>The merchant's charges that a query finds, newest first.</summary>
public sealed record SearchCharges : SearchRequest, IQuery<SearchPage<ChargeObject>>;

internal sealed class SearchChargesValidator : SearchRequestValidator<SearchCharges>;

internal sealed class SearchChargesHandler(RequestContext context, ChargeStore charges) : IRequestHandler<SearchCharges, SearchPage<ChargeObject>>
{
    public async Task<SearchPage<ChargeObject>> Handle(SearchCharges request, CancellationToken cancellationToken) =>
        (await charges.SearchAsync(context.MerchantId, request)).Select(ChargeObject.Of);
}
