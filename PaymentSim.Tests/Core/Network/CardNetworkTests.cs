using System.Text.RegularExpressions;
using Bogus;
using PaymentSim.Core;
using PaymentSim.Core.Network;

namespace PaymentSim.Tests.Core.Network;

public sealed class CardNetworkTests
{
    private const int Year = 2025;
    private const int Month = 6;
    private const string Visa = "4242424242424242";

    // 79927398713 is the worked example of the Luhn algorithm in ISO/IEC 7812-1's literature; its other ten check digits are wrong.
    [Fact]
    public void One_check_digit_in_ten_is_right() =>
        Enumerable.Range(0, 10).Where(digit => CardNetwork.IsLuhn($"7992739871{digit}")).ShouldBe([3]);

    [Theory]
    [InlineData("4242424242424242", true)]
    [InlineData("378282246310005", true)]
    [InlineData("36227206271667", true)]
    [InlineData("4242424242424241", false)]
    [InlineData("4242424242424224", false)]
    [InlineData("2424242424242424", false)]
    public void The_check_digit_finds_slips(string number, bool right) => CardNetwork.IsLuhn(number).ShouldBe(right);

    [Theory]
    [InlineData(1, 2025, ProblemCode.InvalidExpiryMonth, "exp_month")]
    [InlineData(5, 2025, ProblemCode.InvalidExpiryMonth, "exp_month")]
    [InlineData(0, 2030, ProblemCode.InvalidExpiryMonth, "exp_month")]
    [InlineData(13, 2030, ProblemCode.InvalidExpiryMonth, "exp_month")]
    [InlineData(-1, 2030, ProblemCode.InvalidExpiryMonth, "exp_month")]
    [InlineData(12, 2024, ProblemCode.InvalidExpiryYear, "exp_year")]
    [InlineData(12, 24, ProblemCode.InvalidExpiryYear, "exp_year")]
    [InlineData(12, 1970, ProblemCode.InvalidExpiryYear, "exp_year")]
    [InlineData(12, -30, ProblemCode.InvalidExpiryYear, "exp_year")]
    [InlineData(12, 2076, ProblemCode.InvalidExpiryYear, "exp_year")]
    [InlineData(12, 99999, ProblemCode.InvalidExpiryYear, "exp_year")]
    public void A_card_that_is_not_valid_this_month_is_refused(long month, long year, ProblemCode code, string param) =>
        RefusalOf(new CardEntry(Visa, month, year, "123")).ShouldSatisfyAllConditions(
            decline => decline.Code.ShouldBe(code),
            decline => decline.Param.ShouldBe(param),
            decline => decline.DeclineCode.ShouldBeNull());

    [Theory]
    [InlineData(6, 2025)]
    [InlineData(12, 2025)]
    [InlineData(1, 2026)]
    [InlineData(12, 2075)]
    [InlineData(6, 25)]
    [InlineData(1, 30)]
    [InlineData(12, 75)]
    public void A_card_is_good_through_its_last_month_and_a_year_may_have_two_digits(long month, long year) =>
        Answer(new CardEntry(Visa, month, year, "123")).Decline.ShouldBeNull();

