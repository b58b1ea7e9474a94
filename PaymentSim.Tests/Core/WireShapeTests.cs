using System.Text.Json;
using PaymentSim.Core;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Checkout;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Disputes;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Refunds;
using PaymentSim.Core.SetupIntents;
using PaymentSim.Core.Tokens;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core;

/// <summary>Every key of the wire's example objects is in ours, with the same JSON type or null.</summary>
public sealed class WireShapeTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CoreHost _core;

    public WireShapeTests() => _core = new CoreHost(_folder);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineTheory]
    [InlineData("tok_visa", false)]
    [InlineData("tok_visa", true)]
    [InlineData("tok_chargeDeclined", false)]
    [InlineData("pm_card_radarBlock", false)]
    [InlineData("btok_us_verified", false)]
    public async Task A_charge_has_the_shape_of_the_wires(string source, bool everything)
    {
        var request = new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source) };
        if (everything)
        {
            request = request with
            {
                Description = "d",
                Metadata = new Dictionary<string, string> { ["order"] = "1" },
                ReceiptEmail = "a@example.com",
                StatementDescriptor = "SHOP",
                StatementDescriptorSuffix = "1",
                Shipping = new Shipping { Name = "x", Address = new Address { City = "y" } },
                TransferGroup = "g",
                OnBehalfOf = "acct_2",
                ApplicationFeeAmount = 5,
                TransferData = JsonSerializer.SerializeToElement(new { amount = 1, destination = new { id = "acct_2", @object = "account" } }),
            };
        }

        var charge = ToJson((await _core.SendAsync(request)).Charge);

        // A bank debit has no member for a card.
        var except = source.StartsWith("btok", StringComparison.Ordinal) ? ["charge.payment_method_details.card"] : Array.Empty<string>();
        WireFixtures.Differences(WireFixtures.Of("charge"), charge, "charge", except).ShouldBeEmpty();
        charge.GetProperty("id").GetString().ShouldStartWith("ch_");
        if (everything) charge.GetProperty("shipping").GetProperty("address").GetProperty("city").GetString().ShouldBe("y");
    }

    [EngineTheory]
    [InlineData("tok_visa")]
    [InlineData("tok_bypassPending")]
    public async Task The_balance_and_its_transactions_have_the_shapes_of_the_wires(string source)
    {
        var charge = (await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source) })).Charge!;

        foreach (var balance in new[] { await _core.SendAsync(new GetBalance()), await _core.SendAsync(new GetBalance(), merchant: "acct_other") })
        {
            var json = ToJson(balance);
            WireFixtures.Differences(WireFixtures.Of("balance"), json, "balance").ShouldBeEmpty();
            foreach (var list in new[] { "available", "pending", "connect_reserved" })
            {
                WireFixtures.Differences(WireFixtures.Of("balance").GetProperty(list)[0], json.GetProperty(list)[0], list).ShouldBeEmpty();
            }
        }

        var transaction = await _core.SendAsync(new GetBalanceTransaction(charge.BalanceTransaction!));
        WireFixtures.Differences(WireFixtures.Of("balance_transaction"), ToJson(transaction), "balance_transaction").ShouldBeEmpty();
    }

    [EngineTheory]
    [InlineData("tok_visa", null)]
    [InlineData("tok_visa", false)]
    [InlineData("tok_pendingRefund", null)]
    public async Task A_refund_has_the_shape_of_the_wires(string source, bool? capture)
    {
        var charge = (await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source), Capture = capture })).Charge!;

        var refund = await _core.SendAsync(new CreateRefund { Charge = charge.Id, Reason = "duplicate" });

        WireFixtures.Differences(WireFixtures.Of("refund"), ToJson(refund), "refund").ShouldBeEmpty();
        WireFixtures.Differences(WireFixtures.Of("charge"), ToJson(await _core.SendAsync(new GetCharge(charge.Id))), "charge").ShouldBeEmpty();
    }

    [EngineTheory]
    [InlineData("tok_createDispute")]
    [InlineData("tok_createDisputeInquiry")]
    public async Task A_dispute_has_the_shape_of_the_wires(string source)
    {
        await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source) });

        var dispute = ToJson((await _core.SendAsync(new ListDisputes())).Data.Single());

        WireFixtures.Differences(WireFixtures.Of("dispute"), dispute, "dispute").ShouldBeEmpty();
        foreach (var transaction in dispute.GetProperty("balance_transactions").EnumerateArray())
            WireFixtures.Differences(WireFixtures.Of("balance_transaction"), transaction, "balance_transaction").ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_cards_object_has_the_shape_of_the_wires()
    {
        var charge = ToJson((await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") })).Charge);

        WireFixtures.Differences(WireFixtures.Of("card"), charge.GetProperty("source"), "card").ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_token_has_the_shape_of_the_wires()
    {
        var made = await _core.SendAsync(new CreateToken { Card = new ChargeSource { Number = "4242424242424242", ExpMonth = 8, ExpYear = 2035, Cvc = "123" } });

        foreach (var token in new[] { made, await _core.SendAsync(new GetToken(made.Id)) })
            WireFixtures.Differences(WireFixtures.Of("token"), ToJson(token), "token").ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_bank_accounts_token_and_payment_method_have_the_shapes_of_the_wires()
    {
        var token = await _core.SendAsync(new CreateToken
        {
            BankAccount = new BankAccountParameters { Country = "US", Currency = "usd", RoutingNumber = "110000000", AccountNumber = "000123456789" },
        });
        WireFixtures.Differences(WireFixtures.Of("token"), ToJson(token), "token", "token.card").ShouldBeEmpty();

        var method = await _core.SendAsync(new CreatePaymentMethod
        {
            Type = "us_bank_account", UsBankAccount = new UsBankAccountParameters { RoutingNumber = "110000000", AccountNumber = "000123456789" },
        });
        WireFixtures.Differences(
            WireFixtures.Of("payment_method"), ToJson(method), "payment_method", "payment_method.metadata.order_id", "payment_method.card").ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_customer_its_card_and_its_payment_method_have_the_shapes_of_the_wires()
    {
        var bare = await _core.SendAsync(new CreateCustomer());
        var full = await _core.SendAsync(new CreateCustomer
        {
            Address = new Address { City = "x" }, Shipping = new Shipping { Name = "x" }, Source = ChargeSource.FromString("tok_visa"), PaymentMethod = "pm_card_visa",
        });
        foreach (var customer in new[] { bare, full })
            WireFixtures.Differences(WireFixtures.Of("customer"), ToJson(customer), "customer").ShouldBeEmpty();

        var source = await _core.SendAsync(new GetSource(full.Id, full.DefaultSource!));
        WireFixtures.Differences(WireFixtures.Of("card"), ToJson(source), "card").ShouldBeEmpty();
        foreach (var method in (await _core.SendAsync(new ListPaymentMethods { Customer = full.Id })).Data)
            WireFixtures.Differences(WireFixtures.Of("payment_method"), ToJson(method), "payment_method", "payment_method.metadata.order_id").ShouldBeEmpty();
        var deleted = await _core.SendAsync(new DeleteCustomer(full.Id));
        WireFixtures.Differences(WireFixtures.Of("deleted_customer"), ToJson(deleted), "deleted_customer").ShouldBeEmpty();
    }

    [EngineTheory]
    [InlineData("pm_card_visa")]
    [InlineData("pm_card_chargeDeclined")]
    [InlineData("pm_card_authenticationRequired")]
    [InlineData("pm_usBankAccount")]
    public async Task A_payment_intent_has_the_shape_of_the_wires(string method)
    {
        var bare = await _core.SendAsync(new CreatePaymentIntent { Amount = 2000, Currency = "usd" });
        var full = await _core.SendAsync(new CreatePaymentIntent
        {
            Amount = 2000,
            Currency = "usd",
            PaymentMethod = method,
            Confirm = true,
            ReturnUrl = "https://example.com/return",
            Shipping = new Shipping { Name = "x" },
            TransferData = JsonSerializer.SerializeToElement(new { destination = new { id = "acct_2", @object = "account" } }),
        });

        foreach (var intent in new[] { bare.Intent, full.Intent, await _core.SendAsync(new GetPaymentIntent(full.Intent.Id)) })
            WireFixtures.Differences(WireFixtures.Of("payment_intent"), ToJson(intent), "payment_intent").ShouldBeEmpty();
        if (full.Intent.LatestCharge is not { } charge) return;
        string[] except = method == "pm_usBankAccount" ? ["charge.transfer_data", "charge.payment_method_details.card"] : ["charge.transfer_data"];
        WireFixtures.Differences(WireFixtures.Of("charge"), ToJson(await _core.SendAsync(new GetCharge(charge))), "charge", except).ShouldBeEmpty();
    }

    [EngineTheory]
    [InlineData("pm_card_visa")]
    [InlineData("pm_card_chargeDeclined")]
    [InlineData("pm_card_authenticationRequired")]
    public async Task A_setup_intent_has_the_shape_of_the_wires(string method)
    {
        var bare = await _core.SendAsync(new CreateSetupIntent());
        var full = await _core.SendAsync(new CreateSetupIntent { PaymentMethod = method, Confirm = true, Description = "d" });

        foreach (var intent in new[] { bare.Intent, full.Intent, await _core.SendAsync(new GetSetupIntent(full.Intent.Id)) })
            WireFixtures.Differences(WireFixtures.Of("setup_intent"), ToJson(intent), "setup_intent").ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_checkout_session_has_the_shape_of_the_wires()
    {
        var made = await _core.SendAsync(new CreateCheckoutSession
        {
            Mode = "payment",
            SuccessUrl = "https://example.com/",
            LineItems =
            [
                new LineItemParameters
                {
                    Quantity = 1, PriceData = new PriceParameters { Currency = "usd", UnitAmount = 2000, ProductData = new ProductParameters { Name = "x" } },
                },
            ],
        });
        await _core.SendAsync(new PayCheckoutSession(made.Id) { Card = new CardParameters { Token = "tok_visa" } });

        foreach (var session in new[] { made, await _core.SendAsync(new GetCheckoutSession(made.Id)) })
            WireFixtures.Differences(WireFixtures.Of("checkout.session"), ToJson(session), "checkout.session").ShouldBeEmpty();
    }

    [EngineFact]
    public async Task An_event_has_the_shape_of_the_wires_as_it_is_listed_and_as_it_is_sent()
    {
        await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") });
        var listed = (await _core.SendAsync(new ListEvents())).Data.Single();
        var stored = await _core.Get<EventStore>().FindAsync(CoreHost.Merchant, listed.Id);

        foreach (var json in new[] { ToJson(listed), JsonDocument.Parse(stored!.Payload).RootElement })
        {
            WireFixtures.Differences(WireFixtures.Of("event"), json, "event", "event.data.object").ShouldBeEmpty();
            WireFixtures.Differences(WireFixtures.Of("charge"), json.GetProperty("data").GetProperty("object"), "charge").ShouldBeEmpty();
        }
    }

    [EngineFact]
    public async Task A_webhook_endpoint_has_the_shape_of_the_wires()
    {
        var made = await _core.SendAsync(new CreateWebhookEndpoint { Url = "https://example.com/hook", EnabledEvents = ["*"], Description = "d" });
        var read = await _core.SendAsync(new GetWebhookEndpoint(made.Id));

        foreach (var endpoint in new[] { made, read })
            WireFixtures.Differences(WireFixtures.Of("webhook_endpoint"), ToJson(endpoint), "webhook_endpoint").ShouldBeEmpty();
        ToJson(read).TryGetProperty("secret", out _).ShouldBeFalse("the secret is shown once");
        made.Secret.ShouldNotBeNull().ShouldMatch("^whsec_[A-Za-z0-9+/]{43}=$");
    }

    [EngineFact]
    public async Task A_deleted_endpoint_has_the_shape_of_the_wires()
    {
        var made = await _core.SendAsync(new CreateWebhookEndpoint { Url = "https://example.com/hook", EnabledEvents = ["*"] });

        var deleted = ToJson(await _core.SendAsync(new DeleteWebhookEndpoint(made.Id)));

        WireFixtures.Differences(WireFixtures.Of("deleted_webhook_endpoint"), deleted, "deleted_webhook_endpoint").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""", null)]
    [InlineData("""{"a":1}""", """{"a":null,"b":1}""", null)]
    [InlineData("""{"a":null}""", """{"a":"x"}""", null)]
    [InlineData("""{"a":true}""", """{"a":false}""", null)]
    [InlineData("""{"a":1}""", """{}""", "x.a is missing")]
    [InlineData("""{"a":1}""", """{"a":"1"}""", "x.a is String but should be Number")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{}}""", "x.a.b is missing")]
    [InlineData("""{"a":{}}""", """{"a":[]}""", "x.a is Array but should be Object")]
    public void The_comparison_itself_finds_what_it_should(string fixture, string ours, string? difference) =>
        WireFixtures.Differences(JsonDocument.Parse(fixture).RootElement, JsonDocument.Parse(ours).RootElement, "x")
            .ShouldBe(difference is null ? [] : [difference]);

    private static JsonElement ToJson<T>(T value) => JsonSerializer.SerializeToElement(value, CoreJson.Options);
}
