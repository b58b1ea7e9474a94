using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>One payment method of the merchant.</summary>
public sealed record GetPaymentMethod(string Id) : IQuery<PaymentMethodObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetPaymentMethodHandler(RequestContext context, PaymentMethodStore methods) : IRequestHandler<GetPaymentMethod, PaymentMethodObject>
{
    public async Task<PaymentMethodObject> Handle(GetPaymentMethod request, CancellationToken cancellationToken) => PaymentMethodObject.Of(
        await methods.FindAsync(context.MerchantId, request.Id) ?? throw new ProblemException(PaymentMethodIntake.NoSuch(request.Id, "id")));
}