    [Theory]
    [InlineData("99")]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("12a")]
    [InlineData("１２３")]
    public void A_security_code_that_cannot_be_one_is_refused(string cvc) =>
        RefusalOf(new CardEntry(Visa, 12, 2030, cvc)).ShouldSatisfyAllConditions(
            decline => decline.Code.ShouldBe(ProblemCode.InvalidCvc),
            decline => decline.Param.ShouldBe("cvc"));

    [Theory]
    [InlineData(null)]
    [InlineData("123")]
    [InlineData("1234")]
    public void A_security_code_is_optional_and_has_three_or_four_digits(string? cvc) =>
        Answer(new CardEntry(Visa, 12, 2030, cvc)).Decline.ShouldBeNull();

    // Numbers that pass Luhn and are not in the table; the first is a test card of another processor.
    [Theory]
    [InlineData("4012888888881881")]
    [InlineData("4000000000000000006")]
    [InlineData("000000000000")]
    [InlineData("4242 4242 4242 4267")]
    public void Any_other_number_that_could_be_a_card_is_refused_as_possibly_real(string number) =>
        RefusalOf(new CardEntry(number, 12, 2030, "123")).ShouldSatisfyAllConditions(
            decline => decline.Code.ShouldBe(ProblemCode.CardDeclined),
            decline => decline.DeclineCode.ShouldBe("test_mode_live_card"),
            decline => decline.Message.ShouldStartWith("Your card was declined. Your request was in test mode, but used a non test card"));

    [Theory]
    [InlineData("4242424242424241")]
    [InlineData("4242")]
    [InlineData("")]
    [InlineData("42424242424242424242")]
    [InlineData("4242x42424242424")]
    [InlineData("４２４２４２４２４２４２４２４２")]
    public void What_is_no_card_number_is_refused(string number) =>
        RefusalOf(new CardEntry(number, 12, 2030, "123")).ShouldSatisfyAllConditions(
            decline => decline.Code.ShouldBe(ProblemCode.IncorrectNumber),
            decline => decline.Param.ShouldBe("number"));

    [Theory]
    [InlineData("4242 4242 4242 4242")]
    [InlineData("4242-4242-4242-4242")]
    [InlineData(" 42424242-4242 4242 ")]
    public void Spaces_and_hyphens_in_a_number_are_skipped(string number) =>
        Answer(new CardEntry(number, 12, 2030, "123")).Card.Number.ShouldBe(Visa);

    [Fact]
    public void The_number_is_judged_before_the_date_and_the_date_before_the_code()
    {
        RefusalOf(new CardEntry("4242424242424241", 13, 1999, "9")).Code.ShouldBe(ProblemCode.IncorrectNumber);
        RefusalOf(new CardEntry(Visa, 13, 1999, "9")).Code.ShouldBe(ProblemCode.InvalidExpiryMonth);
        RefusalOf(new CardEntry(Visa, 12, 1999, "9")).Code.ShouldBe(ProblemCode.InvalidExpiryYear);
    }

    [Fact]
    public void Card_data_never_prints_itself() => new CardEntry(Visa, 12, 2030, "123").ToString().ShouldBe("card");

    [Theory]
    [InlineData("4242424242424242", "…4242")]
    [InlineData("card 4242 4242 4242 4242!", "card …4242!")]
    [InlineData("4242-4242-4242-4242", "…4242")]
    [InlineData("4242  4242  4242  4242x", "…4242x")]
    [InlineData("4242 - 4242 - 4242 - 4242", "…4242")]
    [InlineData("12345678901", "12345678901")]
    [InlineData("tok_visa", "tok_visa")]
    [InlineData("", "")]
    public void A_mask_leaves_the_last_four_digits_of_a_card_number(string text, string masked) => CardNetwork.Mask(text).ShouldBe(masked);

    [Fact]
    public void A_mask_never_leaves_twelve_digits_together_however_they_are_spaced()
    {
        var random = new Randomizer(localSeed: 815);
        for (var i = 0; i < 2000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Int(12, 60)).Select(_ =>
                random.Int(0, 9).ToString(null, null) + random.WeightedRandom(["", " ", "-", " - ", "x"], [0.7f, 0.1f, 0.1f, 0.05f, 0.05f])));

            var masked = CardNetwork.Mask(text);

            Regex.Replace(masked, "[ -]", "").Split('x', '…').ShouldAllBe(run => run.Length < 12, $"{text} became {masked}");
        }
    }

    private static Authorization.Answered Answer(CardEntry entry) => CardNetwork.Authorize(entry, Year, Month).ShouldBeOfType<Authorization.Answered>();

    private static Decline RefusalOf(CardEntry entry) => CardNetwork.Authorize(entry, Year, Month).ShouldBeOfType<Authorization.Refused>().Decline;
}
