using PaymentSim.Tests.Support;
using Stripe;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>Setup intents with the official SDK.</summary>
public sealed class StripeSetupIntentsTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Support.Merchant _merchant = fixture.Simulator.NewMerchant();

    private StripeClient Client => field ??= new StripeClient(_merchant.Key, apiBase: fixture.Simulator.Url);

    private SetupIntentService Intents => Client.V1.SetupIntents;

    [EngineFact]
    public async Task Intents_are_created_read_changed_confirmed_canceled_and_listed_and_the_card_is_charged_later()
    {
        var customer = await Client.V1.Customers.CreateAsync(new CustomerCreateOptions());
        var intent = await Intents.CreateAsync(new SetupIntentCreateOptions
        {
            Customer = customer.Id,
            Description = "Card on file",
            Usage = "off_session",
            AllowedPaymentMethodTypes = ["card"],
            Metadata = new Dictionary<string, string> { ["a"] = "1" },
        });
        (intent.Status, intent.CustomerId, intent.Usage).ShouldBe(("requires_payment_method", customer.Id, "off_session"));
        intent.ClientSecret.ShouldStartWith(intent.Id + "_secret_");

        var updated = await Intents.UpdateAsync(intent.Id, new SetupIntentUpdateOptions
        {
            PaymentMethod = "pm_card_mastercard", Metadata = new Dictionary<string, string> { ["b"] = "2" },
        });
        (updated.Status, updated.Metadata.Count).ShouldBe(("requires_confirmation", 2));
        var done = await Intents.ConfirmAsync(intent.Id);

        (await Intents.GetAsync(intent.Id)).Status.ShouldBe("succeeded");
        (await Client.V1.PaymentMethods.GetAsync(done.PaymentMethodId)).CustomerId.ShouldBe(customer.Id);
        var other = await Intents.CancelAsync((await Intents.CreateAsync(new SetupIntentCreateOptions())).Id, new SetupIntentCancelOptions { CancellationReason = "duplicate" });
        other.Status.ShouldBe("canceled");
        (await Intents.ListAsync()).Select(listed => listed.Id).ShouldBe([other.Id, intent.Id]);
        (await Intents.ListAsync(new SetupIntentListOptions { Customer = customer.Id })).ShouldHaveSingleItem().Id.ShouldBe(intent.Id);
        (await Intents.ListAsync(new SetupIntentListOptions { PaymentMethod = done.PaymentMethodId })).ShouldHaveSingleItem().Id.ShouldBe(intent.Id);
        var charged = await Client.V1.PaymentIntents.CreateAsync(new PaymentIntentCreateOptions
        {
            Amount = 2000, Currency = "usd", Customer = customer.Id, PaymentMethod = done.PaymentMethodId, Confirm = true, OffSession = true,
        });
        charged.Status.ShouldBe("succeeded");
        (await Client.V1.Events.ListAsync(new EventListOptions { Type = EventTypes.SetupIntentSucceeded })).Single()
            .Data.Object.ShouldBeOfType<SetupIntent>().PaymentMethodId.ShouldBe(done.PaymentMethodId);
    }

    [EngineFact]
    public async Task A_card_that_cannot_be_used_is_refused_with_the_intent()
    {
        var failure = await Should.ThrowAsync<StripeException>(() => Intents.CreateAsync(new SetupIntentCreateOptions { PaymentMethod = "pm_card_chargeDeclined", Confirm = true }));

        ((int)failure.HttpStatusCode, failure.StripeError.Code, failure.StripeError.SetupIntent.Status).ShouldBe((402, "card_declined", "requires_payment_method"));
        failure.StripeError.SetupIntent.LastSetupError.DeclineCode.ShouldBe("generic_decline");
    }

    [EngineTheory]
    [InlineData("succeed", "succeeded")]
    [InlineData("fail", "requires_payment_method")]
    public async Task A_cardholder_is_asked_and_a_test_answers(string outcome, string status)
    {
        var asked = await Intents.CreateAsync(new SetupIntentCreateOptions { PaymentMethod = "pm_card_authenticationRequired", Confirm = true, ReturnUrl = "myapp://done" });
        (asked.Status, asked.NextAction.RedirectToUrl.ReturnUrl).ShouldBe(("requires_action", "myapp://done"));

        (await _merchant.PostAsync($"/v1/test_helpers/setup_intents/{asked.Id}/authenticate", ("outcome", outcome))).ShouldBe(200).Text("status").ShouldBe(status);

        (await Intents.GetAsync(asked.Id)).LastSetupError?.Code.ShouldBe("setup_intent_authentication_failure");
        (await _merchant.PostAsync($"/v1/test_helpers/setup_intents/{asked.Id}/authenticate", ("outcome", "maybe"))).ShouldBeError(400, "invalid_request_error", param: "outcome");
    }
}
