using System.Text.Json;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Events;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Begins payments: for their own use case, and for pages that take them.</summary>
internal sealed class PaymentIntentMaker(PaymentIntentChanges changes, PaymentMethodChoice choice, CustomerStore customers, Ids ids, TimeProvider clock)
{
    /// <param name="checkoutSession">The session that it pays, where it is made by one.</param>
    public async Task<PaymentIntent> MakeAsync(string merchantId, CreatePaymentIntent request, string? checkoutSession = null)
    {
        if (Text.NullIfEmpty(request.Customer) is { } customer) await customers.GetAsync(merchantId, customer, "customer");
        var currency = Currency.Find(request.Currency)!.Code;
        var id = ids.New("pi");
        var details = new PaymentIntentDetails
        {
            ClientSecret = ClientSecret.New(id),
            CheckoutSession = checkoutSession,
            CaptureMethod = "automatic_async",
            ConfirmationMethod = Text.NullIfEmpty(request.ConfirmationMethod) ?? "automatic",
            AutomaticPaymentMethods = AutomaticPaymentMethodsParameters.Choose(request.AutomaticPaymentMethods),
            PaymentMethodTypes = AutomaticPaymentMethodsParameters.TypesOf(request.AutomaticPaymentMethods, currency),
            PaymentMethodOptions = JsonSerializer.SerializeToElement(new { }),
            Description = Text.NullIfEmpty(request.Description),
            StatementDescriptor = Text.NullIfEmpty(request.StatementDescriptor),
            StatementDescriptorSuffix = Text.NullIfEmpty(request.StatementDescriptorSuffix),
            OnBehalfOf = Text.NullIfEmpty(request.OnBehalfOf),
            ApplicationFeeAmount = request.ApplicationFeeAmount,
            TransferData = request.TransferData,
            TransferGroup = Text.NullIfEmpty(request.TransferGroup),
        };
        var intent = await choice.ApplyAsync(
            new PaymentIntent
            {
                Id = id,
                MerchantId = merchantId,
                Amount = request.Amount!.Value,
                Currency = currency,
                Status = PaymentIntentStatus.RequiresPaymentMethod,
                Customer = Text.NullIfEmpty(request.Customer),
                Details = details,
                Metadata = Metadata.Merge(new Dictionary<string, string>(), request.Metadata),
                CreatedAt = clock.GetUtcNow(),
            },
            request);
        await changes.SaveAsync(intent, EventTypes.PaymentIntentCreated);
        return intent;
    }
}
