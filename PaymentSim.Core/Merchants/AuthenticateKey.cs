using System.Collections.Concurrent;
using MediatR;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Merchants;

/// <summary>Which merchant is this? Answers the id of the merchant whose key it is; in a sandbox, a new key opens a new merchant.</summary>
/// <param name="Key">The key as the request had it; null or empty: none was given.</param>
/// <param name="Access">Whose keys are accepted.</param>
/// <param name="Account">The connected account that the merchant wants to act for; null or empty: none.</param>
public sealed record AuthenticateKey(string? Key, Access Access, string? Account = null) : IRequest<string>
{
    public override string ToString() => nameof(AuthenticateKey);
}

/// <summary>Spares the database the question who a key belongs to: keys are never taken back while the program runs.</summary>
internal sealed class KnownKeys
{
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<(string Hash, Access Access), string> _merchants = new();

    public string? Find(string hash, Access access) => _merchants.GetValueOrDefault((hash, access));

    public void Add(string hash, Access access, string merchantId)
    {
        if (_merchants.Count >= Most) _merchants.Clear();
        _merchants[(hash, access)] = merchantId;
    }
}

internal sealed class AuthenticateKeyHandler(MerchantStore merchants, AccountStore accounts, KnownKeys known, Database database)
    : IRequestHandler<AuthenticateKey, string>
{
    public async Task<string> Handle(AuthenticateKey request, CancellationToken cancellationToken)
    {
        var merchant = await MerchantOfAsync(request, cancellationToken);
        if (string.IsNullOrEmpty(request.Account) || request.Account == merchant) return merchant;
        return (await accounts.FindAsync(merchant, request.Account))?.Id ?? throw AccountStore.NoAccess(request.Account);
    }

    private async Task<string> MerchantOfAsync(AuthenticateKey request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.Key))
            throw Unauthorized("No API key was given. Send one as 'Authorization: Bearer sk_test_…', or as the user name of HTTP Basic authentication.");
        if (!ApiKey.IsWellFormed(request.Key)) throw Unauthorized($"Invalid API Key provided: {ApiKey.Hint(request.Key)}. Keys begin with {ApiKey.Prefix}.");

        var hash = ApiKey.Hash(request.Key);
        if (known.Find(hash, request.Access) is { } cached) return cached;

        var merchant = await merchants.FindByKeyAsync(hash, request.Access);
        if (merchant is null && request.Access == Access.Sandbox)
            merchant = await database.WriteAsync(() => merchants.OpenSandboxAsync(request.Key), cancellationToken);
        if (merchant is null) throw Unauthorized($"Invalid API Key provided: {ApiKey.Hint(request.Key)}. Make a key with the command 'keys create'.");

        known.Add(hash, request.Access, merchant);
        return merchant;
    }

    private static ProblemException Unauthorized(string message) => new(new Problem(ProblemKind.Unauthorized, null, message));
}
