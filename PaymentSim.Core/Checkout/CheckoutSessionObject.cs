using System.Text.Json;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.PaymentIntents;

namespace PaymentSim.Core.Checkout;

/// <summary>A checkout session as the wire shows it, in answers and in events. Amounts are minor units, times unix seconds.</summary>
public sealed record CheckoutSessionObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "checkout.session";

    public JsonElement? AdaptivePricing { get; init; }

    public JsonElement? AfterExpiration { get; init; }

    public bool? AllowPromotionCodes { get; init; }

    public IReadOnlyList<string>? AllowedPaymentMethodTypes { get; init; }

    public required long AmountSubtotal { get; init; }

    public required long AmountTotal { get; init; }

    public TaxAutomation AutomaticTax { get; init; } = new();

    public string? BillingAddressCollection { get; init; }

    public string? CancelUrl { get; init; }

    public string? ClientReferenceId { get; init; }

    public string? ClientSecret { get; init; }

    public JsonElement? CollectedInformation { get; init; }

    public JsonElement? Consent { get; init; }

    public JsonElement? ConsentCollection { get; init; }

    public required long Created { get; init; }

    public required string Currency { get; init; }

    public JsonElement? CurrencyConversion { get; init; }

    public IReadOnlyList<JsonElement> CustomFields { get; init; } = [];

    public Texts CustomText { get; init; } = new();

    [Expandable(typeof(CustomerObject))]
    public string? Customer { get; init; }

    public string? CustomerAccount { get; init; }

    public required string CustomerCreation { get; init; }

    public PayerDetails? CustomerDetails { get; init; }

    public string? CustomerEmail { get; init; }

    public IReadOnlyList<JsonElement>? Discounts { get; init; }

    public required long ExpiresAt { get; init; }

    public string? IntegrationIdentifier { get; init; }

    [Expandable]
    public string? Invoice { get; init; }

    public JsonElement? InvoiceCreation { get; init; }

    public bool Livemode { get; init; }

    public string? Locale { get; init; }

    public JsonElement? ManagedPayments { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public string Mode { get; init; } = "payment";

    public JsonElement? OriginContext { get; init; }

    [Expandable(typeof(PaymentIntentObject))]
    public string? PaymentIntent { get; init; }

    [Expandable]
    public string? PaymentLink { get; init; }

    public string PaymentMethodCollection { get; init; } = "if_required";

    public JsonElement? PaymentMethodConfigurationDetails { get; init; }

    public IReadOnlyDictionary<string, string> PaymentMethodOptions { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> PaymentMethodTypes { get; init; } = ["card"];

    /// <summary><c>paid</c> or <c>unpaid</c>.</summary>
    public required string PaymentStatus { get; init; }

    public JsonElement? Permissions { get; init; }

    public PhoneCollection PhoneNumberCollection { get; init; } = new(Enabled: false);

    public string? RecoveredFrom { get; init; }

    public JsonElement? SavedPaymentMethodOptions { get; init; }

    [Expandable]
    public string? SetupIntent { get; init; }

    public JsonElement? ShippingAddressCollection { get; init; }

    public JsonElement? ShippingCost { get; init; }

    public IReadOnlyList<JsonElement> ShippingOptions { get; init; } = [];

    public required string Status { get; init; }

    public string? SubmitType { get; init; }

    [Expandable]
    public string? Subscription { get; init; }

    public required string SuccessUrl { get; init; }

    public Totals TotalDetails { get; init; } = new();

    public string UiMode { get; init; } = "hosted";

    /// <summary>The page's address; null once it cannot be paid any more.</summary>
    public string? Url { get; init; }

    public JsonElement? WalletOptions { get; init; }

    internal static CheckoutSessionObject Of(CheckoutSession session)
    {
        var details = session.Details;
        return new CheckoutSessionObject
        {
            Id = session.Id,
            AllowedPaymentMethodTypes = details.AllowedPaymentMethodTypes,
            AmountSubtotal = session.Amount,
            AmountTotal = session.Amount,
            BillingAddressCollection = details.BillingAddressCollection,
            CancelUrl = details.CancelUrl,
            ClientReferenceId = details.ClientReferenceId,
            Created = session.CreatedAt.ToUnixTimeSeconds(),
            Currency = session.Currency,
            Customer = session.Customer,
            CustomerCreation = "if_required",
            CustomerDetails = details.Payer is { } payer ? new PayerDetails { Address = payer.Address, Email = payer.Email, Name = payer.Name, Phone = payer.Phone } : null,
            CustomerEmail = details.CustomerEmail,
            ExpiresAt = session.ExpiresAt.ToUnixTimeSeconds(),
            Locale = details.Locale,
            Metadata = session.Metadata,
            PaymentIntent = session.PaymentIntent,
            PaymentStatus = details.Paid ? "paid" : "unpaid",
            Status = session.Status.Wire(),
            SubmitType = details.SubmitType,
            SuccessUrl = details.SuccessUrl,
            Url = session.Status == CheckoutStatus.Open ? details.Url : null,
        };
    }

    /// <summary>PaymentSim computes no taxes.</summary>
    public sealed record TaxAutomation
    {
        public bool Enabled { get; init; }

        public JsonElement? Liability { get; init; }

        public string? Provider { get; init; }

        public string? Status { get; init; }
    }

    /// <summary>Texts of the merchant's own, which the page does not show.</summary>
    public sealed record Texts
    {
        public JsonElement? AfterSubmit { get; init; }

        public JsonElement? ShippingAddress { get; init; }

        public JsonElement? Submit { get; init; }

        public JsonElement? TermsOfServiceAcceptance { get; init; }
    }

    /// <summary>Who pays, as typed on the page.</summary>
    public sealed record PayerDetails
    {
        public Address? Address { get; init; }

        public string? BusinessName { get; init; }

        public string? Email { get; init; }

        public string? IndividualName { get; init; }

        public string? Name { get; init; }

        public string? Phone { get; init; }

        public string TaxExempt { get; init; } = "none";

        public IReadOnlyList<JsonElement>? TaxIds { get; init; }
    }

    /// <summary>Whether the page asks for a phone number.</summary>
    public sealed record PhoneCollection(bool Enabled);

    /// <summary>What is in the total beside the items. Minor units.</summary>
    public sealed record Totals
    {
        public long AmountDiscount { get; init; }

        public long? AmountShipping { get; init; } = 0;

        public long AmountTax { get; init; }
    }
}

/// <summary>What is bought, as the wire shows it. Amounts are minor units.</summary>
public sealed record LineItemObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "item";

    public long AmountDiscount { get; init; }

    public required long AmountSubtotal { get; init; }

    public long AmountTax { get; init; }

    public required long AmountTotal { get; init; }

    public required string Currency { get; init; }

    public required string Description { get; init; }

    public required PriceObject Price { get; init; }

    public required long Quantity { get; init; }

    internal static LineItemObject Of(CheckoutSession session, CheckoutItem item) => new()
    {
        Id = item.Id,
        AmountSubtotal = item.Total,
        AmountTotal = item.Total,
        Currency = session.Currency,
        Description = item.Name,
        Price = new PriceObject
        {
            Id = item.Price,
            Created = session.CreatedAt.ToUnixTimeSeconds(),
            Currency = session.Currency,
            Product = item.Product,
            UnitAmount = item.UnitAmount,
            UnitAmountDecimal = item.UnitAmount.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
        Quantity = item.Quantity,
    };
}

/// <summary>A price that was made for one line item.</summary>
public sealed record PriceObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "price";

    public bool Active { get; init; }

    public string BillingScheme { get; init; } = "per_unit";

    public required long Created { get; init; }

    public required string Currency { get; init; }

    public JsonElement? CustomUnitAmount { get; init; }

    public bool Livemode { get; init; }

    public string? LookupKey { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public string? Nickname { get; init; }

    public required string Product { get; init; }

    public JsonElement? Recurring { get; init; }

    public string TaxBehavior { get; init; } = "unspecified";

    public string? TiersMode { get; init; }

    public JsonElement? TransformQuantity { get; init; }

    public string Type { get; init; } = "one_time";

    /// <summary>Minor units.</summary>
    public required long UnitAmount { get; init; }

    public required string UnitAmountDecimal { get; init; }
}
