using FluentValidation;
using MediatR;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>Gives a payment method to a customer, after its issuer was asked.</summary>
public sealed record AttachPaymentMethod(string Id) : ICommand<PaymentMethodObject>, IExpands
{
    public string? Customer { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class AttachPaymentMethodValidator : AbstractValidator<AttachPaymentMethod>
{
    public AttachPaymentMethodValidator() =>
        RuleFor(c => c.Customer).NotEmpty().WithMessage("Missing required param: customer.").WithCode(ProblemCode.ParameterMissing);
}

internal sealed class AttachPaymentMethodHandler(RequestContext context, CustomerStore customers, PaymentMethodIntake intake)
    : IRequestHandler<AttachPaymentMethod, PaymentMethodObject>
{
    public async Task<PaymentMethodObject> Handle(AttachPaymentMethod request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetToChangeAsync(context.MerchantId, request.Customer!, "customer");
        var method = await intake.AttachedAsync(context.MerchantId, request.Id, customer.Id, "id");
        await intake.AttachAsync(method);
        return PaymentMethodObject.Of(method);
    }
}
