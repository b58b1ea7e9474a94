using PaymentSim.Tests.Support;
using Stripe;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>Payment intents with the official SDK.</summary>
public sealed class StripePaymentIntentsTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Support.Merchant _merchant = fixture.Simulator.NewMerchant();

    private StripeClient Client => field ??= new StripeClient(_merchant.Key, apiBase: fixture.Simulator.Url);

    private PaymentIntentService Intents => Client.V1.PaymentIntents;

    [EngineFact]
    public async Task Intents_are_created_read_changed_confirmed_and_listed()
    {
        var customer = await Client.V1.Customers.CreateAsync(new CustomerCreateOptions());
        var intent = await Intents.CreateAsync(new PaymentIntentCreateOptions
        {
            Amount = 1999,
            Currency = "eur",
            Customer = customer.Id,
            AutomaticPaymentMethods = new PaymentIntentAutomaticPaymentMethodsOptions { Enabled = true, AllowRedirects = "never" },
            Description = "Order 1",
            ReceiptEmail = "ada@example.com",
            StatementDescriptorSuffix = "ORDER",
            SetupFutureUsage = "off_session",
            Shipping = new ChargeShippingOptions { Name = "Ada", Address = new AddressOptions { City = "London" } },
            Metadata = new Dictionary<string, string> { ["order"] = "1" },
        });
        (intent.Status, intent.Amount, intent.Currency, intent.CustomerId, intent.AutomaticPaymentMethods.AllowRedirects)
            .ShouldBe(("requires_payment_method", 1999, "eur", customer.Id, "never"));
        intent.ClientSecret.ShouldStartWith(intent.Id + "_secret_");
        intent.PaymentMethodTypes.ShouldBe(["card", "sepa_debit"]);

        var updated = await Intents.UpdateAsync(intent.Id, new PaymentIntentUpdateOptions
        {
            Amount = 2999, PaymentMethod = "pm_card_visa", Metadata = new Dictionary<string, string> { ["order"] = "", ["cart"] = "2" },
        });
        (updated.Status, updated.Amount).ShouldBe(("requires_confirmation", 2999));
        var paid = await Intents.ConfirmAsync(intent.Id);

        (paid.Status, paid.AmountReceived, paid.Metadata.Keys.Single()).ShouldBe(("succeeded", 2999, "cart"));
        (await Intents.GetAsync(intent.Id)).LatestChargeId.ShouldBe(paid.LatestChargeId);
        var charge = await Client.V1.Charges.GetAsync(paid.LatestChargeId);
        (charge.PaymentIntentId, charge.Amount, charge.Description, charge.ReceiptEmail, charge.Shipping.Address.City, charge.CustomerId, charge.PaymentMethod)
            .ShouldBe((intent.Id, 2999, "Order 1", "ada@example.com", "London", customer.Id, paid.PaymentMethodId));
        (await Client.V1.Charges.ListAsync(new ChargeListOptions { PaymentIntent = intent.Id })).ShouldHaveSingleItem();
        (await Client.V1.PaymentMethods.GetAsync(paid.PaymentMethodId)).CustomerId.ShouldBe(customer.Id);
        var other = await Intents.CreateAsync(new PaymentIntentCreateOptions { Amount = 500, Currency = "usd" });
        (await Intents.ListAsync()).Select(listed => listed.Id).ShouldBe([other.Id, intent.Id]);
        (await Intents.ListAsync(new PaymentIntentListOptions { Customer = customer.Id })).ShouldHaveSingleItem().Id.ShouldBe(intent.Id);
        (await Intents.ListAsync(new PaymentIntentListOptions { Created = new DateRangeOptions { GreaterThan = DateTime.UtcNow.AddDays(1) } })).ShouldBeEmpty();
        var told = (await Client.V1.Events.ListAsync(new EventListOptions { Type = EventTypes.PaymentIntentSucceeded })).Single();
        told.Data.Object.ShouldBeOfType<PaymentIntent>().AmountReceived.ShouldBe(2999);
    }

    [EngineFact]
    public async Task A_decline_carries_the_intent_and_another_method_pays_it()
    {
        var failure = await Should.ThrowAsync<StripeException>(() => Intents.CreateAsync(new PaymentIntentCreateOptions
        {
            Amount = 2000, Currency = "usd", PaymentMethod = "pm_card_chargeDeclinedExpiredCard", Confirm = true, AllowedPaymentMethodTypes = ["card"],
        }));

        ((int)failure.HttpStatusCode, failure.StripeError.Type, failure.StripeError.Code).ShouldBe((402, "card_error", "expired_card"));
        var intent = failure.StripeError.PaymentIntent;
        (intent.Status, intent.LastPaymentError.Code, failure.StripeError.PaymentMethod.Card.Last4).ShouldBe(("requires_payment_method", "expired_card", "0069"));
        failure.StripeError.Charge.ShouldBe(intent.LatestChargeId);

        var method = await Client.V1.PaymentMethods.CreateAsync(new PaymentMethodCreateOptions
        {
            Type = "card",
            Card = new PaymentMethodCardOptions { Number = "5555555555554444", ExpMonth = 8, ExpYear = 2035, Cvc = "123" },
            BillingDetails = new PaymentMethodBillingDetailsOptions { Name = "Ada", Email = "ada@example.com" },
        });
        var paid = await Intents.ConfirmAsync(intent.Id, new PaymentIntentConfirmOptions { PaymentMethod = method.Id, AmountToConfirm = 2000 });
        (paid.Status, paid.LastPaymentError).ShouldBe(("succeeded", null));
        var charge = await Client.V1.Charges.GetAsync(paid.LatestChargeId);
        (charge.PaymentMethodDetails.Card.Last4, charge.BillingDetails.Email).ShouldBe(("4444", "ada@example.com"));
    }

    [EngineFact]
    public async Task What_is_authorised_is_captured_or_given_up()
    {
        var held = await HoldAsync();
        (held.Status, held.AmountCapturable).ShouldBe(("requires_capture", 2000));

        var captured = await Intents.CaptureAsync(held.Id, new PaymentIntentCaptureOptions { AmountToCapture = 1500 });
        (captured.Status, captured.AmountReceived, captured.AmountCapturable).ShouldBe(("succeeded", 1500, 0));
        var canceled = await Intents.CancelAsync((await HoldAsync()).Id, new PaymentIntentCancelOptions { CancellationReason = "requested_by_customer" });
        (canceled.Status, canceled.CancellationReason).ShouldBe(("canceled", "requested_by_customer"));

        var refused = await Should.ThrowAsync<StripeException>(() => Intents.CaptureAsync(captured.Id));
        ((int)refused.HttpStatusCode, refused.StripeError.Type, refused.StripeError.Code, refused.StripeError.PaymentIntent.Id)
            .ShouldBe((400, "invalid_request_error", "payment_intent_unexpected_state", captured.Id));

        Task<PaymentIntent> HoldAsync() => Intents.CreateAsync(new PaymentIntentCreateOptions
        {
            Amount = 2000, Currency = "usd", PaymentMethod = "pm_card_visa", Confirm = true, CaptureMethod = "manual", OffSession = true,
        });
    }

    [EngineTheory]
    [InlineData("succeed", "succeeded")]
    [InlineData("fail", "requires_payment_method")]
    public async Task A_cardholder_is_asked_and_a_test_answers(string outcome, string status)
    {
        var asked = await Intents.CreateAsync(new PaymentIntentCreateOptions
        {
            Amount = 2000, Currency = "usd", PaymentMethod = "pm_card_authenticationRequired", Confirm = true, ReturnUrl = "https://shop.example/done",
        });
        (asked.Status, asked.NextAction.Type, asked.NextAction.RedirectToUrl.ReturnUrl).ShouldBe(("requires_action", "redirect_to_url", "https://shop.example/done"));
        asked.NextAction.RedirectToUrl.Url.ShouldStartWith(fixture.Simulator.Url);

        (await _merchant.PostAsync($"/v1/test_helpers/payment_intents/{asked.Id}/authenticate", ("outcome", outcome))).ShouldBe(200).Text("status").ShouldBe(status);

        var after = await Intents.GetAsync(asked.Id);
        (after.Status, after.NextAction, after.LastPaymentError?.Code)
            .ShouldBe((status, null, outcome == "fail" ? "payment_intent_authentication_failure" : null));
        (await Client.V1.Events.ListAsync(new EventListOptions { Type = EventTypes.PaymentIntentRequiresAction })).ShouldHaveSingleItem();
    }

    [EngineFact]
    public async Task A_bank_debit_is_processed_until_the_bank_answers_and_both_are_told()
    {
        await using var receiver = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(receiver.Url, "payment_intent.processing", "payment_intent.succeeded");

        var waiting = await Intents.CreateAsync(new PaymentIntentCreateOptions
        {
            Amount = 2000,
            Currency = "usd",
            Confirm = true,
            AllowedPaymentMethodTypes = ["us_bank_account"],
            PaymentMethodData = new PaymentIntentPaymentMethodDataOptions
            {
                Type = "us_bank_account",
                UsBankAccount = new PaymentIntentPaymentMethodDataUsBankAccountOptions
                {
                    AccountNumber = "000123456789", RoutingNumber = "110000000", AccountHolderType = "individual",
                },
            },
        });
        waiting.Status.ShouldBe("processing");
        (await Client.V1.PaymentMethods.GetAsync(waiting.PaymentMethodId)).UsBankAccount.Last4.ShouldBe("6789");

        await receiver.WaitForAsync(2);
        (await Intents.GetAsync(waiting.Id)).Status.ShouldBe("succeeded");
    }

    [EngineTheory]
    [InlineData("AT611904300234573201", "succeeded", null)]
    [InlineData("AT981904300002222227", "requires_payment_method", "insufficient_funds")]
    public async Task A_sepa_debit_is_processed_until_the_bank_answers(string iban, string status, string? failure)
    {
        var method = await Client.V1.PaymentMethods.CreateAsync(new PaymentMethodCreateOptions
        {
            Type = "sepa_debit",
            SepaDebit = new PaymentMethodSepaDebitOptions { Iban = iban },
            BillingDetails = new PaymentMethodBillingDetailsOptions { Name = "Ada", Email = "ada@example.com" },
        });
        (method.Type, method.SepaDebit.Last4, method.SepaDebit.Country, method.SepaDebit.BankCode).ShouldBe(("sepa_debit", iban[^4..], "AT", "19043"));

        var waiting = await Intents.CreateAsync(new PaymentIntentCreateOptions
        {
            Amount = 2000, Currency = "eur", AllowedPaymentMethodTypes = ["sepa_debit"], PaymentMethod = method.Id, Confirm = true, Expand = ["latest_charge"],
        });

        (waiting.Status, waiting.LatestCharge.Status, waiting.LatestCharge.PaymentMethodDetails.SepaDebit.Last4).ShouldBe(("processing", "pending", iban[^4..]));
        var ended = await Eventually.HoldsAsync(() => Intents.GetAsync(waiting.Id), intent => intent.Status != "processing", "the bank answers");
        (ended.Status, ended.LastPaymentError?.Code).ShouldBe((status, failure));
    }

    [EngineFact]
    public async Task Two_merchants_never_see_or_use_each_others_intents()
    {
        var intent = await Intents.CreateAsync(new PaymentIntentCreateOptions { Amount = 2000, Currency = "usd", PaymentMethod = "pm_card_visa" });
        var other = fixture.Simulator.NewMerchant();
        var path = $"/v1/payment_intents/{intent.Id}";

        (await other.GetAsync(path)).ShouldBeError(404, "invalid_request_error", "resource_missing", "intent", $"No such payment_intent: '{intent.Id}'");
        foreach (var action in new[] { "", "/confirm", "/capture", "/cancel" }) (await other.PostAsync(path + action)).ShouldBe(404);
        (await other.PostAsync($"/v1/test_helpers/payment_intents/{intent.Id}/authenticate", ("outcome", "fail"))).ShouldBe(404);
        (await other.PostAsync("/v1/payment_intents", ("amount", "2000"), ("currency", "usd"), ("payment_method", intent.PaymentMethodId)))
            .ShouldBeError(400, "invalid_request_error", "resource_missing", "payment_method");
        (await other.IdsAsync("/v1/payment_intents")).ShouldBeEmpty();
        (await Intents.GetAsync(intent.Id)).Status.ShouldBe("requires_confirmation");
    }

    [EngineTheory]
    [InlineData("amount=x&currency=usd", "amount")]
    [InlineData("amount=49&currency=usd", "amount")]
    [InlineData("amount=2000", "currency")]
    [InlineData("amount=2000&currency=usd&capture_method=later", "capture_method")]
    [InlineData("amount=2000&currency=usd&return_url=https://a.example", "return_url")]
    [InlineData("amount=2000&currency=usd&confirm=true&return_url=javascript:alert(1)", "return_url")]
    [InlineData("amount=2000&currency=usd&payment_method_types[]=cash", "payment_method_types")]
    [InlineData("amount=2000&currency=usd&payment_method_types[]=card&automatic_payment_methods[enabled]=true", "payment_method_types")]
    [InlineData("amount=2000&currency=usd&automatic_payment_methods[allow_redirects]=never", "automatic_payment_methods[enabled]")]
    [InlineData("amount=2000&currency=usd&payment_method_data[card][token]=tok_visa", "payment_method_data[type]")]
    [InlineData("amount=2000&currency=usd&payment_method_data[type]=card&payment_method_data[card][number]=4242424242424242", "payment_method_data[card][exp_month]")]
    [InlineData("amount=2000&currency=usd&payment_method_data[type]=us_bank_account&payment_method_data[us_bank_account][routing_number]=110000000", "payment_method_data[us_bank_account][account_number]")]
    [InlineData("amount=2000&currency=usd&customer=cus_x", "customer")]
    [InlineData("amount=2000&currency=usd&payment_method=pm_x", "payment_method")]
    [InlineData("amount=2000&currency=usd&allowed_payment_method_types[]=cash", "allowed_payment_method_types")]
    [InlineData("amount=2000&currency=usd&source=tok_visa", "source")]
    public async Task Bad_input_is_refused_by_its_parameters_name(string form, string param)
    {
        var answer = await _merchant.SendAsync(
            HttpMethod.Post, "/v1/payment_intents", Support.Merchant.Raw(System.Text.Encoding.ASCII.GetBytes(form), "application/x-www-form-urlencoded"));

        answer.ShouldBeError(400, "invalid_request_error", param: param);
        (await _merchant.IdsAsync("/v1/payment_intents")).ShouldBeEmpty();
    }
}
