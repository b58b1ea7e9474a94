using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>One customer of the merchant, or the trace of a deleted one.</summary>
public sealed record GetCustomer(string Id) : IQuery<CustomerLookup>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

/// <summary>What was found; one of both is null.</summary>
public sealed record CustomerLookup(CustomerObject? Customer, DeletedObject? Deleted) : IHoldsObject<CustomerObject>
{
    object? IHoldsObject.Held => Customer;
}

internal sealed class GetCustomerHandler(RequestContext context, CustomerStore customers) : IRequestHandler<GetCustomer, CustomerLookup>
{
    public async Task<CustomerLookup> Handle(GetCustomer request, CancellationToken cancellationToken) =>
        await customers.FindAsync(context.MerchantId, request.Id) switch
        {
            null => throw new ProblemException(Problem.Missing("customer", request.Id)),
            { Deleted: true } gone => new CustomerLookup(null, new DeletedObject(gone.Id, "customer")),
            var found => new CustomerLookup(CustomerObject.Of(found), null),
        };
}
