using MediatR;

namespace PaymentSim.Core.Merchants;

/// <summary>Which merchant is this? Answers the id of the merchant whose publishable key it is.</summary>
/// <param name="Account">The connected account that the merchant's code acts for; null or empty: none.</param>
public sealed record AuthenticatePublishableKey(string Key, string? Account = null) : IRequest<string>;

internal sealed class AuthenticatePublishableKeyHandler(SecretBox secrets, AccountStore accounts) : IRequestHandler<AuthenticatePublishableKey, string>
{
    public async Task<string> Handle(AuthenticatePublishableKey request, CancellationToken cancellationToken)
    {
        var merchant = PublishableKey.MerchantOf(secrets, request.Key) ?? throw new ProblemException(new Problem(
            ProblemKind.Unauthorized, null, "Invalid API Key provided: this publishable key is none of this PaymentSim's. The home page shows a merchant's."));
        if (string.IsNullOrEmpty(request.Account) || request.Account == merchant) return merchant;
        return (await accounts.FindAsync(merchant, request.Account))?.Id ?? throw AccountStore.NoAccess(request.Account);
    }
}
