using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class AmountTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineTheory]
    [InlineData("49", "usd", "amount_too_small", "Amount must be at least 50 cents")]
    [InlineData("1", "USD", "amount_too_small", "Amount must be at least 50 cents")]
    [InlineData("49", "jpy", "amount_too_small", "Amount must be at least ¥50")]
    [InlineData("29", "gbp", "amount_too_small", "Amount must be at least £0.30")]
    [InlineData("100000000", "usd", "amount_too_large", "Amount must be no more than $999,999.99")]
    [InlineData("9223372036854775807", "usd", "amount_too_large", "Amount must be no more than $999,999.99")]
    [InlineData("100000000", "jpy", "amount_too_large", "Amount must be no more than ¥99,999,999")]
    [InlineData("0", "usd", "parameter_invalid_integer", "Invalid positive integer")]
    [InlineData("-1", "usd", "parameter_invalid_integer", "Invalid positive integer")]
    [InlineData("-9223372036854775808", "usd", "parameter_invalid_integer", "Invalid positive integer")]
    [InlineData("9223372036854775808", "usd", "parameter_invalid_integer", "Invalid integer: 9223372036854775808")]
    [InlineData("12.5", "usd", "parameter_invalid_integer", "Invalid integer: 12.5")]
    [InlineData("20.00", "usd", "parameter_invalid_integer", "Invalid integer: 20.00")]
    [InlineData("1e3", "usd", "parameter_invalid_integer", "Invalid integer: 1e3")]
    [InlineData("0x7d0", "usd", "parameter_invalid_integer", "Invalid integer: 0x7d0")]
    [InlineData(" 2000", "usd", "parameter_invalid_integer", "Invalid integer:  2000")]
    [InlineData("2,000", "usd", "parameter_invalid_integer", "Invalid integer: 2,000")]
    [InlineData("٢٠٠٠", "usd", "parameter_invalid_integer", "Invalid integer: ٢٠٠٠")]
    [InlineData("NaN", "usd", "parameter_invalid_integer", "Invalid integer: NaN")]
    [InlineData("", "usd", "parameter_invalid_empty", "You passed an empty string for 'amount', which cannot be unset.")]
    public async Task A_wrong_amount_is_refused_by_name(string amount, string currency, string code, string message)
    {
        var answer = await _merchant.PostAsync("/v1/charges", ("amount", amount), ("currency", currency), ("source", "tok_visa"));

        answer.ShouldBeError(400, "invalid_request_error", code, "amount", message);
        (await _merchant.IdsAsync("/v1/charges")).ShouldBeEmpty();
    }

    [EngineTheory]
    [InlineData(50, "usd")]
    [InlineData(99_999_999, "usd")]
    [InlineData(50, "jpy")]
    [InlineData(99_999_999, "jpy")]
    [InlineData(30, "gbp")]
    [InlineData(1, "krw")]
    [InlineData(50, "eur")]
    public async Task The_smallest_and_largest_amounts_are_taken(long amount, string currency)
    {
        var charge = (await _merchant.PostAsync(
            "/v1/charges", ("amount", $"{amount}"), ("currency", currency.ToUpperInvariant()), ("source", "tok_visa"))).ShouldBe(200);

        charge.Number("amount").ShouldBe(amount);
        charge.Text("currency").ShouldBe(currency);
    }

    [EngineTheory]
    [InlineData("", "parameter_missing", "Missing required param: currency.")]
    [InlineData("xxx", null, "Invalid currency: xxx. Use the three letters of an ISO 4217 code, such as usd.")]
    [InlineData("dollar", null, "Invalid currency: dollar. Use the three letters of an ISO 4217 code, such as usd.")]
    [InlineData("us", null, "Invalid currency: us. Use the three letters of an ISO 4217 code, such as usd.")]
    public async Task An_unknown_currency_is_refused_by_name(string currency, string? code, string message) =>
        (await _merchant.PostAsync("/v1/charges", ("amount", "2000"), ("currency", currency), ("source", "tok_visa")))
            .ShouldBeError(400, "invalid_request_error", code, "currency", message);

    [EngineTheory]
    [InlineData("amount")]
    [InlineData("currency")]
    [InlineData("source")]
    public async Task A_missing_parameter_is_named(string missing)
    {
        var all = new[] { ("amount", "2000"), ("currency", "usd"), ("source", "tok_visa") };

        var answer = await _merchant.PostAsync("/v1/charges", [.. all.Where(pair => pair.Item1 != missing)]);

        answer.ShouldBeError(
            400, "invalid_request_error", "parameter_missing", missing,
            missing == "source" ? "Must provide source or customer." : $"Missing required param: {missing}.");
    }
}
