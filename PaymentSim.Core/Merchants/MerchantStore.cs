using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Merchants;

/// <summary>Merchants and their keys.</summary>
internal sealed class MerchantStore(Database database, Ids ids, TimeProvider clock)
{
    /// <summary>How a key came to be: by its first use in a sandbox, or made on purpose.</summary>
    public const string MadeOnPurpose = "created";

    private const string MadeByUse = "sandbox";

    /// <summary>The merchant behind a key, or null.</summary>
    /// <param name="keyHash">The key's hash.</param>
    /// <param name="access">Under <see cref="Access.Keys"/> a key that only a sandbox accepted does not count.</param>
    public Task<string?> FindByKeyAsync(string keyHash, Access access) => database.FirstOrDefaultAsync<string>(
        "SELECT merchant_id FROM api_keys WHERE key_hash = @keyHash AND (@any OR origin = @MadeOnPurpose)",
        new { keyHash, any = access == Access.Sandbox, MadeOnPurpose });

    /// <summary>Makes a merchant for a sandbox key, unless another request was faster.</summary>
    public async Task<string> OpenSandboxAsync(string key)
    {
        var keyHash = ApiKey.Hash(key);
        await database.LockAsync("key", keyHash);
        return await FindByKeyAsync(keyHash, Access.Sandbox) ?? await AddAsync(key, "Sandbox of " + ApiKey.Hint(key), MadeByUse);
    }

    /// <summary>Adds a merchant with this key and answers its id.</summary>
    public async Task<string> AddAsync(string key, string name, string origin = MadeOnPurpose)
    {
        var (id, now) = (ids.New("acct"), clock.GetUtcNow());
        await database.ExecuteAsync("INSERT INTO merchants (id, name, created_at) VALUES (@id, @name, @now)", new { id, name, now });
        await database.ExecuteAsync(
            "INSERT INTO api_keys (key_hash, merchant_id, hint, origin, created_at) VALUES (@keyHash, @id, @hint, @origin, @now)",
            new { keyHash = ApiKey.Hash(key), id, hint = ApiKey.Hint(key), origin, now });
        return id;
    }
}
