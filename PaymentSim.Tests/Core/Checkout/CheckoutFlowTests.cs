using PaymentSim.Core;
using PaymentSim.Core.Checkout;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Scheduling;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Checkout;

/// <summary>A checkout session's way, without any face.</summary>
public sealed class CheckoutFlowTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;

    public CheckoutFlowTests() => _core = new CoreHost(_folder, _clock);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task A_session_is_paid_after_a_decline_and_both_are_told()
    {
        var session = await CreateAsync();
        (session.Status, session.PaymentStatus, session.AmountTotal, session.PaymentIntent, session.SuccessUrl)
            .ShouldBe(("open", "unpaid", 4500, null, $"https://shop.example/done?session={session.Id}"));
        session.Url.ShouldBe($"/checkout/{CoreHost.Merchant}/{session.Id}");

        (await PayAsync(session.Id, "tok_chargeDeclined")).Declined!.Code.ShouldBe(ProblemCode.CardDeclined);
        (await _core.SendAsync(new GetCheckoutSession(session.Id))).Status.ShouldBe("open");
        var paid = await PayAsync(session.Id, "tok_visa");

        paid.Intent.Status.ShouldBe("succeeded");
        (paid.Intent.Amount, paid.Intent.Description, paid.Intent.Metadata["order"]).ShouldBe((4500, "Order 1", "1"));
        var complete = await _core.SendAsync(new GetCheckoutSession(session.Id));
        (complete.Status, complete.PaymentStatus, complete.PaymentIntent, complete.Url).ShouldBe(("complete", "paid", paid.Intent.Id, null));
        (complete.CustomerDetails!.Email, complete.CustomerDetails.Name).ShouldBe(("ada@example.com", "Ada"));
        (await TypesAsync()).ShouldBe(
        [
            "payment_intent.created", "charge.failed", "payment_intent.payment_failed", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed",
        ]);
        (await _core.TryAsync(new PayCheckoutSession(session.Id) { Card = new CardParameters { Token = "tok_visa" } })).Refused!.Message.ShouldContain("complete");
        (await _core.CountAsync("charges")).ShouldBe(2);
    }

    [EngineTheory]
    [InlineData("succeed", "complete")]
    [InlineData("fail", "open")]
    public async Task A_card_that_asks_completes_the_session_once_its_holder_has_passed(string outcome, string status)
    {
        var session = await CreateAsync();
        var asked = (await PayAsync(session.Id, "tok_threeDSecure2Required")).Intent;
        asked.NextAction!.RedirectToUrl!.ReturnUrl.ShouldBe(session.Url);

        await _core.SendAsync(new AuthenticatePaymentIntent(asked.Id) { Outcome = outcome });

        (await _core.SendAsync(new GetCheckoutSession(session.Id))).Status.ShouldBe(status);
        (await TypesAsync()).Count(type => type == "checkout.session.completed").ShouldBe(status == "complete" ? 1 : 0);
    }

    [EngineFact]
    public async Task A_session_ends_by_its_job_when_its_time_is_over_with_the_payment_that_was_begun()
    {
        var session = await CreateAsync(expiresIn: TimeSpan.FromMinutes(30));
        var asked = (await PayAsync(session.Id, "tok_threeDSecure2Required")).Intent;
        var (job, at) = _core.Jobs.Enqueued.Single(left => left.Job is ExpireOverdueSession);
        at.ShouldBe(_clock.GetUtcNow() + TimeSpan.FromMinutes(30));

        (await _core.SendAsync((ExpireOverdueSession)job)).ShouldBe(CheckoutStatus.Open, "it has time left");
        _clock.Advance(TimeSpan.FromMinutes(30));
        (await _core.TryAsync(new PayCheckoutSession(session.Id) { Card = new CardParameters { Token = "tok_visa" } })).Refused.ShouldNotBeNull();
        (await _core.SendAsync((ExpireOverdueSession)job)).ShouldBe(CheckoutStatus.Expired);
        (await _core.SendAsync((ExpireOverdueSession)job)).ShouldBe(CheckoutStatus.Expired, "twice is once");

        var intent = await _core.SendAsync(new GetPaymentIntent(asked.Id));
        (intent.Status, intent.CancellationReason).ShouldBe(("canceled", "expired"));
        (await TypesAsync()).TakeLast(2).ShouldBe(["checkout.session.expired", "payment_intent.canceled"]);
        (await _core.TryAsync(new AuthenticatePaymentIntent(asked.Id) { Outcome = "succeed" })).Refused!.Code.ShouldBe(ProblemCode.PaymentIntentUnexpectedState);
    }

    [EngineFact]
    public async Task The_end_of_a_session_is_found_again_when_its_job_is_lost()
    {
        var session = await CreateAsync(expiresIn: TimeSpan.FromMinutes(30));
        _core.Jobs.Lose();
        (await _core.SendAsync(new SweepDueWork())).ShouldBe(0, "it has time left");
        _clock.Advance(TimeSpan.FromMinutes(31));

        (await _core.SendAsync(new SweepDueWork())).ShouldBe(1);
        (await _core.SendAsync(new SweepDueWork())).ShouldBe(0, "it has its job");

        _core.Jobs.Enqueued.ShouldHaveSingleItem().Job.ShouldBe(new ExpireOverdueSession(CoreHost.Merchant, session.Id));
    }

    [EngineFact]
    public async Task A_merchant_ends_an_open_session_once_and_a_paid_one_never()
    {
        var open = await CreateAsync();
        var paid = await CreateAsync();
        await PayAsync(paid.Id, "tok_visa");

        (await _core.SendAsync(new ExpireCheckoutSession(open.Id))).Status.ShouldBe("expired");

        foreach (var id in new[] { open.Id, paid.Id })
            (await _core.TryAsync(new ExpireCheckoutSession(id))).Refused!.Kind.ShouldBe(ProblemKind.InvalidRequest);
        (await _core.SendAsync(new GetCheckoutSession(paid.Id))).Status.ShouldBe("complete");
        (await _core.TryAsync(new ExpireCheckoutSession(open.Id), merchant: "acct_other")).Refused!.Code.ShouldBe(ProblemCode.ResourceMissing);
    }

    [EngineFact]
    public async Task A_customers_card_is_kept_where_that_is_wanted_and_a_manual_capture_leaves_the_session_unpaid()
    {
        var customer = await _core.SendAsync(new CreateCustomer());
        var session = await _core.SendAsync(Request() with
        {
            Customer = customer.Id, PaymentIntentData = new CheckoutPayment { CaptureMethod = "manual", SetupFutureUsage = "off_session" },
        });

        var held = await PayAsync(session.Id, "tok_visa");

        held.Intent.Status.ShouldBe("requires_capture");
        (await _core.SendAsync(new GetCheckoutSession(session.Id))).ShouldSatisfyAllConditions(
            complete => complete.Status.ShouldBe("complete"), complete => complete.PaymentStatus.ShouldBe("unpaid"), complete => complete.Customer.ShouldBe(customer.Id));
        (await _core.SendAsync(new ListPaymentMethods { Customer = customer.Id })).Data.ShouldHaveSingleItem().Id.ShouldBe(held.Intent.PaymentMethod);
    }

    [EngineFact]
    public async Task Paid_by_many_at_once_it_is_paid_once()
    {
        var session = await CreateAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(
            () => _core.TryAsync(new PayCheckoutSession(session.Id) { Card = new CardParameters { Token = "tok_visa" } }))));

        answers.Count(answer => answer.Result?.Intent.Status == "succeeded").ShouldBe(1);
        answers.Where(answer => answer.Result is null).ShouldAllBe(answer => answer.Refused!.Kind == ProblemKind.InvalidRequest);
        (await _core.CountAsync("charges"), await _core.CountAsync("payment_intents")).ShouldBe((1, 1));
    }

    [EngineTheory]
    [InlineData(-1)]
    [InlineData(29 * 60)]
    [InlineData((24 * 60 * 60) + 1)]
    public async Task A_session_lasts_half_an_hour_to_a_day(long seconds) =>
        (await _core.TryAsync(Request() with { ExpiresAt = _clock.GetUtcNow().ToUnixTimeSeconds() + seconds })).Refused!.Param.ShouldBe("expires_at");

    private Task<CheckoutSessionObject> CreateAsync(TimeSpan? expiresIn = null) => _core.SendAsync(Request() with
    {
        ExpiresAt = expiresIn is { } time ? (_clock.GetUtcNow() + time).ToUnixTimeSeconds() : null,
    });

    private Task<PaymentIntentAttempt> PayAsync(string session, string token) =>
        _core.SendAsync(new PayCheckoutSession(session) { Card = new CardParameters { Token = token }, Email = "ada@example.com", Name = "Ada" });

    private static CreateCheckoutSession Request() => new()
    {
        Mode = "payment",
        LineItems = [Item("Coffee", 2000, 2), Item("Cup", 500, 1)],
        SuccessUrl = "https://shop.example/done?session={CHECKOUT_SESSION_ID}",
        PaymentIntentData = new CheckoutPayment { Description = "Order 1", Metadata = new Dictionary<string, string> { ["order"] = "1" } },
    };

    private static LineItemParameters Item(string name, long amount, long quantity) => new()
    {
        Quantity = quantity, PriceData = new PriceParameters { Currency = "usd", UnitAmount = amount, ProductData = new ProductParameters { Name = name } },
    };

    private async Task<IReadOnlyList<string>> TypesAsync() => [.. (await _core.SendAsync(new ListEvents { Limit = 100 })).Data.Select(e => e.Type).Reverse()];
}
