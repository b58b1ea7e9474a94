using PaymentSim.Core;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.SetupIntents;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.SetupIntents;

/// <summary>A setup intent's way, without any face: statuses, events, and whose the payment method is in the end.</summary>
public sealed class SetupIntentFlowTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CoreHost _core;

    public SetupIntentFlowTests() => _core = new CoreHost(_folder);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineTheory]
    [InlineData("pm_card_visa", "succeeded", "payment_method.attached setup_intent.succeeded")]
    [InlineData("pm_card_chargeCustomerFail", "succeeded", "payment_method.attached setup_intent.succeeded")]
    [InlineData("pm_usBankAccount", "succeeded", "payment_method.attached setup_intent.succeeded")]
    [InlineData("pm_card_chargeDeclinedIncorrectCvc", "requires_payment_method", "setup_intent.setup_failed")]
    [InlineData("pm_card_authenticationRequired", "requires_action", "setup_intent.requires_action")]
    public async Task Created_and_confirmed_in_one_it_says_everything_in_one_commit(string method, string status, string events)
    {
        var customer = await _core.SendAsync(new CreateCustomer());

        var attempt = await CreateAsync(method, customer.Id);

        attempt.Intent.Status.ShouldBe(status);
        (await TypesAsync()).ShouldBe(["customer.created", "setup_intent.created", .. events.Split(' ')]);
        (await _core.SendAsync(new GetSetupIntent(attempt.Intent.Id))).ShouldBeWire(attempt.Intent);
        (await _core.SendAsync(new ListPaymentMethods { Customer = customer.Id })).Data.Select(kept => kept.Id)
            .ShouldBe(status == "succeeded" ? [attempt.Intent.PaymentMethod!] : []);
        (await _core.CountAsync("charges")).ShouldBe(0);
        (attempt.Declined?.Code, attempt.Intent.LastSetupError?.Code)
            .ShouldBe(status == "requires_payment_method" ? (ProblemCode.IncorrectCvc, "incorrect_cvc") : (null, null));
    }

    [EngineTheory]
    [InlineData("succeed", "succeeded", null, 1)]
    [InlineData("fail", "requires_payment_method", "setup_intent_authentication_failure", 0)]
    public async Task A_card_that_asks_waits_for_its_holder(string outcome, string status, string? code, int kept)
    {
        var customer = await _core.SendAsync(new CreateCustomer());
        var asked = (await CreateAsync("pm_card_threeDSecure2Required", customer.Id)).Intent;
        asked.NextAction!.UseStripeSdk!.StripeJs.ShouldBe($"/authenticate/{CoreHost.Merchant}/{asked.ClientSecret}");

        var after = await _core.SendAsync(new AuthenticateSetupIntent(asked.Id) { Outcome = outcome });

        (after.Status, after.NextAction, after.LastSetupError?.Code).ShouldBe((status, null, code));
        (await _core.SendAsync(new ListPaymentMethods { Customer = customer.Id })).Data.Count.ShouldBe(kept);
        (await _core.TryAsync(new AuthenticateSetupIntent(asked.Id) { Outcome = outcome })).Refused!.Code.ShouldBe(ProblemCode.SetupIntentUnexpectedState);
    }

    [EngineFact]
    public async Task What_is_set_up_or_given_up_stays_so()
    {
        var done = (await CreateAsync("pm_card_visa", null)).Intent;
        var open = (await _core.SendAsync(new CreateSetupIntent())).Intent;
        var canceled = await _core.SendAsync(new CancelSetupIntent(open.Id) { CancellationReason = "abandoned" });
        (canceled.Status, canceled.CancellationReason).ShouldBe(("canceled", "abandoned"));

        foreach (var id in new[] { done.Id, open.Id })
        {
            foreach (var refused in new[]
                     {
                         (await _core.TryAsync(new ConfirmSetupIntent(id) { PaymentMethod = "pm_card_visa" })).Refused,
                         (await _core.TryAsync(new UpdateSetupIntent(id) { PaymentMethod = "pm_card_visa" })).Refused,
                         (await _core.TryAsync(new CancelSetupIntent(id))).Refused,
                     })
            {
                refused!.Code.ShouldBe(ProblemCode.SetupIntentUnexpectedState);
                refused.SetupIntent!.Value.GetProperty("id").GetString().ShouldBe(id);
            }

            (await _core.SendAsync(new UpdateSetupIntent(id) { Description = "later" })).Description.ShouldBe("later");
        }
    }

    [EngineFact]
    public async Task Without_a_payment_method_it_cannot_be_confirmed_and_another_merchant_has_none()
    {
        var open = (await _core.SendAsync(new CreateSetupIntent())).Intent;

        (await _core.TryAsync(new ConfirmSetupIntent(open.Id))).Refused!.Code.ShouldBe(ProblemCode.SetupIntentUnexpectedState);
        (await _core.TryAsync(new GetSetupIntent(open.Id), merchant: "acct_other")).Refused!.Code.ShouldBe(ProblemCode.ResourceMissing);
        (await _core.SendAsync(new ListSetupIntents(), merchant: "acct_other")).Data.ShouldBeEmpty();
    }

    [EngineFact]
    public async Task The_page_of_a_check_is_opened_by_the_whole_secret_alone_and_leads_back()
    {
        var asked = (await _core.SendAsync(new CreateSetupIntent
        {
            PaymentMethod = "pm_card_authenticationRequired", Confirm = true, ReturnUrl = "https://shop.example/a?b=1#top",
        })).Intent;
        var payment = (await _core.SendAsync(new CreatePaymentIntent
        {
            Amount = 2000, Currency = "usd", PaymentMethod = "pm_card_authenticationRequired", Confirm = true, ReturnUrl = "https://shop.example/a",
        })).Intent;

        var check = await _core.SendAsync(new GetAuthentication(asked.ClientSecret));
        (check.Intent, check.IsWaiting, check.IsPayment, check.Card!.Last4).ShouldBe((asked.Id, true, false, "3184"));
        check.ReturnUrl!.AbsoluteUri.ShouldBe(
            $"https://shop.example/a?b=1&setup_intent={asked.Id}&setup_intent_client_secret={asked.ClientSecret}&redirect_status=succeeded#top");
        (await _core.SendAsync(new GetAuthentication(payment.ClientSecret))).Amount.ShouldBe(new Money(2000, "usd"));
        await _core.SendAsync(new AuthenticatePaymentIntent(payment.Id) { Outcome = "fail" });
        var failed = await _core.SendAsync(new GetAuthentication(payment.ClientSecret));
        failed.IsWaiting.ShouldBeFalse();
        failed.ReturnUrl!.Query.ShouldContain("redirect_status=failed");

        foreach (var wrong in new[] { asked.Id, asked.ClientSecret + "x", asked.ClientSecret[..^1], payment.Id + "_secret_", "seti_x_secret_y", "pi_x_secret_y" })
            (await _core.TryAsync(new GetAuthentication(wrong))).Refused!.Kind.ShouldBe(ProblemKind.NotFound, wrong);
        (await _core.TryAsync(new GetAuthentication(asked.ClientSecret), merchant: "acct_other")).Refused!.Kind.ShouldBe(ProblemKind.NotFound);
    }

    private Task<SetupIntentAttempt> CreateAsync(string method, string? customer) =>
        _core.SendAsync(new CreateSetupIntent { PaymentMethod = method, Customer = customer, Confirm = true });

    private async Task<IReadOnlyList<string>> TypesAsync() => [.. (await _core.SendAsync(new ListEvents { Limit = 100 })).Data.Select(e => e.Type).Reverse()];
}
