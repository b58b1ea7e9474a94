using PaymentSim.Core.Charges;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Tokens;

/// <summary>The tokens' SQL.</summary>
internal sealed class TokenStore(Database database)
{
    static TokenStore()
    {
        TypeHandlers.AddJson<CardSnapshot>();
        TypeHandlers.AddJson<BankAccountSnapshot>();
    }

    public Task InsertAsync(Token token) => database.ExecuteAsync(
        """
        INSERT INTO tokens (id, merchant_id, source_id, card, bank_account, used, created_at)
        VALUES (@Id, @MerchantId, @SourceId, @Card, @BankAccount, @Used, @CreatedAt)
        """,
        new { token.Id, token.MerchantId, token.SourceId, token.Card, token.BankAccount, token.Used, token.CreatedAt });

    public Task<Token?> FindAsync(string merchantId, string id) => database.FirstOrDefaultAsync<Token>(
        "SELECT * FROM tokens WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    /// <summary>Uses a token up. Null where this merchant has no such token.</summary>
    /// <param name="param">The parameter that named it.</param>
    /// <exception cref="ProblemException">It was used before.</exception>
    public async Task<Token?> RedeemAsync(string merchantId, string id, string param)
    {
        var used = await database.ExecuteAsync(
            "UPDATE tokens SET used = @yes WHERE merchant_id = @merchantId AND id = @id AND NOT used", new { yes = true, merchantId, id });
        var token = await FindAsync(merchantId, id);
        return used > 0 || token is null
            ? token
            : throw new ProblemException(Problem.Invalid($"You cannot use a Stripe token more than once: {id}.", param, ProblemCode.TokenAlreadyUsed));
    }
}
