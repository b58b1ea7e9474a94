namespace MerchantDemo;

/// <summary>
/// Makes the charge of an order. The order is stored before the charge is tried: whatever happens then — a lost
/// answer, a killed shop — it is still there with its idempotency key, and trying again cannot charge twice.
/// </summary>
internal sealed class Checkout(
    OrderStore orders,
    PaymentSimClient paymentSim,
    OrderUpdates updates,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<Checkout> log)
{
    public const string RetryIsSafe = "Retrying is safe: the same idempotency key never charges twice.";

    /// <returns>The id of the new order, also if the charge could not be made.</returns>
    public async Task<string> BuyAsync(Purchase purchase)
    {
        var order = Order.Create(purchase, time.GetUtcNow());
        orders.Insert(order);
        await ChargeAsync(order);
        return order.Id;
    }

    /// <summary>Tries the charge again if it could not be made before.</summary>
    public async Task RetryAsync(Order order)
    {
        if (orders.ClearProblem(order.Id))
            await ChargeAsync(order);
    }

    private async Task ChargeAsync(Order order)
    {
        // Not cancelled when the browser goes away: the customer has bought. Only a closing shop gives up.
        var answer = await paymentSim.ChargeAsync(order, lifetime.ApplicationStopping);

        // An approved or declined charge does not change the status. The webhook does, perhaps it already has.
        if (answer.WasMade)
            orders.StoreCharge(order.Id, answer.ChargeId);
        else
            orders.StoreProblem(order.Id, answer.Problem);

        log.LogInformation(
            "Order {OrderId}: {Amount} with {Source}: {Answer}",
            order.Id, Money.Format(order.Amount, order.Currency), order.Source, answer.ChargeId ?? answer.Problem);
        updates.Notify(order.Id);
    }
}
