using PaymentSim.Core;

namespace PaymentSim.Tests.Core;

public sealed class MoneyTests
{
    // "$9.00" and "$999,999.99" are the wire's own examples; the rest follow from ISO 4217's minor units.
    [Theory]
    [InlineData(900, "usd", "$9.00")]
    [InlineData(99_999_999, "usd", "$999,999.99")]
    [InlineData(5, "usd", "$0.05")]
    [InlineData(0, "eur", "€0.00")]
    [InlineData(123_456, "gbp", "£1,234.56")]
    [InlineData(900, "chf", "9.00 chf")]
    [InlineData(500, "jpy", "¥500")]
    [InlineData(1_234_567, "krw", "₩1,234,567")]
    [InlineData(1, "clp", "1 clp")]
    [InlineData(12_345, "kwd", "12.345 kwd")]
    [InlineData(1, "bhd", "0.001 bhd")]
    [InlineData(1_000_000, "tnd", "1,000.000 tnd")]
    [InlineData(900, "xyz", "9.00 xyz")]
    public void An_amount_is_written_with_its_currencys_decimals(long amount, string currency, string expected) =>
        new Money(amount, currency).ToString().ShouldBe(expected);

    [Theory]
    [InlineData("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf", 0)]
    [InlineData("bhd jod kwd omr tnd", 3)]
    [InlineData("usd eur gbp aud cad chf cny dkk inr mxn nok nzd pln sek sgd zar", 2)]
    public void A_currency_knows_its_decimals(string codes, int decimals)
    {
        foreach (var code in codes.Split(' ')) Currency.Find(code).ShouldNotBeNull(code).Decimals.ShouldBe(decimals, code);
    }

    // The minimum charge amounts that Stripe publishes for settlement in the charge's own currency.
    [Theory]
    [InlineData("usd", 50)]
    [InlineData("aed", 200)]
    [InlineData("aud", 50)]
    [InlineData("bgn", 100)]
    [InlineData("brl", 50)]
    [InlineData("cad", 50)]
    [InlineData("chf", 50)]
    [InlineData("czk", 1500)]
    [InlineData("dkk", 250)]
    [InlineData("eur", 50)]
    [InlineData("gbp", 30)]
    [InlineData("hkd", 400)]
    [InlineData("huf", 17500)]
    [InlineData("inr", 50)]
    [InlineData("jpy", 50)]
    [InlineData("mxn", 1000)]
    [InlineData("myr", 200)]
    [InlineData("nok", 300)]
    [InlineData("nzd", 50)]
    [InlineData("pln", 200)]
    [InlineData("ron", 200)]
    [InlineData("sek", 300)]
    [InlineData("sgd", 50)]
    [InlineData("thb", 1000)]
    [InlineData("zmw", 1)]
    public void A_currency_knows_its_minimum(string code, long minimum) => Currency.Find(code).ShouldNotBeNull().Minimum.ShouldBe(minimum);

    [Fact]
    public void Every_currency_is_three_lower_case_letters_and_can_be_charged()
    {
        Currency.All.Count.ShouldBeGreaterThan(130);
        foreach (var currency in Currency.All)
        {
            currency.Code.ShouldMatch("^[a-z]{3}$");
            currency.Minimum.ShouldBeInRange(1, Currency.Maximum, currency.Code);
        }
    }

    [Theory]
    [InlineData("USD", "usd")]
    [InlineData("Jpy", "jpy")]
    public void A_currency_is_found_in_any_case_and_answers_in_lower_case(string given, string code) =>
        Currency.Find(given).ShouldNotBeNull().Code.ShouldBe(code);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("xyz")]
    [InlineData("us")]
    public void No_currency_is_found_where_there_is_none(string? code) => Currency.Find(code).ShouldBeNull();
}
