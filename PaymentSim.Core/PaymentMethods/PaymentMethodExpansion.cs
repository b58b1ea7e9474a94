using PaymentSim.Core.Customers;
using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>Payment methods in the place of their ids.</summary>
internal sealed class PaymentMethodExpansion(PaymentMethodStore methods) : IExpansion
{
    public Type Kind => typeof(PaymentMethodObject);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids) =>
        (await methods.ListAsync(merchantId, ids)).ToDictionary(method => method.Id, object (method) => PaymentMethodObject.Of(method));
}

/// <summary>Saved cards and bank accounts, as sources, in the place of their ids.</summary>
internal sealed class SourceExpansion(PaymentMethodStore methods) : IExpansion
{
    public Type Kind => typeof(CustomerSource);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids) =>
        (await methods.ListAsync(merchantId, ids)).Where(PaymentMethodIntake.IsSource)
            .ToDictionary(method => method.Id, object (method) => PaymentMethodObject.SourceOf(method));
}
