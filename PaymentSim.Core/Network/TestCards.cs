namespace PaymentSim.Core.Network;

/// <summary>A card that the simulated network knows. Every number here is public test data; no other number is ever accepted.</summary>
/// <param name="Number">The full number, 14 to 16 digits.</param>
/// <param name="Brand">As the wire names it: <c>visa</c>, <c>amex</c>.</param>
/// <param name="Funding"><c>credit</c>, <c>debit</c> or <c>prepaid</c>.</param>
/// <param name="Names">Tokens and payment methods that stand for the card: <c>tok_visa</c>, <c>pm_card_visa</c>.</param>
/// <param name="Decline">How the network answers; null: it approves.</param>
public sealed record TestCard(string Number, string Brand, string Funding, IReadOnlyList<string> Names, Decline? Decline = null)
{
    public string Last4 => Number[^4..];

    /// <summary>The issuer's country, ISO 3166-1 alpha-2.</summary>
    public string Country { get; init; } = "US";

    /// <summary>True for a card that the issuer lets be saved although it declines every charge.</summary>
    public bool OnlyChargesDecline { get; init; }

    /// <summary>True for a card whose issuer wants to ask the cardholder before it pays.</summary>
    public bool AsksForAuthentication => Decline == Network.Decline.AuthenticationRequired;

    /// <summary>How the network answers once the cardholder was asked, and passed; null: it approves.</summary>
    public Decline? AfterAuthentication { get; init; }

    /// <summary>How the issuer answers when the card is saved for a customer; null: it may be. A card that asks for authentication does so when it pays.</summary>
    public Decline? AttachDecline => OnlyChargesDecline || Decline is null or { SentToNetwork: false } || AsksForAuthentication ? null : Decline;

    /// <summary>How its issuer answers refunds.</summary>
    public RefundAnswer RefundAnswer { get; init; }

    /// <summary>How its charges are disputed; null: they are not.</summary>
    public TestDispute? Dispute { get; init; }

    /// <summary>True for a card whose money is available at once, and not after some days.</summary>
    public bool FundsAtOnce { get; init; }

    /// <summary><c>normal</c>, <c>elevated</c> or <c>highest</c>.</summary>
    public string RiskLevel { get; init; } = "normal";

    /// <summary>What the card is for, for people who pick one.</summary>
    public string Description { get; init; } = "Approved";
}

/// <summary>How a customer's bank disputes a charge.</summary>
/// <param name="Reason">As the wire names it.</param>
/// <param name="NetworkReasonCode">Visa's code of it.</param>
/// <param name="IsInquiry">True: it only asks, and takes no money.</param>
public sealed record TestDispute(string Reason, string NetworkReasonCode, bool IsInquiry = false);

/// <summary>How a refund ends.</summary>
public enum RefundAnswer
{
    /// <summary>At once.</summary>
    Succeeds,

    /// <summary>It is pending until then.</summary>
    SucceedsLater,

    /// <summary>It has succeeded until then.</summary>
    FailsLater,
}

/// <summary>The whole table of test cards, as data.</summary>
public static class TestCards
{
    private const string Visa = "visa";
    private const string Mastercard = "mastercard";

