using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>The merchant's payment intents, newest first.</summary>
public sealed record ListPaymentIntents : PageRequest, IQuery<Page<PaymentIntentObject>>
{
    /// <summary>Only this customer's.</summary>
    public string? Customer { get; init; }

    public TimeRange? Created { get; init; }
}

internal sealed class ListPaymentIntentsValidator : PageRequestValidator<ListPaymentIntents>;

internal sealed class ListPaymentIntentsHandler(RequestContext context, PaymentIntentStore intents)
    : IRequestHandler<ListPaymentIntents, Page<PaymentIntentObject>>
{
    public async Task<Page<PaymentIntentObject>> Handle(ListPaymentIntents request, CancellationToken cancellationToken) =>
        (await intents.ListAsync(context.MerchantId, request)).Select(PaymentIntentObject.Of);
}
