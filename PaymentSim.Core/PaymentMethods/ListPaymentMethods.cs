using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>The merchant's payment methods, newest first.</summary>
public sealed record ListPaymentMethods : PageRequest, IQuery<Page<PaymentMethodObject>>
{
    /// <summary>Only this customer's.</summary>
    public string? Customer { get; init; }

    /// <summary><c>card</c>, <c>us_bank_account</c> or <c>sepa_debit</c>.</summary>
    public string? Type { get; init; }
}

internal sealed class ListPaymentMethodsValidator : PageRequestValidator<ListPaymentMethods>
{
    public ListPaymentMethodsValidator() => RuleFor(page => page.Type).KnownType();
}

internal sealed class ListPaymentMethodsHandler(RequestContext context, PaymentMethodStore methods)
    : IRequestHandler<ListPaymentMethods, Page<PaymentMethodObject>>
{
    public async Task<Page<PaymentMethodObject>> Handle(ListPaymentMethods request, CancellationToken cancellationToken) =>
        (await methods.ListAsync(context.MerchantId, request, request.Customer, request.Type)).Select(PaymentMethodObject.Of);
}
