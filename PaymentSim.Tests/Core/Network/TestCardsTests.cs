using PaymentSim.Core;
using PaymentSim.Core.Network;

namespace PaymentSim.Tests.Core.Network;

/// <summary>The table is written out again here, from the wire's description and the public documentation of Stripe's test cards, so that a slip in either shows.</summary>
public sealed class TestCardsTests
{
    private const string Declined = "Your card was declined.";
    private const string Asks = "Your card was declined. This transaction requires authentication.";

    [Theory]
    [InlineData("4242424242424242", "visa", "credit", "tok_visa pm_card_visa")]
    [InlineData("4000056655665556", "visa", "debit", "tok_visa_debit pm_card_visa_debit")]
    [InlineData("5555555555554444", "mastercard", "credit", "tok_mastercard pm_card_mastercard")]
    [InlineData("2223003122003222", "mastercard", "credit", "")]
    [InlineData("5200828282828210", "mastercard", "debit", "tok_mastercard_debit pm_card_mastercard_debit")]
    [InlineData("5105105105105100", "mastercard", "prepaid", "tok_mastercard_prepaid pm_card_mastercard_prepaid")]
    [InlineData("378282246310005", "amex", "credit", "tok_amex pm_card_amex")]
    [InlineData("371449635398431", "amex", "credit", "")]
    [InlineData("6011111111111117", "discover", "credit", "tok_discover pm_card_discover")]
    [InlineData("6011000990139424", "discover", "credit", "")]
    [InlineData("3056930009020004", "diners", "credit", "tok_diners pm_card_diners")]
    [InlineData("36227206271667", "diners", "credit", "")]
    [InlineData("3566002020360505", "jcb", "credit", "tok_jcb pm_card_jcb")]
    [InlineData("6200000000000005", "unionpay", "credit", "tok_unionpay pm_card_unionpay")]
    [InlineData("4000000000000077", "visa", "credit", "tok_bypassPending pm_card_bypassPending")]
    [InlineData("4000000000009235", "visa", "credit", "tok_riskLevelElevated pm_card_riskLevelElevated")]
    [InlineData("4000000000000259", "visa", "credit", "tok_createDispute pm_card_createDispute")]
    [InlineData("4000000000002685", "visa", "credit", "tok_createDisputeProductNotReceived pm_card_createDisputeProductNotReceived")]
    [InlineData("4000000000001976", "visa", "credit", "tok_createDisputeInquiry pm_card_createDisputeInquiry")]
    [InlineData("4000000000007726", "visa", "credit", "pm_card_pendingRefund")]
    [InlineData("4000000000005126", "visa", "credit", "pm_card_refundFail")]
    public void A_good_card_is_approved_under_its_number_and_all_its_names(string number, string brand, string funding, string names) =>
        Check(number, brand, funding, names, null, null, null);

