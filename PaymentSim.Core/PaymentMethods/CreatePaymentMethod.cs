using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>Keeps a card or a bank account as a payment method that belongs to no customer yet.</summary>
public sealed record CreatePaymentMethod : PaymentMethodParameters, ICommand<PaymentMethodObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CreatePaymentMethodValidator : AbstractValidator<CreatePaymentMethod>
{
    public CreatePaymentMethodValidator() => Include(new PaymentMethodParametersValidator());
}

internal sealed class CreatePaymentMethodHandler(RequestContext context, PaymentMethodIntake intake) : IRequestHandler<CreatePaymentMethod, PaymentMethodObject>
{
    public async Task<PaymentMethodObject> Handle(CreatePaymentMethod request, CancellationToken cancellationToken) =>
        PaymentMethodObject.Of(await intake.NewMethodAsync(context.MerchantId, request));
}
