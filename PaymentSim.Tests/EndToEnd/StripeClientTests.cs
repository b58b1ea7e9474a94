using PaymentSim.Tests.Support;
using Stripe;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>A merchant's code with the official SDK, pointed here by one setting.</summary>
public sealed class StripeClientTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly StripeClient _client = new(fixture.Simulator.NewMerchant().Key, apiBase: fixture.Simulator.Url);

    [EngineFact]
    public async Task Charges_are_created_read_changed_and_listed()
    {
        var charge = await _client.V1.Charges.CreateAsync(new ChargeCreateOptions
        {
            Amount = 2000,
            Currency = "usd",
            Source = "tok_visa",
            Description = "An order",
            Metadata = new Dictionary<string, string> { ["order"] = "17" },
            Shipping = new ChargeShippingOptions { Name = "Ada", Address = new AddressOptions { Line1 = "1 Main St" } },
        });

        charge.Status.ShouldBe("succeeded");
        charge.Paid.ShouldBeTrue();
        charge.Captured.ShouldBeTrue();
        charge.Metadata["order"].ShouldBe("17");
        charge.Shipping.Address.Line1.ShouldBe("1 Main St");
        charge.PaymentMethodDetails.Card.Last4.ShouldBe("4242");
        charge.Created.ShouldBeInRange(DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow.AddMinutes(5));
        charge.StripeResponse.RequestId.ShouldStartWith("req_");

        (await _client.V1.Charges.GetAsync(charge.Id)).Amount.ShouldBe(2000);
        var updated = await _client.V1.Charges.UpdateAsync(
            charge.Id, new ChargeUpdateOptions { Description = "Changed", Metadata = new Dictionary<string, string> { ["order"] = "", ["b"] = "2" } });
        updated.Description.ShouldBe("Changed");
        updated.Metadata.ShouldBe(new Dictionary<string, string> { ["b"] = "2" });
        var list = await _client.V1.Charges.ListAsync(new ChargeListOptions { Limit = 3, Created = new DateRangeOptions { GreaterThan = DateTime.UtcNow.AddDays(-1) } });
        list.Single().Id.ShouldBe(charge.Id);
    }

    [EngineFact]
    public async Task Card_data_can_be_charged()
    {
        var charge = await _client.V1.Charges.CreateAsync(new ChargeCreateOptions
        {
            Amount = 2000,
            Currency = "eur",
            Source = new AnyOf<string, CardCreateNestedOptions>(new CardCreateNestedOptions { Number = "5555555555554444", ExpMonth = 2, ExpYear = 2035, Cvc = "123", Name = "Ada" }),
            Capture = false,
        });

        charge.Captured.ShouldBeFalse();
        ((Card)charge.Source).Brand.ShouldBe("MasterCard");
        charge.BillingDetails.Name.ShouldBe("Ada");
    }

    [EngineFact]
    public async Task A_decline_is_the_exception_that_merchants_handle()
    {
        var refused = await Should.ThrowAsync<StripeException>(() => _client.V1.Charges.CreateAsync(
            new ChargeCreateOptions { Amount = 2000, Currency = "usd", Source = "tok_chargeDeclinedInsufficientFunds" }));

        ((int)refused.HttpStatusCode).ShouldBe(402);
        refused.Message.ShouldBe("Your card has insufficient funds.");
        refused.StripeError.Type.ShouldBe("card_error");
        refused.StripeError.Code.ShouldBe("card_declined");
        refused.StripeError.DeclineCode.ShouldBe("insufficient_funds");
        var charge = await _client.V1.Charges.GetAsync(refused.StripeError.Charge);
        charge.Status.ShouldBe("failed");
        charge.FailureCode.ShouldBe("card_declined");
        charge.Outcome.Type.ShouldBe("issuer_declined");
    }

    [EngineFact]
    public async Task Refusals_carry_code_and_parameter()
    {
        var unknown = await Should.ThrowAsync<StripeException>(() => _client.V1.Charges.GetAsync("ch_x"));
        var small = await Should.ThrowAsync<StripeException>(() => _client.V1.Charges.CreateAsync(
            new ChargeCreateOptions { Amount = 1, Currency = "usd", Source = "tok_visa" }));

        ((int)unknown.HttpStatusCode).ShouldBe(404);
        unknown.StripeError.Code.ShouldBe("resource_missing");
        small.StripeError.Code.ShouldBe("amount_too_small");
        small.StripeError.Param.ShouldBe("amount");
    }

    [EngineFact]
    public async Task An_idempotency_key_in_the_request_options_makes_one_charge()
    {
        var options = new ChargeCreateOptions { Amount = 2000, Currency = "usd", Source = "tok_visa" };
        var key = new RequestOptions { IdempotencyKey = "order-17" };

        var first = await _client.V1.Charges.CreateAsync(options, key);
        var again = await _client.V1.Charges.CreateAsync(options, key);

        again.Id.ShouldBe(first.Id);
        again.StripeResponse.Headers.GetValues("Idempotent-Replayed").Single().ShouldBe("true");
        (await _client.V1.Charges.ListAsync()).ShouldHaveSingleItem();
        options.Amount = 3000;
        (await Should.ThrowAsync<StripeException>(() => _client.V1.Charges.CreateAsync(options, key))).StripeError.Type.ShouldBe("idempotency_error");
    }

    [EngineFact]
    public async Task The_clients_own_retry_gets_over_a_failure_of_the_processor()
    {
        var client = new StripeClient(new StripeClientOptions
        {
            ApiKey = fixture.Simulator.NewMerchant().Key,
            ApiBase = fixture.Simulator.Url,
            HttpClient = new SystemNetHttpClient(maxNetworkRetries: 2),
        });

        var charge = await client.V1.Charges.CreateAsync(new ChargeCreateOptions { Amount = 2000, Currency = "usd", Source = "tok_500|tok_visa" });

        (await client.V1.Charges.ListAsync()).ShouldHaveSingleItem().Id.ShouldBe(charge.Id);
    }

    [EngineFact]
    public async Task Webhook_endpoints_are_created_read_changed_listed_and_deleted()
    {
        var endpoint = await _client.V1.WebhookEndpoints.CreateAsync(new WebhookEndpointCreateOptions
        {
            Url = "http://127.0.0.1/hooks",
            EnabledEvents = ["charge.succeeded", "charge.failed"],
            Description = "mine",
        });

        endpoint.Secret.ShouldStartWith("whsec_");
        endpoint.EnabledEvents.ShouldBe(["charge.succeeded", "charge.failed"]);
        (await _client.V1.WebhookEndpoints.GetAsync(endpoint.Id)).Secret.ShouldBeNull();
        (await _client.V1.WebhookEndpoints.UpdateAsync(endpoint.Id, new WebhookEndpointUpdateOptions { Disabled = true, EnabledEvents = ["*"] })).Status.ShouldBe("disabled");
        (await _client.V1.WebhookEndpoints.ListAsync()).ShouldHaveSingleItem().Id.ShouldBe(endpoint.Id);
        (await _client.V1.WebhookEndpoints.DeleteAsync(endpoint.Id)).Deleted.ShouldBe(true);
        (await _client.V1.WebhookEndpoints.ListAsync()).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_webhook_is_verified_and_read_as_a_typed_charge()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await _client.V1.WebhookEndpoints.CreateAsync(new WebhookEndpointCreateOptions { Url = receiver.Url, EnabledEvents = ["*"] });

        var charge = await _client.V1.Charges.CreateAsync(new ChargeCreateOptions { Amount = 2000, Currency = "usd", Source = "tok_visa" });
        await _client.V1.Charges.UpdateAsync(charge.Id, new ChargeUpdateOptions { Description = "new" });

        var events = (await receiver.WaitForAsync(2))
            .Select(request => EventUtility.ConstructEvent(request.Text, request.Headers["Stripe-Signature"], endpoint.Secret)).ToList();
        var succeeded = events.Single(e => e.Type == EventTypes.ChargeSucceeded);
        var typed = succeeded.Data.Object.ShouldBeOfType<Charge>();
        typed.Id.ShouldBe(charge.Id);
        typed.Amount.ShouldBe(2000);
        typed.Status.ShouldBe("succeeded");
        succeeded.ApiVersion.ShouldBe(StripeConfiguration.ApiVersion);
        ((string?)events.Single(e => e.Type == EventTypes.ChargeUpdated).Data.PreviousAttributes.description).ShouldBeNull();

        var request = receiver.Requests[0];
        Should.Throw<StripeException>(() => EventUtility.ConstructEvent(request.Text + " ", request.Headers["Stripe-Signature"], endpoint.Secret));
        Should.Throw<StripeException>(() => EventUtility.ConstructEvent(request.Text, request.Headers["Stripe-Signature"], endpoint.Secret + "x"));
    }

    [EngineFact]
    public async Task Events_are_listed_and_read()
    {
        var charge = await _client.V1.Charges.CreateAsync(new ChargeCreateOptions { Amount = 2000, Currency = "usd", Source = "tok_visa" });
        await Should.ThrowAsync<StripeException>(() => _client.V1.Charges.CreateAsync(new ChargeCreateOptions { Amount = 2000, Currency = "usd", Source = "tok_chargeDeclined" }));

        var list = await _client.V1.Events.ListAsync(new EventListOptions { Types = [EventTypes.ChargeSucceeded] });
        var one = await _client.V1.Events.GetAsync(list.ShouldHaveSingleItem().Id);

        one.Data.Object.ShouldBeOfType<Charge>().Id.ShouldBe(charge.Id);
        one.Request.Id.ShouldBe(charge.StripeResponse.RequestId);
        (await _client.V1.Events.ListAsync()).Select(e => e.Type).ShouldBe([EventTypes.ChargeFailed, EventTypes.ChargeSucceeded]);
    }
}
