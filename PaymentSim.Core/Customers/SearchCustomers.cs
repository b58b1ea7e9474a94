using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Search;

namespace PaymentSim.Core.Customers;

/// <summary>The merchant's customers that a query finds, newest first, without the deleted ones.</summary>
public sealed record SearchCustomers : SearchRequest, IQuery<SearchPage<CustomerObject>>;

internal sealed class SearchCustomersValidator : SearchRequestValidator<SearchCustomers>;

internal sealed class SearchCustomersHandler(RequestContext context, CustomerStore customers) : IRequestHandler<SearchCustomers, SearchPage<CustomerObject>>
{
    public async Task<SearchPage<CustomerObject>> Handle(SearchCustomers request, CancellationToken cancellationToken) =>
        (await customers.SearchAsync(context.MerchantId, request)).Select(CustomerObject.Of);
}
