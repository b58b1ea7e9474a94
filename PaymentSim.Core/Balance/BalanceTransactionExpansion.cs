using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.Balance;

/// <summary>Balance transactions in the place of their ids.</summary>
internal sealed class BalanceTransactionExpansion(BalanceStore transactions, TimeProvider clock) : IExpansion
{
    public Type Kind => typeof(BalanceTransactionObject);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids) =>
        (await transactions.ListAsync(merchantId, ids)).ToDictionary(found => found.Id, object (found) => BalanceTransactionObject.Of(found, clock.GetUtcNow()));
}
