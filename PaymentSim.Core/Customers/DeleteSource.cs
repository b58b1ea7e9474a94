using FluentValidation;
using MediatR;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>Removes a card or bank account that a customer has saved; if it was the default source, the newest that is left becomes it.</summary>
public sealed record DeleteSource(string Customer, string Id) : ICommand<DeletedObject>;

internal sealed class DeleteSourceValidator : AbstractValidator<DeleteSource>
{
    public DeleteSourceValidator() => RuleFor(c => c.Id).NotEmpty();
}

internal sealed class DeleteSourceHandler(
    RequestContext context, CustomerStore customers, CustomerChanges changes, PaymentMethodStore methods, PaymentMethodIntake intake)
    : IRequestHandler<DeleteSource, DeletedObject>
{
    public async Task<DeletedObject> Handle(DeleteSource request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetToChangeAsync(context.MerchantId, request.Customer);
        var all = await methods.ListToChangeAsync(context.MerchantId, customer.Id);
        var source = PaymentMethodIntake.SourceOf(customer.Id, all.FirstOrDefault(method => method.Id == request.Id), request.Id);
        await intake.RemoveSourceAsync(context.MerchantId, request.Id);
        var next = all.Where(method => PaymentMethodIntake.IsSource(method) && method.Id != request.Id)
            .MaxBy(method => PaymentMethodIntake.AgeOf(method.Id), StringComparer.Ordinal);
        await changes.ForgetAsync(customer, request.Id, next?.Id);
        return new DeletedObject(request.Id, source.Details.Card is null ? "bank_account" : "card");
    }
}
