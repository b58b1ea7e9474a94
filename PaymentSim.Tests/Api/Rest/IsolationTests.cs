using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class IsolationTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    [EngineFact]
    public async Task Two_merchants_never_see_or_touch_each_others_objects()
    {
        await using var receiver = await Receiver.StartAsync();
        var (mine, theirs) = (fixture.Simulator.NewMerchant(), fixture.Simulator.NewMerchant());
        var endpoint = await mine.AddEndpointAsync(receiver.Url);
        var charge = (await mine.ChargeAsync()).ShouldBe(200);
        var made = await mine.EventAsync("charge.succeeded");
        await mine.DeliveryAsync(made.Id, "succeeded");
        var before = await SnapshotAsync();

        (await theirs.GetAsync($"/v1/charges/{charge.Id}")).ShouldBe(404);
        (await theirs.PostAsync($"/v1/charges/{charge.Id}", ("description", "stolen"))).ShouldBe(404);
        (await theirs.GetAsync($"/v1/events/{made.Id}")).ShouldBe(404);
        (await theirs.GetAsync($"/v1/test_helpers/events/{made.Id}/deliveries")).ShouldBe(404);
        (await theirs.GetAsync($"/v1/webhook_endpoints/{endpoint.Id}")).ShouldBe(404);
        (await theirs.PostAsync($"/v1/webhook_endpoints/{endpoint.Id}", ("disabled", "true"))).ShouldBe(404);
        (await theirs.DeleteAsync($"/v1/webhook_endpoints/{endpoint.Id}")).ShouldBe(404);
        foreach (var (list, id) in new[] { ("charges", charge.Id), ("events", made.Id), ("webhook_endpoints", endpoint.Id) })
        {
            (await theirs.IdsAsync($"/v1/{list}")).ShouldBeEmpty();
            (await theirs.GetAsync($"/v1/{list}?starting_after={id}")).ShouldBeError(400, "invalid_request_error", "resource_missing", "starting_after");
            (await theirs.GetAsync($"/v1/{list}?ending_before={id}")).ShouldBeError(400, "invalid_request_error", "resource_missing", "ending_before");
        }

        (await SnapshotAsync()).ShouldBe(before);

        // Their charge is no business of my endpoint.
        (await theirs.ChargeAsync()).ShouldBe(200);
        (await theirs.GetAsync($"/v1/test_helpers/events/{(await theirs.EventAsync("charge.succeeded")).Id}/deliveries")).Data.ShouldBeEmpty();
        receiver.Requests.Count.ShouldBe(1);

        async Task<string> SnapshotAsync() =>
            (await mine.GetAsync($"/v1/charges/{charge.Id}")).Body + (await mine.GetAsync($"/v1/events/{made.Id}")).Body
            + (await mine.GetAsync($"/v1/webhook_endpoints/{endpoint.Id}")).Body + (await mine.GetAsync($"/v1/test_helpers/events/{made.Id}/deliveries")).Body;
    }

    [EngineFact]
    public async Task No_kind_of_object_is_another_merchants()
    {
        var (mine, theirs) = (fixture.Simulator.NewMerchant(), fixture.Simulator.NewMerchant());
        var customer = await MakeAsync("customers", ("source", "tok_visa"));
        var method = await MakeAsync("payment_methods", ("type", "card"), ("card[token]", "tok_visa"));
        var charge = await MakeAsync("charges", ("amount", "2000"), ("currency", "usd"), ("source", "tok_bypassPending"));
        var refund = await MakeAsync("refunds", ("charge", charge), ("amount", "100"));
        var payout = await MakeAsync("payouts", ("amount", "100"), ("currency", "usd"));
        var dispute = (await mine.PostAsync($"/v1/test_helpers/charges/{charge}/dispute")).ShouldBe(200).Id;
        var intent = await MakeAsync("payment_intents", ("amount", "2000"), ("currency", "usd"), ("payment_method", "pm_card_visa"));
        var setup = await MakeAsync("setup_intents");
        var account = await MakeAsync("accounts");
        var session = await MakeAsync(
            "checkout/sessions", ("mode", "payment"), ("success_url", "http://127.0.0.1/"), ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", "usd"), ("line_items[0][price_data][unit_amount]", "2000"), ("line_items[0][price_data][product_data][name]", "T-shirt"));
        var transaction = (await mine.IdsAsync("/v1/balance_transactions"))[0];
        (string List, string Id)[] all =
        [
            ("customers", customer), ("payment_methods", method), ("charges", charge), ("refunds", refund), ("payouts", payout), ("disputes", dispute),
            ("payment_intents", intent), ("setup_intents", setup), ("accounts", account), ("checkout/sessions", session), ("balance_transactions", transaction),
        ];
        // What changes by itself has changed.
        await Eventually.HoldsAsync(async () => (await mine.GetAsync($"/v1/payouts/{payout}")).Text("status") == "paid", "the payout has arrived");
        var before = await SnapshotAsync();

        foreach (var (list, id) in all)
        {
            (await theirs.GetAsync($"/v1/{list}/{id}")).Status.ShouldBeOneOf(403, 404);
            (await theirs.IdsAsync($"/v1/{list}")).ShouldBeEmpty(list);
            (await theirs.GetAsync($"/v1/{list}?starting_after={id}")).ShouldBeError(400, "invalid_request_error", "resource_missing", "starting_after");
        }

        string[] changes =
        [
            $"customers/{customer}", $"payment_methods/{method}", $"payment_methods/{method}/detach", $"charges/{charge}", $"charges/{charge}/capture", $"refunds/{refund}",
            $"refunds/{refund}/cancel", $"payouts/{payout}", $"payouts/{payout}/cancel", $"payouts/{payout}/reverse", $"disputes/{dispute}", $"disputes/{dispute}/close",
            $"payment_intents/{intent}", $"payment_intents/{intent}/confirm", $"payment_intents/{intent}/capture", $"payment_intents/{intent}/cancel",
            $"setup_intents/{setup}", $"setup_intents/{setup}/confirm", $"setup_intents/{setup}/cancel", $"checkout/sessions/{session}/expire",
            $"test_helpers/charges/{charge}/dispute", $"test_helpers/charges/{charge}/expire", $"test_helpers/charges/{charge}/complete",
        ];
        foreach (var change in changes) (await theirs.PostAsync($"/v1/{change}")).Status.ShouldBeOneOf([404], change);
        foreach (var asked in new[] { $"payment_intents/{intent}", $"setup_intents/{setup}" })
            (await theirs.PostAsync($"/v1/test_helpers/{asked}/authenticate", ("outcome", "succeed"))).ShouldBe(404);
        (await theirs.PostAsync("/v1/refunds", ("payment_intent", intent))).ShouldBe(400);
        (await theirs.DeleteAsync($"/v1/customers/{customer}")).ShouldBe(404);
        (await theirs.PostAsync("/v1/test_helpers/events", ("type", "charge.updated"), ("object", session))).ShouldBe(400);

        (await SnapshotAsync()).ShouldBe(before);

        async Task<string> MakeAsync(string list, params (string, string)[] form) => (await mine.PostAsync($"/v1/{list}", form)).ShouldBe(200).Id;

        async Task<string> SnapshotAsync()
        {
            var bodies = new List<string>();
            foreach (var (list, id) in all) bodies.Add((await mine.GetAsync($"/v1/{list}/{id}")).ShouldBe(200).Body);
            return string.Join('\n', bodies);
        }
    }

    [EngineFact]
    public async Task Keys_that_differ_in_one_letters_case_are_two_merchants()
    {
        var (lower, upper) = (fixture.Simulator.MerchantWith("sk_test_case_a"), fixture.Simulator.MerchantWith("sk_test_case_A"));

        var charge = (await lower.ChargeAsync()).ShouldBe(200);

        (await upper.GetAsync($"/v1/charges/{charge.Id}")).ShouldBe(404);
    }

    [EngineFact]
    public async Task A_new_keys_first_requests_at_once_open_one_merchant()
    {
        var merchant = fixture.Simulator.NewMerchant();

        var charges = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => merchant.ChargeAsync()));

        (await merchant.IdsAsync("/v1/charges")).Order().ShouldBe(charges.Select(charge => charge.ShouldBe(200).Id).Order());
    }
}
