using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>The merchant's customers, newest first, without the deleted ones.</summary>
public sealed record ListCustomers : PageRequest, IQuery<Page<CustomerObject>>
{
    /// <summary>Exactly this address; capital letters count.</summary>
    public string? Email { get; init; }

    public TimeRange? Created { get; init; }
}

internal sealed class ListCustomersValidator : PageRequestValidator<ListCustomers>;

internal sealed class ListCustomersHandler(RequestContext context, CustomerStore customers) : IRequestHandler<ListCustomers, Page<CustomerObject>>
{
    public async Task<Page<CustomerObject>> Handle(ListCustomers request, CancellationToken cancellationToken) =>
        (await customers.ListAsync(context.MerchantId, request)).Select(CustomerObject.Of);
}
