using PaymentSim.Core.Expansion;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Core.Customers;

/// <summary>The newest of a customer's saved sources, as a part of the customer.</summary>
public sealed record SourceList(string Object, string Url, bool HasMore, IReadOnlyList<CustomerSource> Data);

/// <summary>Customers' saved sources, by the customers' ids.</summary>
internal sealed class SourceListExpansion(PaymentMethodStore methods) : IExpansion
{
    private const int Most = 10;

    public Type Kind => typeof(SourceList);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids)
    {
        var sources = (await methods.ListSourcesAsync(merchantId, ids, Most + 1)).ToLookup(source => source.Customer);
        return ids.ToDictionary(id => id, object (id) => new SourceList(
            "list", $"/v1/customers/{id}/sources", sources[id].Count() > Most, [.. sources[id].Take(Most).Select(PaymentMethodObject.SourceOf)]));
    }
}
