using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.SetupIntents;

/// <summary>The merchant's setup intents, newest first.</summary>
public sealed record ListSetupIntents : PageRequest, IQuery<Page<SetupIntentObject>>
{
    /// <summary>Only this customer's.</summary>
    public string? Customer { get; init; }

    /// <summary>Only those of this payment method.</summary>
    public string? PaymentMethod { get; init; }

    public TimeRange? Created { get; init; }
}

internal sealed class ListSetupIntentsValidator : PageRequestValidator<ListSetupIntents>;

internal sealed class ListSetupIntentsHandler(RequestContext context, SetupIntentStore intents) : IRequestHandler<ListSetupIntents, Page<SetupIntentObject>>
{
    public async Task<Page<SetupIntentObject>> Handle(ListSetupIntents request, CancellationToken cancellationToken) =>
        (await intents.ListAsync(context.MerchantId, request)).Select(SetupIntentObject.Of);
}
