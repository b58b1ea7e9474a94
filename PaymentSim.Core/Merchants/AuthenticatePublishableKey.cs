using MediatR;

namespace PaymentSim.Core.Merchants;

/// <summary>Which merchant is this? Answers the id of the merchant whose publishable key it is.</summary>
public sealed record AuthenticatePublishableKey(string Key) : IRequest<string>;

internal sealed class AuthenticatePublishableKeyHandler(SecretBox secrets) : IRequestHandler<AuthenticatePublishableKey, string>
{
    public Task<string> Handle(AuthenticatePublishableKey request, CancellationToken cancellationToken) => Task.FromResult(
        PublishableKey.MerchantOf(secrets, request.Key) ?? throw new ProblemException(new Problem(
            ProblemKind.Unauthorized, null, "Invalid API Key provided: this publishable key is none of this PaymentSim's. The home page shows a merchant's.")));
}
