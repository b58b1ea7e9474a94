using MediatR;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>One payment method that a customer has.</summary>
public sealed record GetCustomerPaymentMethod(string Customer, string Id) : IQuery<PaymentMethodObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetCustomerPaymentMethodHandler(RequestContext context, CustomerStore customers, PaymentMethodStore methods)
    : IRequestHandler<GetCustomerPaymentMethod, PaymentMethodObject>
{
    public async Task<PaymentMethodObject> Handle(GetCustomerPaymentMethod request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetAsync(context.MerchantId, request.Customer);
        var found = await methods.FindAsync(context.MerchantId, request.Id);
        return found?.Customer == customer.Id
            ? PaymentMethodObject.Of(found)
            : throw new ProblemException(PaymentMethodIntake.NoSuch(request.Id, "id"));
    }
}
