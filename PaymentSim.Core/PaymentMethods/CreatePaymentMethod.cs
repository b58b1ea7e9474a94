using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>Keeps a card or bank account as a payment method that belongs to no customer yet.</summary>
public sealed record CreatePaymentMethod : PaymentMethodParameters, ICommand<PaymentMethodObject>
{
    /// <summary>Fields to expand, accepted as the official SDKs send them.</summary>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CreatePaymentMethodValidator : AbstractValidator<CreatePaymentMethod>
{
    public CreatePaymentMethodValidator() => Include(new PaymentMethodParametersValidator());
}

internal sealed class CreatePaymentMethodHandler(RequestContext context, CardIntake intake) : IRequestHandler<CreatePaymentMethod, PaymentMethodObject>
{
    public async Task<PaymentMethodObject> Handle(CreatePaymentMethod request, CancellationToken cancellationToken) =>
        PaymentMethodObject.Of(await intake.NewMethodAsync(context.MerchantId, request));
}