    [Theory]
    [InlineData("4000000000000002", "tok_chargeDeclined pm_card_visa_chargeDeclined", ProblemCode.CardDeclined, "generic_decline", Declined)]
    [InlineData("4000000000009995", "tok_chargeDeclinedInsufficientFunds pm_card_visa_chargeDeclinedInsufficientFunds", ProblemCode.CardDeclined, "insufficient_funds", "Your card has insufficient funds.")]
    [InlineData("4000000000009987", "tok_chargeDeclinedLostCard pm_card_visa_chargeDeclinedLostCard", ProblemCode.CardDeclined, "lost_card", Declined)]
    [InlineData("4000000000009979", "tok_chargeDeclinedStolenCard pm_card_visa_chargeDeclinedStolenCard", ProblemCode.CardDeclined, "stolen_card", Declined)]
    [InlineData("4000000000006975", "tok_chargeDeclinedVelocityLimitExceeded pm_card_visa_chargeDeclinedVelocityLimitExceeded", ProblemCode.CardDeclined, "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.")]
    [InlineData("4100000000000019", "tok_chargeDeclinedFraudulent pm_card_radarBlock", ProblemCode.CardDeclined, "fraudulent", Declined)]
    [InlineData("4000000000000069", "tok_chargeDeclinedExpiredCard pm_card_chargeDeclinedExpiredCard", ProblemCode.ExpiredCard, null, "Your card has expired.")]
    [InlineData("4000000000000127", "tok_chargeDeclinedIncorrectCvc pm_card_chargeDeclinedIncorrectCvc", ProblemCode.IncorrectCvc, null, "Your card's security code is incorrect.")]
    [InlineData("4000000000000119", "tok_chargeDeclinedProcessingError pm_card_chargeDeclinedProcessingError", ProblemCode.ProcessingError, null, "An error occurred while processing your card. Try again in a little bit.")]
    [InlineData("4000000000000341", "tok_chargeCustomerFail pm_card_chargeCustomerFail", ProblemCode.CardDeclined, "generic_decline", Declined)]
    [InlineData("4000002760003184", "pm_card_authenticationRequired", ProblemCode.AuthenticationRequired, "authentication_required", Asks)]
    [InlineData("4000000000003220", "pm_card_threeDSecure2Required", ProblemCode.AuthenticationRequired, "authentication_required", Asks)]
    [InlineData("4000008260003178", "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", ProblemCode.AuthenticationRequired, "authentication_required", Asks)]
    [InlineData("4000008400001629", "pm_card_threeDSecureRequiredChargeDeclined", ProblemCode.AuthenticationRequired, "authentication_required", Asks)]
    public void A_bad_card_is_declined_for_its_reason_under_its_number_and_all_its_names(
        string number, string names, ProblemCode code, string? declineCode, string message) =>
        Check(number, "visa", "credit", names, code, declineCode, message);

    [Fact]
    public void The_table_holds_these_35_cards_and_no_others() => TestCards.All.Count.ShouldBe(21 + 14);

    [Fact]
    public void Every_number_in_the_table_passes_its_check_digit_and_every_name_is_one_cards_alone()
    {
        TestCards.All.ShouldAllBe(card => CardNetwork.IsLuhn(card.Number));
        var names = TestCards.All.SelectMany(card => card.Names).Concat(TestBankAccounts.All.SelectMany(account => account.Names)).ToList();
        names.Distinct(StringComparer.OrdinalIgnoreCase).Count().ShouldBe(names.Count);
        names.ShouldAllBe(name => CardNetwork.Digits(name) == null && !name.Contains('|'));
    }

    [Theory]
    [InlineData("tok_visa", "normal")]
    [InlineData("tok_riskLevelElevated", "elevated")]
    [InlineData("tok_chargeDeclinedFraudulent", "highest")]
    public void A_card_has_its_risk(string name, string level) => TestCards.FindByName(name).ShouldNotBeNull().RiskLevel.ShouldBe(level);

    [Theory]
    [InlineData("tok_chargeDeclined", true)]
    [InlineData("tok_chargeDeclinedFraudulent", false)]
    public void Only_a_blocked_card_is_not_sent_to_the_network(string name, bool sent) =>
        TestCards.FindByName(name).ShouldNotBeNull().Decline.ShouldNotBeNull().SentToNetwork.ShouldBe(sent);

    [Theory]
    [InlineData("tok_nobody")]
    [InlineData("TOK_VISA")]
    [InlineData("4242424242424242")]
    [InlineData("")]
    public void Nothing_stands_behind_other_names(string name) => TestCards.FindByName(name).ShouldBeNull();

    private static void Check(string number, string brand, string funding, string names, ProblemCode? code, string? declineCode, string? message)
    {
        var typed = CardNetwork.Authorize(new CardEntry(number, 12, 2030, "123"), 2025, 6).ShouldBeOfType<Authorization.Answered>();
        typed.Card.Number.ShouldBe(number);
        typed.Card.Last4.ShouldBe(number.Substring(number.Length - 4, 4));
        (typed.Card.Brand, typed.Card.Funding).ShouldBe((brand, funding));
        (typed.Decline?.Code, typed.Decline?.DeclineCode, typed.Decline?.Message).ShouldBe((code, declineCode, message));
        foreach (var name in names.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var named = CardNetwork.Authorize(TestCards.FindByName(name).ShouldNotBeNull(name));
            named.ShouldBe(typed, name);
        }
    }
}
