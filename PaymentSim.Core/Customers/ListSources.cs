using FluentValidation;
using MediatR;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>The cards and bank accounts that a customer has saved as sources, newest first.</summary>
public sealed record ListSources(string Customer) : PageRequest, IQuery<Page<CustomerSource>>
{
    /// <summary><c>card</c> or <c>bank_account</c>: only these.</summary>
    public string? Object { get; init; }
}

internal sealed class ListSourcesValidator : PageRequestValidator<ListSources>
{
    public ListSourcesValidator() => RuleFor(page => page.Object).Must(kind => kind is null or "card" or "bank_account")
        .WithMessage("Invalid object: must be one of card or bank_account");
}

internal sealed class ListSourcesHandler(RequestContext context, CustomerStore customers, PaymentMethodStore methods)
    : IRequestHandler<ListSources, Page<CustomerSource>>
{
    public async Task<Page<CustomerSource>> Handle(ListSources request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetAsync(context.MerchantId, request.Customer);
        return (await methods.ListSourcesAsync(context.MerchantId, request, customer.Id, request.Object)).Select(PaymentMethodObject.SourceOf);
    }
}
