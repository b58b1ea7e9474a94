using PaymentSim.Core.Events;

namespace PaymentSim.Core.Customers;

/// <summary>Stores what changed of customers, and tells of it.</summary>
internal sealed class CustomerChanges(CustomerStore customers, EventLog events)
{
    /// <summary>Stores a customer's new state where it differs.</summary>
    public async Task<CustomerObject> SaveAsync(Customer before, Customer after)
    {
        var answer = CustomerObject.Of(after);
        var previous = PreviousAttributes.Between(CustomerObject.Of(before), answer);
        if (previous.Count > 0)
        {
            await customers.SaveAsync(after);
            await events.AppendAsync(after.MerchantId, EventTypes.CustomerUpdated, after.Id, answer, previous);
        }

        return answer;
    }

    /// <summary>A card or payment method is the customer's no more, and so no default either.</summary>
    /// <param name="newDefaultSource">What is charged from now on, if it was the default source.</param>
    public Task ForgetAsync(Customer customer, string method, string? newDefaultSource) => SaveAsync(customer, customer with
    {
        Details = customer.Details with
        {
            DefaultSource = customer.Details.DefaultSource == method ? newDefaultSource : customer.Details.DefaultSource,
            DefaultPaymentMethod = customer.Details.DefaultPaymentMethod == method ? null : customer.Details.DefaultPaymentMethod,
        },
    });
}
