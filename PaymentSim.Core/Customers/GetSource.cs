using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>One card that a customer has saved.</summary>
public sealed record GetSource(string Customer, string Id) : IQuery<SourceObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetSourceHandler(RequestContext context, CustomerStore customers, PaymentMethodStore methods) : IRequestHandler<GetSource, SourceObject>
{
    public async Task<SourceObject> Handle(GetSource request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetAsync(context.MerchantId, request.Customer);
        return PaymentMethodObject.SourceOf(PaymentMethodIntake.SourceOf(customer.Id, await methods.FindAsync(context.MerchantId, request.Id), request.Id));
    }
}
