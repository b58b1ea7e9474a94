using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary>The table of test cards in docs, card by card and name by name, over HTTP.</summary>
public sealed class TestCardsTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private const string Declined = "Your card was declined.";

    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    public static TheoryData<string, string, string> Approved => new()
    {
        { "4242424242424242", "visa", "credit" },
        { "tok_visa", "visa", "credit" },
        { "pm_card_visa", "visa", "credit" },
        { "4000056655665556", "visa", "debit" },
        { "tok_visa_debit", "visa", "debit" },
        { "5555555555554444", "mastercard", "credit" },
        { "tok_mastercard", "mastercard", "credit" },
        { "2223003122003222", "mastercard", "credit" },
        { "5200828282828210", "mastercard", "debit" },
        { "tok_mastercard_debit", "mastercard", "debit" },
        { "5105105105105100", "mastercard", "prepaid" },
        { "tok_mastercard_prepaid", "mastercard", "prepaid" },
        { "378282246310005", "amex", "credit" },
        { "371449635398431", "amex", "credit" },
        { "tok_amex", "amex", "credit" },
        { "6011111111111117", "discover", "credit" },
        { "6011000990139424", "discover", "credit" },
        { "3056930009020004", "diners", "credit" },
        { "36227206271667", "diners", "credit" },
        { "3566002020360505", "jcb", "credit" },
        { "6200000000000005", "unionpay", "credit" },
        { "4000000000000077", "visa", "credit" },
        { "4000000000009235", "visa", "credit" },
        { "tok_riskLevelElevated", "visa", "credit" },
        { "4000000000000259", "visa", "credit" },
        { "tok_createDispute", "visa", "credit" },
        { "4000000000002685", "visa", "credit" },
        { "tok_createDisputeProductNotReceived", "visa", "credit" },
        { "4000000000001976", "visa", "credit" },
        { "tok_createDisputeInquiry", "visa", "credit" },
        { "4000000000007726", "visa", "credit" },
        { "4000000000005126", "visa", "credit" },
    };

    /// <summary>Source, code, decline code, message.</summary>
    public static TheoryData<string, string, string?, string> Refused
    {
        get
        {
            var data = new TheoryData<string, string, string?, string>();
            Add("4000000000000002", "card_declined", "generic_decline", Declined, "tok_chargeDeclined", "pm_card_visa_chargeDeclined");
            Named("4000000000009995", "card_declined", "insufficient_funds", "Your card has insufficient funds.", "chargeDeclinedInsufficientFunds");
            Named("4000000000009987", "card_declined", "lost_card", Declined, "chargeDeclinedLostCard");
            Named("4000000000009979", "card_declined", "stolen_card", Declined, "chargeDeclinedStolenCard");
            Named(
                "4000000000006975", "card_declined", "card_velocity_exceeded",
                "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.", "chargeDeclinedVelocityLimitExceeded");
            Add("4100000000000019", "card_declined", "fraudulent", Declined, "tok_chargeDeclinedFraudulent", "pm_card_radarBlock");
            Named("4000000000000069", "expired_card", null, "Your card has expired.", "chargeDeclinedExpiredCard");
            Named("4000000000000127", "incorrect_cvc", null, "Your card's security code is incorrect.", "chargeDeclinedIncorrectCvc");
            Named(
                "4000000000000119", "processing_error", null,
                "An error occurred while processing your card. Try again in a little bit.", "chargeDeclinedProcessingError");
            Add("4000000000000341", "card_declined", "generic_decline", Declined, "tok_chargeCustomerFail");
            foreach (var asks in new[] { "4000002760003184", "4000000000003220", "4000008260003178", "4000008400001629" })
            {
                Add(
                    asks, "authentication_required", "authentication_required",
                    "Your card was declined. This transaction requires authentication.");
            }

            return data;

            void Named(string number, string code, string? declineCode, string message, string name) =>
                Add(number, code, declineCode, message, "tok_" + name, "pm_card_visa_" + name);

            void Add(string number, string code, string? declineCode, string message, params string[] names)
            {
                foreach (var source in names.Prepend(number)) data.Add(source, code, declineCode, message);
            }
        }
    }

    [EngineTheory]
    [MemberData(nameof(Approved))]
    public async Task An_approved_card_is_charged(string source, string brand, string funding)
    {
        var charge = (await ChargeAsync(source)).ShouldBe(200);

        charge.Text("status").ShouldBe("succeeded");
        charge.Text("paid").ShouldBe("True");
        charge.Text("captured").ShouldBe("True");
        charge.Number("amount").ShouldBe(2000);
        charge.Number("amount_captured").ShouldBe(2000);
        charge.Text("failure_code").ShouldBeNull();
        charge.Text("payment_method_details.card.brand").ShouldBe(brand);
        charge.Text("payment_method_details.card.funding").ShouldBe(funding);
        charge.Text("outcome.type").ShouldBe("authorized");
        charge.Text("outcome.risk_level").ShouldBe(source is "4000000000009235" or "tok_riskLevelElevated" ? "elevated" : "normal");
        if (char.IsDigit(source[0]))
        {
            charge.Text("payment_method_details.card.last4").ShouldBe(source[^4..]);
            charge.Body.ShouldNotContain(source);
        }

        // A card that is disputed was not yet when its charge was answered.
        (await _merchant.GetAsync($"/v1/charges/{charge.Id}")).ShouldBe(200).Body.Replace("\"disputed\":true", "\"disputed\":false").ShouldBe(charge.Body);
        (await _merchant.EventAsync("charge.succeeded")).Text("data.object.id").ShouldBe(charge.Id);
    }

    [EngineTheory]
    [MemberData(nameof(Refused))]
    public async Task A_declined_card_is_answered_402_and_leaves_a_failed_charge(string source, string code, string? declineCode, string message)
    {
        var answer = (await ChargeAsync(source)).ShouldBeError(402, "card_error", code, message: message);

        answer.Text("error.decline_code").ShouldBe(declineCode);
        var charge = (await _merchant.GetAsync($"/v1/charges/{answer.Text("error.charge")}")).ShouldBe(200);
        charge.Text("status").ShouldBe("failed");
        charge.Text("paid").ShouldBe("False");
        charge.Text("captured").ShouldBe("False");
        charge.Number("amount").ShouldBe(2000);
        charge.Number("amount_captured").ShouldBe(0);
        charge.Text("failure_code").ShouldBe(code);
        charge.Text("failure_message").ShouldBe(message);
        charge.Text("outcome.type").ShouldBe(declineCode == "fraudulent" ? "blocked" : "issuer_declined");
        if (declineCode == "fraudulent") charge.Text("outcome.risk_level").ShouldBe("highest");
        (await _merchant.EventAsync("charge.failed")).Text("data.object.id").ShouldBe(charge.Id);
    }

    [EngineTheory]
    [InlineData("number", "4242424242424241", "incorrect_number", null)]
    [InlineData("number", "4242", "incorrect_number", null)]
    [InlineData("number", "abcd efgh ijkl mnop", "incorrect_number", null)]
    [InlineData("number", "4539578763621486", "card_declined", "test_mode_live_card")]
    [InlineData("number", "5425233430109903", "card_declined", "test_mode_live_card")]
    [InlineData("exp_month", "13", "invalid_expiry_month", null)]
    [InlineData("exp_month", "0", "invalid_expiry_month", null)]
    [InlineData("exp_month", "-1", "invalid_expiry_month", null)]
    [InlineData("exp_year", "2020", "invalid_expiry_year", null)]
    [InlineData("exp_year", "1999", "invalid_expiry_year", null)]
    [InlineData("exp_year", "20", "invalid_expiry_year", null)]
    [InlineData("exp_year", "-5", "invalid_expiry_year", null)]
    [InlineData("exp_year", "9223372036854775807", "invalid_expiry_year", null)]
    [InlineData("cvc", "99", "invalid_cvc", null)]
    [InlineData("cvc", "12345", "invalid_cvc", null)]
    [InlineData("cvc", "12a", "invalid_cvc", null)]
    public async Task Card_data_that_cannot_be_right_is_refused_and_nothing_is_stored(string part, string value, string code, string? declineCode)
    {
        var card = new Dictionary<string, string> { ["number"] = "4242424242424242", ["exp_month"] = "12", ["exp_year"] = "2035", ["cvc"] = "123", [part] = value };

        var answer = await _merchant.PostAsync(
            "/v1/charges", [("amount", "2000"), ("currency", "usd"), .. card.Select(pair => ($"source[{pair.Key}]", pair.Value))]);

        answer.ShouldBeError(402, "card_error", code, param: part);
        answer.Text("error.decline_code").ShouldBe(declineCode);
        answer.Text("error.charge").ShouldBeNull();
        if (declineCode is not null)
            answer.Text("error.message")!.ShouldStartWith("Your card was declined. Your request was in test mode, but used a non test card");
        if (value.Length > 12) answer.Body.ShouldNotContain(value);
        (await _merchant.IdsAsync("/v1/charges")).ShouldBeEmpty();
        (await _merchant.IdsAsync("/v1/events")).ShouldBeEmpty();
    }

    [EngineTheory]
    [InlineData("tok_doesNotExist")]
    [InlineData("tok_visa|tok_doesNotExist")]
    [InlineData("TOK_VISA")]
    [InlineData("|")]
    public async Task An_unknown_source_is_refused_by_name(string source)
    {
        (await _merchant.ChargeAsync(source)).ShouldBeError(400, "invalid_request_error", "resource_missing", "source", $"No such token: '{source switch
        {
            "tok_visa|tok_doesNotExist" => "tok_doesNotExist",
            _ => source,
        }}'");
        (await _merchant.IdsAsync("/v1/charges")).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_number_in_the_place_of_a_token_is_never_echoed()
    {
        var answer = await _merchant.ChargeAsync("4539578763621486|tok_visa x");

        answer.ShouldBe(400);
        answer.Body.ShouldNotContain("4539578763621486");
    }

    [EngineFact]
    public async Task The_same_card_has_one_fingerprint_whichever_way_it_is_given()
    {
        var sources = new[] { "tok_visa", "pm_card_visa", "4242424242424242", "4242 4242 4242 4242" };

        var fingerprints = new List<string?>();
        foreach (var source in sources) fingerprints.Add((await ChargeAsync(source)).ShouldBe(200).Text("payment_method_details.card.fingerprint"));

        fingerprints.Distinct().ShouldHaveSingleItem().ShouldNotBeNullOrEmpty();
        (await ChargeAsync("tok_mastercard")).Text("payment_method_details.card.fingerprint").ShouldNotBe(fingerprints[0]);
    }

    [EngineFact]
    public async Task An_authorisation_alone_is_not_captured()
    {
        var charge = await _merchant.PostAsync(
            "/v1/charges", ("amount", "2000"), ("currency", "usd"), ("source", "tok_visa"), ("capture", "false"));

        charge.ShouldBe(200).Text("status").ShouldBe("succeeded");
        charge.Text("captured").ShouldBe("False");
        charge.Number("amount_captured").ShouldBe(0);
        charge.Number("amount_refunded").ShouldBe(0);
    }

    [EngineFact]
    public async Task A_sequence_gives_each_outcome_in_turn_and_then_repeats_the_last()
    {
        const string Sequence = "tok_chargeDeclinedInsufficientFunds|tok_chargeDeclined|tok_visa";

        (await _merchant.ChargeAsync(Sequence)).ShouldBe(402).Text("error.decline_code").ShouldBe("insufficient_funds");
        (await _merchant.ChargeAsync(Sequence)).ShouldBe(402).Text("error.decline_code").ShouldBe("generic_decline");
        (await _merchant.ChargeAsync(Sequence)).ShouldBe(200);
        (await _merchant.ChargeAsync(Sequence)).ShouldBe(200);
        (await fixture.Simulator.NewMerchant().ChargeAsync(Sequence)).ShouldBe(402).Text("error.decline_code").ShouldBe("insufficient_funds");
    }

    [EngineFact]
    public async Task A_failure_of_the_processor_is_not_remembered_so_a_retry_with_the_same_key_succeeds_once()
    {
        (await _merchant.ChargeAsync("tok_500|tok_visa", idempotencyKey: "order-1")).ShouldBeError(500, "api_error");
        var charge = (await _merchant.ChargeAsync("tok_500|tok_visa", idempotencyKey: "order-1")).ShouldBe(200);
        var replay = (await _merchant.ChargeAsync("tok_500|tok_visa", idempotencyKey: "order-1")).ShouldBe(200);

        replay.Body.ShouldBe(charge.Body);
        (await _merchant.IdsAsync("/v1/charges")).ShouldBe([charge.Id]);
    }

    [EngineTheory]
    [InlineData("tok_429", 429, "invalid_request_error", "rate_limit")]
    [InlineData("tok_500", 500, "api_error", null)]
    public async Task A_fault_token_answers_with_its_status_and_stores_nothing(string source, int status, string type, string? code)
    {
        for (var i = 0; i < 2; i++)
        {
            var answer = (await _merchant.ChargeAsync(source, idempotencyKey: "same")).ShouldBeError(status, type, code);
            answer.Header("Idempotent-Replayed").ShouldBeNull();
            answer.Header("Request-Id").ShouldNotBeNull();
        }

        (await _merchant.IdsAsync("/v1/charges")).ShouldBeEmpty();
        (await _merchant.IdsAsync("/v1/events")).ShouldBeEmpty();
    }

    private Task<ApiAnswer> ChargeAsync(string source) => char.IsDigit(source[0])
        ? _merchant.PostJsonAsync("/v1/charges", new
        {
            amount = 2000,
            currency = "usd",
            source = new { @object = "card", number = source, exp_month = 12, exp_year = 2035, cvc = source.StartsWith('3') ? "1234" : "123" },
        })
        : _merchant.ChargeAsync(source);
}
