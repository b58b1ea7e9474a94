using MediatR;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>The payment methods that a customer has, newest first.</summary>
public sealed record ListCustomerPaymentMethods(string Customer) : PageRequest, IQuery<Page<PaymentMethodObject>>
{
    /// <summary><c>card</c>, <c>us_bank_account</c> or <c>sepa_debit</c>.</summary>
    public string? Type { get; init; }
}

internal sealed class ListCustomerPaymentMethodsValidator : PageRequestValidator<ListCustomerPaymentMethods>
{
    public ListCustomerPaymentMethodsValidator() => RuleFor(page => page.Type).KnownType();
}

internal sealed class ListCustomerPaymentMethodsHandler(RequestContext context, CustomerStore customers, PaymentMethodStore methods)
    : IRequestHandler<ListCustomerPaymentMethods, Page<PaymentMethodObject>>
{
    public async Task<Page<PaymentMethodObject>> Handle(ListCustomerPaymentMethods request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetAsync(context.MerchantId, request.Customer);
        return (await methods.ListAsync(context.MerchantId, request, customer.Id, request.Type)).Select(PaymentMethodObject.Of);
    }
}
