using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.PaymentIntents;

/// <summary>A payment intent's way, without any face: charges, events and statuses.</summary>
public sealed class PaymentIntentFlowTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;

    public PaymentIntentFlowTests() => _core = new CoreHost(_folder, _clock);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineTheory]
    [InlineData("pm_card_visa", false, "succeeded", "charge.succeeded payment_intent.succeeded")]
    [InlineData("pm_card_visa", true, "requires_capture", "charge.succeeded payment_intent.amount_capturable_updated")]
    [InlineData("pm_card_chargeDeclined", false, "requires_payment_method", "charge.failed payment_intent.payment_failed")]
    [InlineData("pm_card_threeDSecure2Required", false, "requires_action", "payment_intent.requires_action")]
    [InlineData("pm_usBankAccount", false, "processing", "charge.pending payment_intent.processing")]
    public async Task Created_and_confirmed_in_one_it_says_everything_in_one_commit(string method, bool manual, string status, string events)
    {
        var attempt = await CreateAsync(method, manual: manual);

        attempt.Intent.Status.ShouldBe(status);
        (await TypesAsync()).ShouldBe(["payment_intent.created", .. events.Split(' ')]);
        (await _core.SendAsync(new GetPaymentIntent(attempt.Intent.Id))).ShouldBeWire(attempt.Intent);
        (await _core.CountAsync("charges")).ShouldBe(status == "requires_action" ? 0 : 1);
        if (attempt.Intent.LatestCharge is not { } id) return;
        var charge = await _core.SendAsync(new GetCharge(id));
        (charge.PaymentIntent, charge.Amount, charge.Source).ShouldBe((attempt.Intent.Id, 2000, null));
        charge.PaymentMethod.ShouldStartWith("pm_");
        (attempt.Intent.AmountReceived, attempt.Intent.AmountCapturable).ShouldBe(status switch
        {
            "succeeded" => (2000, 0),
            "requires_capture" => (0, 2000),
            _ => (0, 0),
        });
    }

    [EngineFact]
    public async Task A_declined_attempt_can_be_followed_by_another_and_each_is_a_charge()
    {
        var first = await CreateAsync("pm_card_visa_chargeDeclinedInsufficientFunds");

        (first.Declined!.Kind, first.Declined.Code, first.Declined.DeclineCode).ShouldBe((ProblemKind.Card, ProblemCode.CardDeclined, "insufficient_funds"));
        first.Declined.PaymentIntent!.Value.GetProperty("status").GetString().ShouldBe("requires_payment_method");
        first.Declined.PaymentMethod!.Value.GetProperty("card").GetProperty("last4").GetString().ShouldBe("9995");
        (first.Intent.PaymentMethod, first.Intent.LastPaymentError!.DeclineCode, first.Intent.LastPaymentError.Charge)
            .ShouldBe((null, "insufficient_funds", first.Intent.LatestCharge));

        var second = await _core.SendAsync(new ConfirmPaymentIntent(first.Intent.Id) { PaymentMethod = "pm_card_visa" });

        (second.Declined, second.Intent.Status, second.Intent.LastPaymentError).ShouldBe((null, "succeeded", null));
        second.Intent.LatestCharge.ShouldNotBe(first.Intent.LatestCharge);
        (await _core.SendAsync(new ListCharges { PaymentIntent = first.Intent.Id })).Data.Select(charge => charge.Status).ShouldBe(["succeeded", "failed"]);
    }

    [EngineTheory]
    [InlineData("pm_card_authenticationRequired", "succeed", "succeeded", null)]
    [InlineData("pm_card_threeDSecure2Required", "succeed", "succeeded", null)]
    [InlineData("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "succeed", "requires_payment_method", "insufficient_funds")]
    [InlineData("pm_card_threeDSecureRequiredChargeDeclined", "succeed", "requires_payment_method", "generic_decline")]
    [InlineData("pm_card_authenticationRequired", "fail", "requires_payment_method", null)]
    public async Task A_card_that_asks_waits_for_its_holder(string method, string outcome, string status, string? declineCode)
    {
        var asked = (await CreateAsync(method, returnUrl: "https://shop.example/return")).Intent;
        asked.NextAction!.RedirectToUrl!.ReturnUrl.ShouldBe("https://shop.example/return");
        asked.NextAction.RedirectToUrl.Url.ShouldBe($"/authenticate/{CoreHost.Merchant}/{asked.ClientSecret}");

        var after = await _core.SendAsync(new AuthenticatePaymentIntent(asked.Id) { Outcome = outcome });

        (after.Status, after.NextAction, after.LastPaymentError?.DeclineCode).ShouldBe((status, null, declineCode));
        if (outcome == "fail")
        {
            (after.LastPaymentError!.Type, after.LastPaymentError.Code).ShouldBe(("invalid_request_error", "payment_intent_authentication_failure"));
            (await _core.CountAsync("charges")).ShouldBe(0);
        }
        else
        {
            var charge = await _core.SendAsync(new GetCharge(after.LatestCharge!));
            charge.PaymentMethodDetails.Card!.ThreeDSecure!.Result.ShouldBe("authenticated");
        }

        (await _core.TryAsync(new AuthenticatePaymentIntent(asked.Id) { Outcome = "succeed" })).Refused!.Code.ShouldBe(ProblemCode.PaymentIntentUnexpectedState);
    }

    [EngineTheory]
    [InlineData(true, null)]
    [InlineData(null, true)]
    public async Task Where_nobody_can_be_asked_a_card_that_asks_is_declined(bool? offSession, bool? errorOnRequiresAction)
    {
        var attempt = await _core.SendAsync(new CreatePaymentIntent
        {
            Amount = 2000, Currency = "usd", PaymentMethod = "pm_card_authenticationRequired", Confirm = true, OffSession = offSession, ErrorOnRequiresAction = errorOnRequiresAction,
        });

        (attempt.Declined!.Code, attempt.Intent.Status).ShouldBe((ProblemCode.AuthenticationRequired, "requires_payment_method"));
        attempt.Declined.Charge.ShouldBe(attempt.Intent.LatestCharge);
    }

    [EngineTheory]
    [InlineData(2000L, 2000, 0)]
    [InlineData(500L, 500, 1500)]
    [InlineData(null, 2000, 0)]
    public async Task What_is_authorised_is_captured_and_the_rest_released(long? amount, long received, long released)
    {
        var held = (await CreateAsync("pm_card_visa", manual: true)).Intent;

        var captured = await _core.SendAsync(new CapturePaymentIntent(held.Id) { AmountToCapture = amount });

        (captured.Status, captured.AmountReceived, captured.AmountCapturable, captured.Amount).ShouldBe(("succeeded", received, 0, 2000));
        var charge = await _core.SendAsync(new GetCharge(captured.LatestCharge!));
        (charge.Captured, charge.AmountCaptured, charge.AmountRefunded).ShouldBe((true, received, released));
        (await TypesAsync()).TakeLast(2).ShouldBe(["charge.captured", "payment_intent.succeeded"]);
        (await _core.TryAsync(new CapturePaymentIntent(held.Id))).Refused!.Code.ShouldBe(ProblemCode.PaymentIntentUnexpectedState);
    }

    [EngineFact]
    public async Task More_than_is_authorised_is_not_captured_nor_the_charge_by_itself()
    {
        var held = (await CreateAsync("pm_card_visa", manual: true)).Intent;

        var refused = (await _core.TryAsync(new CapturePaymentIntent(held.Id) { AmountToCapture = 2001 })).Refused!;
        (refused.Code, refused.Param).ShouldBe((ProblemCode.AmountTooLarge, "amount_to_capture"));
        (await _core.TryAsync(new CaptureCharge(held.LatestCharge!))).Refused!.Message.ShouldContain(held.Id);

        (await _core.SendAsync(new GetPaymentIntent(held.Id))).ShouldBeWire(held);
        (await _core.SendAsync(new GetCharge(held.LatestCharge!))).Captured.ShouldBeFalse();
    }

    [EngineFact]
    public async Task Giving_up_an_authorised_intent_releases_its_charge()
    {
        var held = (await CreateAsync("pm_card_visa", manual: true)).Intent;

        var canceled = await _core.SendAsync(new CancelPaymentIntent(held.Id) { CancellationReason = "abandoned" });

        (canceled.Status, canceled.AmountCapturable, canceled.CancellationReason, canceled.CanceledAt)
            .ShouldBe(("canceled", 0, "abandoned", _clock.GetUtcNow().ToUnixTimeSeconds()));
        (await _core.SendAsync(new GetCharge(held.LatestCharge!))).AmountRefunded.ShouldBe(2000);
        (await TypesAsync()).TakeLast(2).ShouldBe(["charge.refunded", "payment_intent.canceled"]);
        (await _core.TryAsync(new CancelPaymentIntent(held.Id))).Refused!.Code.ShouldBe(ProblemCode.PaymentIntentUnexpectedState);
    }

    [EngineFact]
    public async Task An_authorisation_that_nobody_captures_ends_its_intent()
    {
        var held = (await CreateAsync("pm_card_visa", manual: true)).Intent;
        _clock.Advance(TimeSpan.FromDays(7));

        (await _core.SendAsync(new ExpireCharge(CoreHost.Merchant, held.LatestCharge!))).ShouldBeTrue();

        var ended = await _core.SendAsync(new GetPaymentIntent(held.Id));
        (ended.Status, ended.CancellationReason, ended.AmountCapturable).ShouldBe(("canceled", "automatic", 0));
        (await TypesAsync()).TakeLast(2).ShouldBe(["charge.expired", "payment_intent.canceled"]);
    }

    [EngineTheory]
    [InlineData("pm_usBankAccount", "succeeded", null, "charge.succeeded payment_intent.succeeded")]
    [InlineData("pm_usBankAccount_accountClosed", "requires_payment_method", "account_closed", "charge.failed payment_intent.payment_failed")]
    public async Task A_bank_debit_ends_when_the_bank_answers(string method, string status, string? code, string events)
    {
        var waiting = (await CreateAsync(method)).Intent;
        (await _core.TryAsync(new CancelPaymentIntent(waiting.Id))).Refused!.Code.ShouldBe(ProblemCode.PaymentIntentUnexpectedState);
        (await _core.TryAsync(new ConfirmPaymentIntent(waiting.Id))).Refused!.Code.ShouldBe(ProblemCode.PaymentIntentUnexpectedState);

        await _core.SendAsync(new SettleCharge(CoreHost.Merchant, waiting.LatestCharge!));

        var done = await _core.SendAsync(new GetPaymentIntent(waiting.Id));
        (done.Status, done.LastPaymentError?.Code, done.AmountReceived).ShouldBe((status, code, status == "succeeded" ? 2000 : 0));
        (await TypesAsync()).TakeLast(2).ShouldBe(events.Split(' '));
    }

    [EngineFact]
    public async Task What_a_customer_pays_with_is_kept_for_it_where_that_is_wanted()
    {
        var customer = await _core.SendAsync(new CreateCustomer());
        var method = await _core.SendAsync(new CreatePaymentMethod { Type = "card", Card = new CardParameters { Token = "tok_visa" } });
        CreatePaymentIntent Paid(string? usage, string id) => new()
        {
            Amount = 2000, Currency = "usd", Customer = customer.Id, PaymentMethod = id, Confirm = true, SetupFutureUsage = usage,
        };

        await _core.SendAsync(Paid(null, method.Id));
        (await _core.SendAsync(new GetPaymentMethod(method.Id))).Customer.ShouldBeNull();
        await _core.SendAsync(Paid("off_session", method.Id));
        (await _core.SendAsync(new GetPaymentMethod(method.Id))).Customer.ShouldBe(customer.Id);
        (await _core.SendAsync(Paid("off_session", "pm_card_chargeDeclined"))).Declined.ShouldNotBeNull();
        (await _core.SendAsync(new ListPaymentMethods { Customer = customer.Id })).Data.ShouldHaveSingleItem().Id.ShouldBe(method.Id);
        (await TypesAsync()).Count(type => type == "payment_method.attached").ShouldBe(1);

        var others = await _core.SendAsync(new CreateCustomer());
        var refused = await _core.TryAsync(Paid(null, method.Id) with { Customer = others.Id });
        refused.Refused!.Param.ShouldBe("payment_method");
        (await _core.TryAsync(Paid(null, method.Id) with { Customer = null })).Refused!.Param.ShouldBe("payment_method");
    }

    [EngineFact]
    public async Task An_update_of_what_is_paid_asks_for_a_new_confirmation_and_is_refused_once_it_is_paid()
    {
        var asked = (await CreateAsync("pm_card_authenticationRequired")).Intent;

        var changed = await _core.SendAsync(new UpdatePaymentIntent(asked.Id) { Amount = 3000 });
        (changed.Status, changed.NextAction, changed.Amount).ShouldBe(("requires_confirmation", null, 3000));
        var other = await _core.SendAsync(new UpdatePaymentIntent(asked.Id) { PaymentMethod = "pm_card_visa", Description = "d", Metadata = Map("a") });
        (other.Status, other.Description).ShouldBe(("requires_confirmation", "d"));
        (await _core.SendAsync(new ConfirmPaymentIntent(asked.Id))).Intent.AmountReceived.ShouldBe(3000);

        (await _core.TryAsync(new UpdatePaymentIntent(asked.Id) { Amount = 1000 })).Refused!.Code.ShouldBe(ProblemCode.PaymentIntentUnexpectedState);
        (await _core.TryAsync(new UpdatePaymentIntent(asked.Id) { PaymentMethod = "pm_card_visa" })).Refused!.Code.ShouldBe(ProblemCode.PaymentIntentUnexpectedState);
        (await _core.SendAsync(new UpdatePaymentIntent(asked.Id) { Metadata = Map("b") })).Metadata.Keys.ShouldBe(["a", "b"], ignoreOrder: true);
        (await _core.TryAsync(new UpdatePaymentIntent((await CreateAsync("")).Intent.Id) { Currency = "jpy", Amount = 49 })).Refused!.Code.ShouldBe(ProblemCode.AmountTooSmall);
    }

    [EngineTheory]
    [InlineData("pm_usBankAccount", "card", false, ProblemCode.PaymentIntentIncompatiblePaymentMethod)]
    [InlineData("pm_usBankAccount", "us_bank_account", true, null)]
    [InlineData("pm_card_visa", "us_bank_account", false, ProblemCode.PaymentIntentIncompatiblePaymentMethod)]
    [InlineData("pm_nobody", "card", false, ProblemCode.ResourceMissing)]
    [InlineData("", "card", false, ProblemCode.PaymentIntentUnexpectedState)]
    public async Task A_payment_method_that_cannot_pay_it_is_refused_and_leaves_nothing(string method, string type, bool manual, ProblemCode? code)
    {
        var answer = await _core.TryAsync(new CreatePaymentIntent
        {
            Amount = 2000, Currency = "usd", PaymentMethod = method, PaymentMethodTypes = [type], Confirm = true, CaptureMethod = manual ? "manual" : null,
        });

        (answer.Refused!.Kind, answer.Refused.Code).ShouldBe((ProblemKind.InvalidRequest, code));
        (await _core.CountAsync("payment_intents"), await _core.CountAsync("charges"), await _core.CountAsync("events"), await _core.CountAsync("payment_methods"))
            .ShouldBe((0, 0, 0, 0));
    }

    [EngineFact]
    public async Task A_repeated_confirmation_under_its_key_pays_once_and_a_decline_is_remembered()
    {
        var intent = (await CreateAsync("")).Intent;
        var declining = new ConfirmPaymentIntent(intent.Id) { PaymentMethod = "pm_card_chargeDeclined" };

        var first = await _core.SendAsync(declining, key: "once");
        var again = await _core.TryAsync(declining, key: "once", requestId: "req_2");

        again.ReplayedFrom.ShouldBe("req_test");
        again.Result!.ShouldBeWire(first);
        (await _core.CountAsync("charges")).ShouldBe(1);
    }

    [EngineFact]
    public async Task Confirmed_by_many_at_once_it_is_paid_once()
    {
        var intent = (await CreateAsync("", confirm: false)).Intent;
        await _core.SendAsync(new UpdatePaymentIntent(intent.Id) { PaymentMethod = "pm_card_visa" });

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _core.TryAsync(new ConfirmPaymentIntent(intent.Id)))));

        answers.Count(answer => answer.Result?.Intent.Status == "succeeded").ShouldBe(1);
        answers.Where(answer => answer.Result is null).ShouldAllBe(answer => answer.Refused!.Code == ProblemCode.PaymentIntentUnexpectedState);
        (await _core.CountAsync("charges")).ShouldBe(1);
    }

    private Task<PaymentIntentAttempt> CreateAsync(string method, bool manual = false, string? returnUrl = null, bool confirm = true) =>
        _core.SendAsync(new CreatePaymentIntent
        {
            Amount = 2000,
            Currency = "usd",
            PaymentMethod = method,
            Confirm = confirm && method.Length > 0,
            CaptureMethod = manual ? "manual" : null,
            ReturnUrl = returnUrl,
        });

    private async Task<IReadOnlyList<string>> TypesAsync() =>
        [.. (await _core.SendAsync(new ListEvents { Limit = 100 })).Data.Select(e => e.Type).Reverse()];

    private static Dictionary<string, string> Map(string key) => new() { [key] = "1" };
}
