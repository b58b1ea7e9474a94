namespace PaymentSim.Core.Network;

/// <summary>The network's no: what the merchant is told and what the issuer gave as its reason.</summary>
/// <param name="Code">The error code on the wire, <c>card_declined</c> for most.</param>
/// <param name="DeclineCode">The issuer's reason; null where the code says it all.</param>
/// <param name="Message">A sentence that can be shown to the cardholder.</param>
/// <param name="Param">The parameter at fault, where one is.</param>
public sealed record Decline(ProblemCode Code, string? DeclineCode, string Message, string? Param = null)
{
    /// <summary>False where the processor blocked the payment before it asked the issuer.</summary>
    public bool SentToNetwork { get; init; } = true;

    public static Decline Generic { get; } = new(ProblemCode.CardDeclined, "generic_decline", "Your card was declined.");

    public static Decline InsufficientFunds { get; } = new(ProblemCode.CardDeclined, "insufficient_funds", "Your card has insufficient funds.");

    public static Decline LostCard { get; } = new(ProblemCode.CardDeclined, "lost_card", "Your card was declined.");

    public static Decline StolenCard { get; } = new(ProblemCode.CardDeclined, "stolen_card", "Your card was declined.");

    public static Decline VelocityExceeded { get; } = new(
        ProblemCode.CardDeclined, "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.");

    public static Decline Fraudulent { get; } = new(ProblemCode.CardDeclined, "fraudulent", "Your card was declined.") { SentToNetwork = false };

    public static Decline ExpiredCard { get; } = new(ProblemCode.ExpiredCard, null, "Your card has expired.", "exp_month");

    public static Decline IncorrectCvc { get; } = new(ProblemCode.IncorrectCvc, null, "Your card's security code is incorrect.", "cvc");

    public static Decline ProcessingError { get; } = new(
        ProblemCode.ProcessingError, null, "An error occurred while processing your card. Try again in a little bit.");

    public static Decline AuthenticationRequired { get; } = new(
        ProblemCode.AuthenticationRequired, "authentication_required", "Your card was declined. This transaction requires authentication.");

    public static Decline IncorrectNumber { get; } = new(ProblemCode.IncorrectNumber, null, "Your card number is incorrect.", "number");

    /// <summary>A number that could belong to a person: refused, so that no real card ever reaches a database.</summary>
    public static Decline LiveCard { get; } = new(
        ProblemCode.CardDeclined,
        "test_mode_live_card",
        "Your card was declined. Your request was in test mode, but used a non test card. Use one of the test cards instead.",
        "number");

    public static Decline InvalidExpiryMonth { get; } = new(
        ProblemCode.InvalidExpiryMonth, null, "Your card's expiration month is invalid.", "exp_month");

    public static Decline InvalidExpiryYear { get; } = new(
        ProblemCode.InvalidExpiryYear, null, "Your card's expiration year is invalid.", "exp_year");

    public static Decline InvalidCvc { get; } = new(ProblemCode.InvalidCvc, null, "Your card's security code is invalid.", "cvc");
}
