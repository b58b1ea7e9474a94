using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class IdempotencyTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineTheory]
    [InlineData("tok_visa", 200)]
    [InlineData("tok_chargeDeclined", 402)]
    public async Task Many_requests_at_once_on_one_key_have_one_effect_and_one_answer(string source, int status)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => _merchant.ChargeAsync(source, idempotencyKey: "order-1")));

        answers.ShouldAllBe(answer => answer.Status == status);
        answers.Select(answer => answer.Body).Distinct().ShouldHaveSingleItem();
        answers.Count(answer => answer.Header("Idempotent-Replayed") is null).ShouldBe(1);
        var original = answers.Single(answer => answer.Header("Idempotent-Replayed") is null).Header("Request-Id");
        answers.Where(answer => answer.Header("Idempotent-Replayed") is not null).ShouldAllBe(answer => answer.Header("Original-Request") == original);
        (await _merchant.IdsAsync("/v1/charges")).ShouldHaveSingleItem();
        (await _merchant.IdsAsync("/v1/events")).ShouldHaveSingleItem();
    }

    [EngineFact]
    public async Task A_key_used_for_another_request_is_refused_and_changes_nothing()
    {
        var charge = (await _merchant.ChargeAsync(idempotencyKey: "k")).ShouldBe(200);

        foreach (var other in new[]
                 {
                     await _merchant.ChargeAsync(amount: 2001, idempotencyKey: "k"),
                     await _merchant.ChargeAsync("tok_mastercard", idempotencyKey: "k"),
                     await _merchant.PostAsync($"/v1/charges/{charge.Id}", "k", ("description", "x")),
                     await _merchant.PostAsync("/v1/webhook_endpoints", "k", ("url", "http://127.0.0.1/"), ("enabled_events[]", "*")),
                 })
        {
            other.ShouldBeError(400, "idempotency_error").Text("error.message")!
                .ShouldStartWith("Keys for idempotent requests can only be used with the same parameters they were first used with.");
        }

        (await _merchant.IdsAsync("/v1/charges")).ShouldBe([charge.Id]);
        (await _merchant.IdsAsync("/v1/webhook_endpoints")).ShouldBeEmpty();
        (await _merchant.ChargeAsync(idempotencyKey: "k")).ShouldBe(200).Body.ShouldBe(charge.Body);
    }

    [EngineFact]
    public async Task A_decline_is_remembered()
    {
        var declined = (await _merchant.ChargeAsync("tok_chargeDeclinedInsufficientFunds|tok_visa", idempotencyKey: "k")).ShouldBe(402);
        var again = (await _merchant.ChargeAsync("tok_chargeDeclinedInsufficientFunds|tok_visa", idempotencyKey: "k")).ShouldBe(402);

        again.Body.ShouldBe(declined.Body);
        again.Header("Idempotent-Replayed").ShouldBe("true");
        (await _merchant.IdsAsync("/v1/charges")).ShouldBe([declined.Text("error.charge")!]);
    }

    [EngineFact]
    public async Task A_refusal_that_the_database_decided_is_remembered()
    {
        (await _merchant.PostAsync("/v1/charges/ch_x", "k", ("description", "x"))).ShouldBe(404);

        (await _merchant.PostAsync("/v1/charges/ch_x", "k", ("description", "x"))).ShouldBe(404).Header("Idempotent-Replayed").ShouldBe("true");
        (await _merchant.PostAsync("/v1/charges/ch_x", "k", ("description", "y"))).ShouldBeError(400, "idempotency_error");
    }

    [EngineFact]
    public async Task Card_data_that_was_refused_is_remembered_without_the_number()
    {
        const string Number = "4539578763621486";
        var first = (await _merchant.ChargeAsync(Number, idempotencyKey: "k")).ShouldBe(402);

        (await _merchant.ChargeAsync(Number, idempotencyKey: "k")).ShouldBe(402).Body.ShouldBe(first.Body);
        (await _merchant.ChargeAsync("tok_visa", idempotencyKey: "k")).ShouldBeError(400, "idempotency_error");
    }

    [EngineFact]
    public async Task A_validation_failure_is_not_remembered()
    {
        (await _merchant.ChargeAsync(amount: 1, idempotencyKey: "k")).ShouldBe(400);

        (await _merchant.ChargeAsync(amount: 2000, idempotencyKey: "k")).ShouldBe(200).Header("Idempotent-Replayed").ShouldBeNull();
    }

    [EngineFact]
    public async Task Keys_are_per_merchant()
    {
        var other = fixture.Simulator.NewMerchant();

        var mine = (await _merchant.ChargeAsync(idempotencyKey: "k")).ShouldBe(200);
        var theirs = (await other.ChargeAsync(amount: 5000, idempotencyKey: "k")).ShouldBe(200);

        theirs.Header("Idempotent-Replayed").ShouldBeNull();
        theirs.Id.ShouldNotBe(mine.Id);
    }

    [EngineFact]
    public async Task A_key_plays_no_part_on_a_get()
    {
        (await _merchant.GetAsync("/v1/charges", ("Idempotency-Key", "k"))).ShouldBe(200);

        (await _merchant.ChargeAsync(idempotencyKey: "k")).ShouldBe(200).Header("Idempotent-Replayed").ShouldBeNull();
        (await _merchant.GetAsync("/v1/charges", ("Idempotency-Key", "k"))).ShouldBe(200).Ids.ShouldHaveSingleItem();
    }

    [EngineFact]
    public async Task A_replayed_update_does_not_undo_what_came_after_it()
    {
        var charge = (await _merchant.ChargeAsync()).ShouldBe(200);
        var first = (await _merchant.PostAsync($"/v1/charges/{charge.Id}", "k", ("description", "first"))).ShouldBe(200);
        (await _merchant.PostAsync($"/v1/charges/{charge.Id}", ("description", "second"))).ShouldBe(200);

        (await _merchant.PostAsync($"/v1/charges/{charge.Id}", "k", ("description", "first"))).ShouldBe(200).Body.ShouldBe(first.Body);
        (await _merchant.GetAsync($"/v1/charges/{charge.Id}")).Text("description").ShouldBe("second");
    }

    [EngineFact]
    public async Task A_rich_charge_is_replayed_to_the_byte()
    {
        const string Json = """
            {"amount":2000,"currency":"usd","source":{"object":"card","number":"4242424242424242","exp_month":2,"exp_year":2035,"cvc":"123","name":"Ada"},
             "metadata":{"z":"1","a":"ä 💳 </script>"},"shipping":{"name":"Ada","address":{"line1":"1 Main St"}},"transfer_data":{"destination":"acct_1","n":[1,2.50,null]}}
            """;
        var first = (await _merchant.PostJsonAsync("/v1/charges", Json, "k")).ShouldBe(200);

        (await _merchant.PostJsonAsync("/v1/charges", Json, "k")).ShouldBe(200).Body.ShouldBe(first.Body);
        (await _merchant.GetAsync($"/v1/charges/{first.Id}")).Body.ShouldBe(first.Body);
    }

    [EngineFact]
    public async Task An_endpoints_replayed_creation_has_the_same_secret()
    {
        var parameters = new[] { ("url", "http://127.0.0.1/"), ("enabled_events[]", "*") };
        var first = (await _merchant.PostAsync("/v1/webhook_endpoints", "k", parameters)).ShouldBe(200);
        var again = (await _merchant.PostAsync("/v1/webhook_endpoints", "k", parameters)).ShouldBe(200);

        first.Text("secret")!.ShouldStartWith("whsec_");
        again.Body.ShouldBe(first.Body);
        (await _merchant.IdsAsync("/v1/webhook_endpoints")).ShouldBe([first.Id]);
        (await _merchant.GetAsync($"/v1/webhook_endpoints/{first.Id}")).ShouldBe(200).Text("secret").ShouldBeNull();
    }

    [Fact]
    public async Task Keys_outlive_a_restart_and_no_secret_lies_open_on_the_disk()
    {
        using var folder = new TempFolder();
        var endpoint = new[] { ("url", "http://127.0.0.1/"), ("enabled_events[]", "*") };
        string key;
        ApiAnswer charge, declined, made;
        await using (var first = await Simulator.StartAsync(folder))
        {
            var merchant = first.NewMerchant();
            key = merchant.Key;
            charge = (await merchant.ChargeAsync(idempotencyKey: "charge")).ShouldBe(200);
            declined = (await merchant.ChargeAsync("4000000000000002", idempotencyKey: "declined")).ShouldBe(402);
            made = (await merchant.PostAsync("/v1/webhook_endpoints", "endpoint", endpoint)).ShouldBe(200);
        }

        var stored = string.Concat(Directory.EnumerateFiles(folder.Path, "paymentsim.db*").Select(file => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file))));
        stored.ShouldContain(charge.Id);
        foreach (var secret in new[] { made.Text("secret")!, made.Text("secret")!["whsec_".Length..], "4000000000000002", key }) stored.Contains(secret, StringComparison.Ordinal).ShouldBeFalse(secret);

        await using var second = await Simulator.StartAsync(folder);
        var same = second.MerchantWith(key);
        (await same.ChargeAsync(idempotencyKey: "charge")).ShouldBe(200).Body.ShouldBe(charge.Body);
        (await same.ChargeAsync("4000000000000002", idempotencyKey: "declined")).ShouldBe(402).Body.ShouldBe(declined.Body);
        (await same.PostAsync("/v1/webhook_endpoints", "endpoint", endpoint)).ShouldBe(200).Body.ShouldBe(made.Body);
        (await same.IdsAsync("/v1/charges")).Count.ShouldBe(2);
    }
}
