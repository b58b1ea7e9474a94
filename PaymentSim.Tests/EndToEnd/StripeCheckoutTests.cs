using PaymentSim.Tests.Support;
using Stripe;
using Stripe.Checkout;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>Checkout sessions with the official SDK; who pays comes by plain HTTP.</summary>
public sealed class StripeCheckoutTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Support.Merchant _merchant = fixture.Simulator.NewMerchant();

    private StripeClient Client => field ??= new StripeClient(_merchant.Key, apiBase: fixture.Simulator.Url);

    private SessionService Sessions => Client.V1.Checkout.Sessions;

    [EngineFact]
    public async Task A_sessions_metadata_is_changed_whatever_its_status_and_nothing_else()
    {
        var made = await Sessions.CreateAsync(Options());

        var changed = await Sessions.UpdateAsync(made.Id, new SessionUpdateOptions { Metadata = new Dictionary<string, string> { ["cart"] = "", ["order"] = "7" } });

        (changed.Id, changed.Url, changed.AmountTotal, changed.Status).ShouldBe((made.Id, made.Url, made.AmountTotal, "open"));
        changed.Metadata.ShouldBe(new Dictionary<string, string> { ["order"] = "7" });
        await Sessions.ExpireAsync(made.Id);
        (await Sessions.UpdateAsync(made.Id, new SessionUpdateOptions { Metadata = new Dictionary<string, string> { ["late"] = "1" } })).Status.ShouldBe("expired");
        (await Sessions.GetAsync(made.Id)).Metadata.ShouldBe(new Dictionary<string, string> { ["order"] = "7", ["late"] = "1" }, ignoreOrder: true);
        (await _merchant.PostAsync($"/v1/checkout/sessions/{made.Id}", ("success_url", "https://x.example"))).ShouldBeError(400, "invalid_request_error", "parameter_unknown");
        (await fixture.Simulator.NewMerchant().PostAsync($"/v1/checkout/sessions/{made.Id}", ("metadata[a]", "1"))).ShouldBe(404);
    }

    [EngineFact]
    public async Task Sessions_are_created_read_listed_with_their_items_and_expired()
    {
        var made = await Sessions.CreateAsync(Options());
        (made.Status, made.PaymentStatus, made.Mode, made.AmountTotal, made.Currency, made.ClientReferenceId, made.CustomerEmail)
            .ShouldBe(("open", "unpaid", "payment", 4500, "usd", "cart_1", "ada@example.com"));
        made.Id.ShouldStartWith("cs_test_");
        made.Url.ShouldStartWith(fixture.Simulator.Url);
        made.SuccessUrl.ShouldBe($"https://shop.example/done?id={made.Id}");
        (made.ExpiresAt - made.Created).ShouldBe(TimeSpan.FromDays(1));
        made.Metadata.ShouldBe(new Dictionary<string, string> { ["cart"] = "1" });

        (await Sessions.GetAsync(made.Id)).AmountTotal.ShouldBe(4500);
        var items = await Sessions.LineItems.ListAsync(made.Id);
        items.Select(item => (item.Description, item.Quantity, item.AmountTotal, item.Price.UnitAmount)).ShouldBe([("Coffee", 2, 4000, 2000), ("Cup", 1, 500, 500)]);
        (await Sessions.LineItems.ListAsync(made.Id, new SessionLineItemListOptions { Limit = 1, StartingAfter = items.First().Id }))
            .ShouldHaveSingleItem().Description.ShouldBe("Cup");
        var other = await Sessions.CreateAsync(Options());
        (await Sessions.ListAsync()).Select(session => session.Id).ShouldBe([other.Id, made.Id]);

        (await Sessions.ExpireAsync(other.Id)).Status.ShouldBe("expired");
        (await Sessions.ListAsync(new SessionListOptions { Status = "open" })).ShouldHaveSingleItem().Id.ShouldBe(made.Id);
        (await Client.V1.Events.ListAsync(new EventListOptions { Type = EventTypes.CheckoutSessionExpired })).Single()
            .Data.Object.ShouldBeOfType<Session>().Id.ShouldBe(other.Id);
        var again = await Should.ThrowAsync<StripeException>(() => Sessions.ExpireAsync(other.Id));
        ((int)again.HttpStatusCode, again.StripeError.Type).ShouldBe((400, "invalid_request_error"));
    }

    [EngineFact]
    public async Task A_payment_on_the_page_is_told_and_leads_to_the_shop()
    {
        await using var receiver = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(receiver.Url, "checkout.session.completed");
        var session = await Sessions.CreateAsync(Options());
        using var person = new HostedPage();

        (await person.OpenAsync(session.Url)).ShouldContain("Pay $45.00");
        (await person.SubmitAsync(session.Url, ("Email", "ada@example.com"), ("Card", "tok_chargeDeclinedInsufficientFunds"))).Body.ShouldContain("Your card has insufficient funds.");
        (await person.SubmitAsync(session.Url, ("Email", "ada@example.com"), ("Card", "tok_visa"))).Location.ShouldBe(session.SuccessUrl);

        await receiver.WaitForAsync(1);
        var paid = await Sessions.GetAsync(session.Id);
        (paid.Status, paid.PaymentStatus, paid.CustomerDetails.Email).ShouldBe(("complete", "paid", "ada@example.com"));
        (await Client.V1.PaymentIntents.GetAsync(paid.PaymentIntentId)).AmountReceived.ShouldBe(4500);
        (await Sessions.ListAsync(new SessionListOptions { PaymentIntent = paid.PaymentIntentId })).ShouldHaveSingleItem().Id.ShouldBe(session.Id);
        (await person.LocationAsync(session.Url)).ShouldBe(session.SuccessUrl, "who comes back is sent on");
    }

    [EngineFact]
    public async Task A_check_leads_back_over_the_page_to_the_shop()
    {
        var session = await Sessions.CreateAsync(Options());
        using var person = new HostedPage();
        await person.OpenAsync(session.Url);

        var check = (await person.SubmitAsync(session.Url, ("Email", "ada@example.com"), ("Card", "tok_threeDSecure2Required"))).Location!;
        check.ShouldContain("/authenticate/");
        await person.OpenAsync(check);
        var failed = (await person.SubmitAsync(check, ("outcome", "fail"))).Location!;
        failed.ShouldStartWith(session.Url);
        (await person.OpenAsync(failed)).ShouldContain("did not pass the authentication");

        check = (await person.SubmitAsync(session.Url, ("Email", "ada@example.com"), ("Card", "tok_threeDSecure2Required"))).Location!;
        await person.OpenAsync(check);
        var passed = (await person.SubmitAsync(check, ("outcome", "succeed"))).Location!;
        (await person.LocationAsync(passed)).ShouldBe(session.SuccessUrl);
        (await Sessions.GetAsync(session.Id)).PaymentStatus.ShouldBe("paid");
    }

    [EngineFact]
    public async Task A_form_that_another_page_sends_does_nothing_and_no_page_is_there_for_what_is_not()
    {
        var session = await Sessions.CreateAsync(Options());
        using var person = new HostedPage();

        (await person.SubmitAsync(session.Url, withToken: false, ("Email", "ada@example.com"), ("Card", "tok_visa"))).Status.ShouldBe(400);
        (await Sessions.GetAsync(session.Id)).Status.ShouldBe("open");
        foreach (var wrong in new[] { session.Url + "x", session.Url.Replace("acct_", "acct_x"), $"{fixture.Simulator.Url}/authenticate/acct_x/pi_x_secret_y" })
            (await person.StatusAsync(wrong)).ShouldBe(404);
    }

    [EngineTheory]
    [InlineData("mode=subscription", "mode")]
    [InlineData("line_items[0][quantity]=", "line_items[0][quantity]")]
    [InlineData("line_items[0][quantity]=0", "line_items[0][quantity]")]
    [InlineData("line_items[0][price_data][currency]=usx", "line_items[0][price_data][currency]")]
    [InlineData("line_items[0][price_data][unit_amount]=-1", "line_items[0][price_data][unit_amount]")]
    [InlineData("line_items[0][price_data][unit_amount]=1", "line_items")]
    [InlineData("line_items[0][price_data][product_data][name]=", "line_items[0][price_data][product_data][name]")]
    [InlineData("line_items[0][price]=price_x", "line_items[0][price]")]
    [InlineData("success_url=nowhere", "success_url")]
    [InlineData("cancel_url=javascript:alert(1)", "cancel_url")]
    [InlineData("expires_at=1", "expires_at")]
    [InlineData("customer=cus_x", "customer")]
    [InlineData("payment_method_types[0]=us_bank_account", "payment_method_types")]
    [InlineData("payment_intent_data[capture_method]=later", "payment_intent_data[capture_method]")]
    public async Task Bad_input_is_refused_by_its_parameters_name(string change, string param)
    {
        var form = new Dictionary<string, string>
        {
            ["mode"] = "payment",
            ["success_url"] = "https://shop.example/",
            ["line_items[0][quantity]"] = "1",
            ["line_items[0][price_data][currency]"] = "usd",
            ["line_items[0][price_data][unit_amount]"] = "2000",
            ["line_items[0][price_data][product_data][name]"] = "Coffee",
            [change.Split('=')[0]] = change.Split('=', 2)[1],
        };

        (await _merchant.PostAsync("/v1/checkout/sessions", [.. form.Select(pair => (pair.Key, pair.Value))])).ShouldBeError(400, "invalid_request_error", param: param);

        (await _merchant.IdsAsync("/v1/checkout/sessions")).ShouldBeEmpty();
    }

    private static SessionCreateOptions Options() => new()
    {
        Mode = "payment",
        SuccessUrl = "https://shop.example/done?id={CHECKOUT_SESSION_ID}",
        CancelUrl = "https://shop.example/cart",
        CustomerEmail = "ada@example.com",
        ClientReferenceId = "cart_1",
        Metadata = new Dictionary<string, string> { ["cart"] = "1" },
        LineItems = [Item("Coffee", 2000, 2), Item("Cup", 500, 1)],
    };

    private static SessionLineItemOptions Item(string name, long amount, long quantity) => new()
    {
        Quantity = quantity,
        PriceData = new SessionLineItemPriceDataOptions
        {
            Currency = "usd", UnitAmount = amount, ProductData = new SessionLineItemPriceDataProductDataOptions { Name = name },
        },
    };
}
