using MediatR;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.SetupIntents;

/// <summary>One setup intent of the merchant.</summary>
public sealed record GetSetupIntent(string Intent) : IQuery<SetupIntentObject>, IExpands
{
    /// <summary>Needed with a publishable key.</summary>
    public string? ClientSecret { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetSetupIntentHandler(RequestContext context, SetupIntentStore intents) : IRequestHandler<GetSetupIntent, SetupIntentObject>
{
    public async Task<SetupIntentObject> Handle(GetSetupIntent request, CancellationToken cancellationToken)
    {
        var intent = await intents.GetAsync(context.MerchantId, request.Intent);
        ClientSecret.Check(context, intent.Details.ClientSecret, request.ClientSecret);
        var found = SetupIntentObject.Of(intent);
        return context.IsPublishable ? found.ForBrowser() : found;
    }
}
