using PaymentSim.Core.Customers;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Gives the payment methods that customers have paid with, or set up, to them.</summary>
internal sealed class CustomerCards(CustomerStore customers, PaymentMethodStore methods, PaymentMethodIntake intake)
{
    /// <summary>One that has an owner, or whose customer was deleted meanwhile, stays as it is.</summary>
    public async Task GiveAsync(string merchantId, string customer, string method)
    {
        // The customer is locked before what it has, as everywhere.
        if (await customers.FindToChangeAsync(merchantId, customer) is not { Deleted: false }) return;
        if (await methods.FindToChangeAsync(merchantId, method) is { Customer: null, Details.Detached: false } free)
            await intake.AttachAsync(intake.Attached(free, customer));
    }
}
