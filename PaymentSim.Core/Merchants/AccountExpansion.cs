using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.Merchants;

/// <summary>Connected accounts in the place of their ids.</summary>
internal sealed class AccountExpansion(AccountStore accounts) : IExpansion
{
    public Type Kind => typeof(AccountObject);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids) =>
        (await accounts.ListAsync(merchantId, ids)).ToDictionary(account => account.Id, object (account) => AccountObject.Of(account));
}
