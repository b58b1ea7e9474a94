using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.Customers;

/// <summary>Customers in the place of their ids; of a deleted one its trace.</summary>
internal sealed class CustomerExpansion(CustomerStore customers) : IExpansion
{
    public Type Kind => typeof(CustomerObject);

    public async Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids) =>
        (await customers.ListAsync(merchantId, ids)).ToDictionary(
            customer => customer.Id, object (customer) => customer.Deleted ? new DeletedObject(customer.Id, "customer") : CustomerObject.Of(customer));
}
