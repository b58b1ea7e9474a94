using MediatR;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>One card or bank account that a customer has saved.</summary>
public sealed record GetSource(string Customer, string Id) : IQuery<CustomerSource>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetSourceHandler(RequestContext context, CustomerStore customers, PaymentMethodStore methods) : IRequestHandler<GetSource, CustomerSource>
{
    public async Task<CustomerSource> Handle(GetSource request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetAsync(context.MerchantId, request.Customer);
        return PaymentMethodObject.SourceOf(PaymentMethodIntake.SourceOf(customer.Id, await methods.FindAsync(context.MerchantId, request.Id), request.Id));
    }
}
