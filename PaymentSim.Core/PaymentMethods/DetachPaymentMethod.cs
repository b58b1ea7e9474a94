using FluentValidation;
using MediatR;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>Takes a payment method away from its customer; it cannot be used any more.</summary>
public sealed record DetachPaymentMethod(string Id) : ICommand<PaymentMethodObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class DetachPaymentMethodValidator : AbstractValidator<DetachPaymentMethod>
{
    public DetachPaymentMethodValidator() => RuleFor(c => c.Id).NotEmpty();
}

internal sealed class DetachPaymentMethodHandler(
    RequestContext context, PaymentMethodStore methods, CustomerStore customers, CustomerChanges changes, EventLog events)
    : IRequestHandler<DetachPaymentMethod, PaymentMethodObject>
{
    public async Task<PaymentMethodObject> Handle(DetachPaymentMethod request, CancellationToken cancellationToken)
    {
        var found = await methods.FindAsync(context.MerchantId, request.Id) ?? throw new ProblemException(PaymentMethodIntake.NoSuch(request.Id, "id"));
        // The customer is locked before what it has, as everywhere.
        var customer = found.Customer is null ? null : await customers.GetToChangeAsync(context.MerchantId, found.Customer, "customer");
        var before = await methods.FindToChangeAsync(context.MerchantId, request.Id);
        if (customer is null || before?.Customer != customer.Id)
        {
            throw new ProblemException(Problem.Invalid(
                "The payment method you provided is not attached to a customer so detachment is impossible.", "id"));
        }

        var after = before with { Customer = null, Details = before.Details with { Detached = true } };
        await methods.SaveAsync(after);
        await events.AppendAsync(
            after.MerchantId, EventTypes.PaymentMethodDetached, after.Id, PaymentMethodObject.Of(after), new { customer = before.Customer });
        await changes.ForgetAsync(customer, after.Id, newDefaultSource: null);
        return PaymentMethodObject.Of(after);
    }
}
