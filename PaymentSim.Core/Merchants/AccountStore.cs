using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Merchants;

/// <summary>The connected accounts' SQL.</summary>
internal sealed class AccountStore(Database database)
{
    static AccountStore() => TypeHandlers.AddJson<AccountDetails>();

    public Task InsertAsync(Account account) => database.ExecuteAsync(
        """
        INSERT INTO accounts (id, merchant_id, details, metadata, created_at) VALUES (@Id, @MerchantId, @Details, @Metadata, @CreatedAt)
        """,
        new { account.Id, account.MerchantId, account.Details, account.Metadata, account.CreatedAt });

    /// <summary>Stores an account's new state.</summary>
    public Task UpdateAsync(Account account) => database.ExecuteAsync(
        "UPDATE accounts SET details = @Details, metadata = @Metadata WHERE merchant_id = @MerchantId AND id = @Id",
        new { account.Id, account.MerchantId, account.Details, account.Metadata });

    public Task<int> DeleteAsync(string merchantId, string id) =>
        database.ExecuteAsync("DELETE FROM accounts WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    public Task<Account?> FindAsync(string merchantId, string id) => database.FirstOrDefaultAsync<Account>(
        "SELECT * FROM accounts WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    /// <summary>Inside a write unit that is going to change it.</summary>
    public Task<Account?> FindToChangeAsync(string merchantId, string id) => database.FirstOrDefaultAsync<Account>(
        $"SELECT * FROM accounts WHERE merchant_id = @merchantId AND id = @id {database.ForUpdate}", new { merchantId, id });

    /// <summary>Those of these accounts that there are.</summary>
    public Task<IReadOnlyList<Account>> ListAsync(string merchantId, IEnumerable<string> ids) => database.QueryAsync<Account>(
        $"SELECT * FROM accounts WHERE merchant_id = @merchantId AND {database.AnyOf("id", "@ids")}", new { merchantId, ids = ids.ToArray() });

    /// <summary>The ids of all accounts that the merchant has made.</summary>
    public Task<IReadOnlyList<string>> ListIdsAsync(string merchantId) =>
        database.QueryAsync<string>("SELECT id FROM accounts WHERE merchant_id = @merchantId", new { merchantId });

    public Task<Page<Account>> ListAsync(string merchantId, ListAccounts query) => database.PageAsync<Account>(
        ("accounts", "account"),
        query,
        merchantId,
        Paging.Created(query.Created),
        new { CreatedFrom = query.Created?.FromMilliseconds, CreatedTo = query.Created?.ToMilliseconds },
        account => account.Id);

    /// <summary>What every request about an account that is not the merchant's is told.</summary>
    public static ProblemException NoAccess(string id) => new(new Problem(
        ProblemKind.Forbidden,
        ProblemCode.AccountInvalid,
        $"The provided key does not have access to account '{id}' (or that account does not exist). Application access may have been revoked."));
}
