using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary>Bank accounts that customers have saved: they are charged once the two amounts that were sent to them have been named.</summary>
public sealed class BankAccountSourcesTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task An_account_is_charged_only_after_it_was_verified()
    {
        var (customer, account) = await SavedAsync();
        (account.Text("object"), account.Text("status"), account.Text("customer"), account.Text("last4")).ShouldBe(("bank_account", "new", customer, "6789"));
        account.Body.ShouldNotContain("000123456789");
        (await ChargeAsync(customer, account.Id)).ShouldBeError(400, "invalid_request_error", "bank_account_unverified", "source");
        (await ChargeAsync(customer)).ShouldBeError(400, "invalid_request_error", "bank_account_unverified", "source");
        (await PayAsync(customer, account.Id)).ShouldBeError(400, "invalid_request_error", "bank_account_unverified", "payment_method");

        // The order of the amounts does not matter.
        var verified = (await VerifyAsync(customer, account.Id, 45, 32)).ShouldBe(200);

        (verified.Id, verified.Text("status")).ShouldBe((account.Id, "verified"));
        (await _merchant.GetAsync($"/v1/customers/{customer}/sources/{account.Id}")).Body.ShouldBe(verified.Body);
        var told = await _merchant.EventAsync("customer.source.updated");
        (told.Text("data.object.status"), told.Text("data.previous_attributes.status")).ShouldBe(("verified", "new"));
        var charge = (await ChargeAsync(customer)).ShouldBe(200);
        (charge.Text("status"), charge.Text("payment_method"), charge.Text("customer")).ShouldBe(("pending", account.Id, customer));
        (await Eventually.HoldsAsync(() => _merchant.GetAsync($"/v1/charges/{charge.Id}"), answer => answer.Text("status") != "pending", "the bank answers"))
            .Text("status").ShouldBe("succeeded");
        (await PayAsync(customer, account.Id)).ShouldBe(200).Text("status").ShouldBe("processing");
        (await VerifyAsync(customer, account.Id, 32, 45)).ShouldBeError(400, "invalid_request_error", message: "This bank account has already been verified.");
    }

    [EngineFact]
    public async Task Ten_wrong_guesses_are_the_end()
    {
        var (customer, account) = await SavedAsync();

        for (var n = 0; n < 9; n++)
        {
            (await VerifyAsync(customer, account.Id, 32, 44 - n)).ShouldBeError(
                400, "invalid_request_error", "bank_account_verification_failed", "amounts",
                "The amounts provided do not match the amounts that were sent to the bank account.");
        }

        (await _merchant.GetAsync($"/v1/customers/{customer}/sources/{account.Id}")).Text("status").ShouldBe("new");
        (await VerifyAsync(customer, account.Id, 1, 2)).ShouldBeError(400, "invalid_request_error", "bank_account_verification_failed");
        (await _merchant.GetAsync($"/v1/customers/{customer}/sources/{account.Id}")).Text("status").ShouldBe("verification_failed");
        (await VerifyAsync(customer, account.Id, 32, 45)).ShouldBeError(400, "invalid_request_error", "bank_account_verification_failed");
        (await ChargeAsync(customer, account.Id)).ShouldBeError(400, "invalid_request_error", "bank_account_unverified");
        (await _merchant.EventAsync("customer.source.updated")).Text("data.object.status").ShouldBe("verification_failed");
    }

    [EngineFact]
    public async Task A_failed_attempt_counts_once_under_its_key()
    {
        var (customer, account) = await SavedAsync();
        var path = $"/v1/customers/{customer}/sources/{account.Id}/verify";

        for (var n = 0; n < 12; n++)
            (await _merchant.PostAsync(path, "one key", ("amounts[]", "1"), ("amounts[]", "2"))).ShouldBeError(400, "invalid_request_error", "bank_account_verification_failed");

        var verified = (await _merchant.PostAsync(path, "another", ("amounts[]", "32"), ("amounts[]", "45"))).ShouldBe(200);
        var again = (await _merchant.PostAsync(path, "another", ("amounts[]", "32"), ("amounts[]", "45"))).ShouldBe(200);
        (again.Body, again.Header("Idempotent-Replayed")).ShouldBe((verified.Body, "true"));
    }

    [EngineFact]
    public async Task Cards_and_accounts_are_listed_apart_and_together_changed_and_removed()
    {
        var (customer, account) = await SavedAsync();
        var path = $"/v1/customers/{customer}/sources";
        var card = (await _merchant.PostAsync(path, ("source", "tok_visa"))).ShouldBe(200);
        var known = (await _merchant.PostAsync(path, ("source", "btok_us_verified"))).ShouldBe(200);
        known.Text("status").ShouldBe("verified");

        (await _merchant.GetAsync(path)).Ids.ShouldBe([known.Id, card.Id, account.Id]);
        (await _merchant.GetAsync($"{path}?limit=1&starting_after={known.Id}")).ShouldSatisfyAllConditions(
            page => page.Ids.ShouldBe([card.Id]), page => page.HasMore.ShouldBeTrue());
        (await _merchant.GetAsync($"{path}?ending_before={account.Id}")).Ids.ShouldBe([known.Id, card.Id]);
        (await _merchant.GetAsync($"{path}?object=bank_account")).Ids.ShouldBe([known.Id, account.Id]);
        (await _merchant.GetAsync($"{path}?object=card")).Ids.ShouldBe([card.Id]);
        (await _merchant.GetAsync($"{path}?object=house")).ShouldBeError(400, "invalid_request_error", param: "object");
        var expanded = (await _merchant.GetAsync($"/v1/customers/{customer}?expand[]=default_source.customer&expand[]=sources.data.customer")).ShouldBe(200);
        (expanded.Text("default_source.object"), expanded.Text("default_source.customer.id")).ShouldBe(("bank_account", customer));
        (expanded.Text("sources.data.1.object"), expanded.Text("sources.data.1.customer.id"), expanded.Text("sources.data.0.status")).ShouldBe(("card", customer, "verified"));
        (expanded.Text("sources.data.0.id"), expanded.Text("sources.data.2.id")).ShouldBe((known.Id, account.Id));

        var changed = (await _merchant.PostAsync(
            $"{path}/{account.Id}", ("account_holder_name", "Ada"), ("account_holder_type", "company"), ("account_type", "savings"), ("metadata[a]", "1"))).ShouldBe(200);
        (changed.Text("account_holder_name"), changed.Text("account_holder_type"), changed.Text("account_type"), changed.Text("metadata.a"), changed.Text("status"))
            .ShouldBe(("Ada", "company", "savings", "1", "new"));
        (await _merchant.PostAsync($"{path}/{account.Id}", ("exp_month", "3"))).ShouldBeError(400, "invalid_request_error", param: "exp_month");
        (await _merchant.PostAsync($"{path}/{card.Id}", ("account_type", "savings"))).ShouldBeError(400, "invalid_request_error", param: "account_type");
        (await VerifyAsync(customer, card.Id, 32, 45)).ShouldBeError(400, "invalid_request_error", param: "id");

        (await _merchant.PostAsync($"/v1/customers/{customer}", ("default_source", known.Id))).ShouldBe(200).Text("default_source").ShouldBe(known.Id);
        (await _merchant.DeleteAsync($"{path}/{known.Id}")).ShouldBe(200);
        (await _merchant.GetAsync($"/v1/customers/{customer}")).Text("default_source").ShouldBe(card.Id, "the newest that is left");
        var removed = (await _merchant.DeleteAsync($"{path}/{account.Id}")).ShouldBe(200);
        (removed.Text("object"), removed.Text("deleted")).ShouldBe(("bank_account", "True"));
        (await _merchant.IdsAsync(path)).ShouldBe([card.Id]);
    }

    [EngineFact]
    public async Task Amounts_that_are_none_and_accounts_of_others_are_refused()
    {
        var (customer, account) = await SavedAsync();
        var path = $"/v1/customers/{customer}/sources/{account.Id}/verify";

        (await _merchant.PostAsync(path)).ShouldBeError(400, "invalid_request_error", "parameter_missing", "amounts");
        (await _merchant.PostAsync(path, ("amounts[]", "32"))).ShouldBeError(400, "invalid_request_error", param: "amounts");
        (await _merchant.PostAsync(path, ("amounts[]", "32"), ("amounts[]", "x"))).ShouldBeError(400, "invalid_request_error", "parameter_invalid_integer", "amounts[1]");
        (await _merchant.PostAsync(path, ("amounts", "32"))).ShouldBeError(400, "invalid_request_error", param: "amounts");
        (await _merchant.PostJsonAsync(path, """{"amounts":[32,null]}""")).ShouldBeError(400, "invalid_request_error", "parameter_invalid_integer", "amounts[1]");
        var (stranger, _) = await SavedAsync();
        (await VerifyAsync(stranger, account.Id, 32, 45)).ShouldBe(404);
        (await fixture.Simulator.NewMerchant().PostAsync(path, ("amounts[]", "32"), ("amounts[]", "45"))).ShouldBe(404);
        (await _merchant.PostJsonAsync(path, """{"amounts":[32,45]}""")).ShouldBe(200).Text("status").ShouldBe("verified");
    }

    /// <summary>A customer with an account, whose token was made before.</summary>
    private async Task<(string Customer, ApiAnswer Account)> SavedAsync()
    {
        var customer = (await _merchant.PostAsync("/v1/customers")).ShouldBe(200).Id;
        var token = (await _merchant.PostAsync(
            "/v1/tokens",
            ("bank_account[country]", "US"), ("bank_account[currency]", "usd"),
            ("bank_account[routing_number]", "110000000"), ("bank_account[account_number]", "000123456789"))).ShouldBe(200);
        var account = (await _merchant.PostAsync($"/v1/customers/{customer}/sources", ("source", token.Id))).ShouldBe(200);
        account.Id.ShouldBe(token.Text("bank_account.id"));
        (await _merchant.PostAsync($"/v1/customers/{customer}/sources", ("source", token.Id))).ShouldBeError(400, "invalid_request_error", "token_already_used");
        return (customer, account);
    }

    private Task<ApiAnswer> VerifyAsync(string customer, string account, long first, long second) =>
        _merchant.PostAsync($"/v1/customers/{customer}/sources/{account}/verify", ("amounts[]", $"{first}"), ("amounts[]", $"{second}"));

    private Task<ApiAnswer> ChargeAsync(string customer, string? source = null) => _merchant.PostAsync(
        "/v1/charges", [("amount", "2000"), ("currency", "usd"), ("customer", customer), .. source is null ? Array.Empty<(string, string)>() : [("source", source)]]);

    private Task<ApiAnswer> PayAsync(string customer, string method) => _merchant.PostAsync(
        "/v1/payment_intents", ("amount", "2000"), ("currency", "usd"), ("customer", customer), ("payment_method", method), ("confirm", "true"));
}
