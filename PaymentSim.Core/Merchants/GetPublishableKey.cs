using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Merchants;

/// <summary>The merchant's publishable key.</summary>
public sealed record GetPublishableKey : IQuery<string>;

internal sealed class GetPublishableKeyHandler(RequestContext context, SecretBox secrets) : IRequestHandler<GetPublishableKey, string>
{
    public Task<string> Handle(GetPublishableKey request, CancellationToken cancellationToken) => Task.FromResult(PublishableKey.Of(secrets, context.MerchantId));
}
