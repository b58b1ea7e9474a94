using PaymentSim.Core.Charges;

namespace PaymentSim.Core.Checkout;

/// <summary>Where a checkout session stands.</summary>
public enum CheckoutStatus
{
    /// <summary>It can be paid.</summary>
    Open,

    /// <summary>It was paid. Final.</summary>
    Complete,

    /// <summary>Its time is over, or the merchant ended it. Final.</summary>
    Expired,
}

/// <summary>A page of the simulator's on which a merchant's customer pays, as it is stored.</summary>
public sealed record CheckoutSession
{
    /// <summary>From each status, where it may go; a status that is not here is final.</summary>
    internal static readonly IReadOnlyDictionary<CheckoutStatus, CheckoutStatus[]> Transitions = new Dictionary<CheckoutStatus, CheckoutStatus[]>
    {
        [CheckoutStatus.Open] = [CheckoutStatus.Complete, CheckoutStatus.Expired],
    };

    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    public required CheckoutStatus Status { get; init; }

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public string? Customer { get; init; }

    /// <summary>Made with the first attempt to pay.</summary>
    public string? PaymentIntent { get; init; }

    public required CheckoutDetails Details { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <exception cref="ProblemException">It is not open any more.</exception>
    internal CheckoutSession Become(CheckoutStatus next) => Transitions.GetValueOrDefault(Status)?.Contains(next) == true
        ? this with { Status = next }
        : throw new ProblemException(Problem.Invalid(
            $"Only Checkout Sessions with a status in [\"open\"] can be changed like this. This Checkout Session has a status of {Status.Wire()}."));
}

/// <summary>What a session carries beside the columns that queries need; stored as JSON.</summary>
public sealed record CheckoutDetails
{
    public required IReadOnlyList<CheckoutItem> Items { get; init; }

    /// <summary>The page's address.</summary>
    public required string Url { get; init; }

    /// <summary>With the session's id in it.</summary>
    public required string SuccessUrl { get; init; }

    /// <summary>With the session's id in it; null: there is no way back.</summary>
    public string? CancelUrl { get; init; }

    public string? ClientReferenceId { get; init; }

    /// <summary>As the merchant gave it.</summary>
    public string? CustomerEmail { get; init; }

    /// <summary>As the customer gave it.</summary>
    public BillingDetails? Payer { get; init; }

    public bool Paid { get; init; }

    public CheckoutPayment Payment { get; init; } = new();

    public string? BillingAddressCollection { get; init; }

    public string? Locale { get; init; }

    public string? SubmitType { get; init; }

    public IReadOnlyList<string>? AllowedPaymentMethodTypes { get; init; }
}

/// <summary>What is bought.</summary>
/// <param name="Id"><c>li_…</c></param>
/// <param name="Price">The id of a price made for it.</param>
/// <param name="Product">The id of a product made for it.</param>
/// <param name="UnitAmount">Minor units.</param>
public sealed record CheckoutItem(string Id, string Price, string Product, string Name, string? Description, long UnitAmount, long Quantity)
{
    /// <summary>Minor units.</summary>
    internal long Total => checked(UnitAmount * Quantity);
}

/// <summary>What the payment that a session makes says of itself.</summary>
public sealed record CheckoutPayment
{
    /// <summary><c>automatic</c>, <c>automatic_async</c> or <c>manual</c>.</summary>
    public string? CaptureMethod { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public string? ReceiptEmail { get; init; }

    /// <summary><c>on_session</c> or <c>off_session</c>.</summary>
    public string? SetupFutureUsage { get; init; }

    public Shipping? Shipping { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptor { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptorSuffix { get; init; }

    public string? TransferGroup { get; init; }
}