    public static IReadOnlyList<TestCard> All { get; } =
    [
        new("4242424242424242", Visa, "credit", ["tok_visa", "pm_card_visa"]),
        new("4000056655665556", Visa, "debit", ["tok_visa_debit", "pm_card_visa_debit"]),
        new("5555555555554444", Mastercard, "credit", ["tok_mastercard", "pm_card_mastercard"]),
        new("2223003122003222", Mastercard, "credit", ["tok_mastercard_2series", "pm_card_mastercard_2series"]),
        new("5200828282828210", Mastercard, "debit", ["tok_mastercard_debit", "pm_card_mastercard_debit"]),
        new("5105105105105100", Mastercard, "prepaid", ["tok_mastercard_prepaid", "pm_card_mastercard_prepaid"]),
        new("378282246310005", "amex", "credit", ["tok_amex", "pm_card_amex"]),
        new("371449635398431", "amex", "credit", []),
        new("6011111111111117", "discover", "credit", ["tok_discover", "pm_card_discover"]),
        new("6011000990139424", "discover", "credit", []),
        new("3056930009020004", "diners", "credit", ["tok_diners", "pm_card_diners"]),
        new("36227206271667", "diners", "credit", []),
        new("3566002020360505", "jcb", "credit", ["tok_jcb", "pm_card_jcb"]) { Country = "JP" },
        new("6200000000000005", "unionpay", "credit", ["tok_unionpay", "pm_card_unionpay"]) { Country = "CN" },
        new("4000000000000077", Visa, "credit", ["tok_bypassPending", "pm_card_bypassPending"]) { FundsAtOnce = true, Description = "Approved, funds available at once" },
        new("4000000000009235", Visa, "credit", ["tok_riskLevelElevated", "pm_card_riskLevelElevated"]) { RiskLevel = "elevated", Description = "Approved, elevated risk" },

        Declined("4000000000000002", "chargeDeclined", Decline.Generic, "Declined"),
        Declined("4000000000009995", "chargeDeclinedInsufficientFunds", Decline.InsufficientFunds, "Declined: insufficient funds"),
        Declined("4000000000009987", "chargeDeclinedLostCard", Decline.LostCard, "Declined: lost card"),
        Declined("4000000000009979", "chargeDeclinedStolenCard", Decline.StolenCard, "Declined: stolen card"),
        Declined("4000000000006975", "chargeDeclinedVelocityLimitExceeded", Decline.VelocityExceeded, "Declined: spending limit"),
        Declined("4100000000000019", "chargeDeclinedFraudulent", Decline.Fraudulent, "Blocked as fraudulent", "pm_card_radarBlock") with { RiskLevel = "highest" },
        Declined("4000000000000069", "chargeDeclinedExpiredCard", Decline.ExpiredCard, "Declined: expired card"),
        Declined("4000000000000127", "chargeDeclinedIncorrectCvc", Decline.IncorrectCvc, "Declined: wrong security code"),
        Declined("4000000000000119", "chargeDeclinedProcessingError", Decline.ProcessingError, "Declined: processing error"),
        Declined("4000000000000341", "chargeCustomerFail", Decline.Generic, "Attaches to a customer, charges are declined") with { OnlyChargesDecline = true },

        new("4000000000000259", Visa, "credit", ["tok_createDispute", "pm_card_createDispute"]) { Dispute = new("fraudulent", "10.4"), Description = "Approved, then disputed as fraudulent" },
        new("4000000000002685", Visa, "credit", ["tok_createDisputeProductNotReceived", "pm_card_createDisputeProductNotReceived"]) { Dispute = new("product_not_received", "13.1"), Description = "Approved, then disputed: not received" },
        new("4000000000001976", Visa, "credit", ["tok_createDisputeInquiry", "pm_card_createDisputeInquiry"]) { Dispute = new("general", "10.4", IsInquiry: true), Description = "Approved, then an inquiry" },
        new("4000000000007726", Visa, "credit", ["tok_pendingRefund", "pm_card_pendingRefund"]) { RefundAnswer = RefundAnswer.SucceedsLater, Description = "Approved, refunds succeed later" },
        new("4000000000005126", Visa, "credit", ["tok_refundFail", "pm_card_refundFail"]) { RefundAnswer = RefundAnswer.FailsLater, Description = "Approved, refunds fail later" },

        Authenticating("4000002760003184", "authenticationRequired", Decline.AuthenticationRequired, "3D Secure: always asks"),
        new("4000000000003220", Visa, "credit", ["tok_threeDSecure2Required", "pm_card_threeDSecure2Required"], Decline.AuthenticationRequired) { Description = "3D Secure: asks" },
        Authenticating("4000008260003178", "authenticationRequiredChargeDeclinedInsufficientFunds", Decline.AuthenticationRequired, "3D Secure: asks, then insufficient funds") with { AfterAuthentication = Decline.InsufficientFunds },
        new("4000008400001629", Visa, "credit", ["tok_threeDSecureRequiredChargeDeclined", "pm_card_threeDSecureRequiredChargeDeclined"], Decline.AuthenticationRequired) { Description = "3D Secure: asks, then declines", AfterAuthentication = Decline.Generic },
    ];

    private static readonly Dictionary<string, TestCard> ByNumber = All.ToDictionary(card => card.Number);

    private static readonly Dictionary<string, TestCard> ByName =
        All.SelectMany(card => card.Names.Select(name => (name, card))).ToDictionary(pair => pair.name, pair => pair.card);

    /// <summary>The card that a token or payment method name stands for, or null.</summary>
    public static TestCard? FindByName(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The card with this number (digits only), or null.</summary>
    public static TestCard? FindByNumber(string number) => ByNumber.GetValueOrDefault(number);

    private static TestCard Declined(string number, string name, Decline decline, string description, params string[] more) =>
        new(number, Visa, "credit", ["tok_" + name, "pm_card_" + name, "pm_card_visa_" + name, .. more], decline) { Description = description };

    private static TestCard Authenticating(string number, string name, Decline decline, string description) =>
        new(number, Visa, "credit", ["tok_" + name, "pm_card_" + name], decline) { Description = description };
}
