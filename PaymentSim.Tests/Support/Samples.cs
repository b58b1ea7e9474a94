using PaymentSim.Core.Charges;
using PaymentSim.Core.PaymentIntents;

namespace PaymentSim.Tests.Support;

/// <summary>Objects as the simulator stores them, for tests that need one without its history.</summary>
public static class Samples
{
    /// <summary>A payment intent of $20.00.</summary>
    public static PaymentIntent PaymentIntent(PaymentIntentStatus status) => new()
    {
        Id = "pi_1",
        MerchantId = CoreHost.Merchant,
        Amount = 2000,
        Currency = "usd",
        Status = status,
        Details = new PaymentIntentDetails
        {
            ClientSecret = "pi_1_secret_x", CaptureMethod = "automatic", ConfirmationMethod = "automatic", PaymentMethodTypes = ["card"],
        },
        Metadata = new Dictionary<string, string>(),
        CreatedAt = ManualClock.Start,
    };

    /// <summary>A card charge of $20.00 that succeeded.</summary>
    public static Charge Charge(string id = "ch_1", string merchant = CoreHost.Merchant, DateTimeOffset? created = null) => new()
    {
        Id = id,
        MerchantId = merchant,
        Amount = 2000,
        Currency = "usd",
        Status = ChargeStatus.Succeeded,
        Captured = true,
        AmountCaptured = 2000,
        Metadata = new Dictionary<string, string>(),
        CreatedAt = created ?? ManualClock.Start,
        Details = new ChargeDetails
        {
            PaymentMethodId = "card_1",
            Card = new CardSnapshot
            {
                Brand = "visa", Last4 = "4242", ExpMonth = 12, ExpYear = 2030, Funding = "credit", Country = "US", Fingerprint = "f", CvcCheck = "pass",
            },
            Outcome = new ChargeOutcome { Type = "authorized" },
        },
    };
}
