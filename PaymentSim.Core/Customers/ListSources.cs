using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>The cards that a customer has saved as sources, newest first.</summary>
public sealed record ListSources(string Customer) : PageRequest, IQuery<Page<SourceObject>>
{
    /// <summary><c>card</c>.</summary>
    public string? Object { get; init; }
}

internal sealed class ListSourcesValidator : PageRequestValidator<ListSources>
{
    public ListSourcesValidator() => RuleFor(page => page.Object).Must(kind => kind is null or "card")
        .WithMessage("Invalid object: PaymentSim keeps sources of the kind card.");
}

internal sealed class ListSourcesHandler(RequestContext context, CustomerStore customers, PaymentMethodStore methods)
    : IRequestHandler<ListSources, Page<SourceObject>>
{
    public async Task<Page<SourceObject>> Handle(ListSources request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetAsync(context.MerchantId, request.Customer);
        return (await methods.ListSourcesAsync(context.MerchantId, request, customer.Id)).Select(PaymentMethodObject.SourceOf);
    }
}
