using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>Removes a customer with its cards; a trace of it can still be retrieved, and its charges stay.</summary>
public sealed record DeleteCustomer(string Id) : ICommand<DeletedObject>;

internal sealed class DeleteCustomerValidator : AbstractValidator<DeleteCustomer>
{
    public DeleteCustomerValidator() => RuleFor(c => c.Id).NotEmpty();
}

internal sealed class DeleteCustomerHandler(RequestContext context, CustomerStore customers, PaymentMethodStore methods, EventLog events)
    : IRequestHandler<DeleteCustomer, DeletedObject>
{
    public async Task<DeletedObject> Handle(DeleteCustomer request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetToChangeAsync(context.MerchantId, request.Id);
        foreach (var method in await methods.ListToChangeAsync(context.MerchantId, customer.Id))
            await methods.SaveAsync(method with { Customer = null, Details = method.Details with { Detached = true } });
        await customers.SaveAsync(customer with { Deleted = true });
        await events.AppendAsync(customer.MerchantId, EventTypes.CustomerDeleted, customer.Id, CustomerObject.Of(customer));
        return new DeletedObject(customer.Id, "customer");
    }
}
