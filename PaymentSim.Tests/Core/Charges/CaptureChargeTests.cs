using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.Scheduling;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Charges;

public sealed class CaptureChargeTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;

    public CaptureChargeTests() => _core = new CoreHost(_folder, _clock);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineTheory]
    [InlineData(null, 2000, 0)]
    [InlineData(2000L, 2000, 0)]
    [InlineData(1500L, 1500, 500)]
    [InlineData(1L, 1, 1999)]
    public async Task What_is_captured_is_taken_and_the_rest_is_released(long? amount, long captured, long released)
    {
        var authorized = await AuthorizeAsync();
        (authorized.Paid, authorized.Captured, authorized.AmountCaptured, authorized.PaymentMethodDetails.Card!.CaptureBefore)
            .ShouldBe((true, false, 0, ManualClock.Start.AddDays(7).ToUnixTimeSeconds()));

        var charge = await _core.SendAsync(new CaptureCharge(authorized.Id) { Amount = amount });

        (charge.Captured, charge.AmountCaptured, charge.AmountRefunded, charge.Amount, charge.Refunded).ShouldBe((true, captured, released, 2000, false));
        charge.PaymentMethodDetails.Card!.CaptureBefore.ShouldBeNull();
        (await _core.SendAsync(new GetCharge(charge.Id))).ShouldBeWire(charge);
        var recorded = (await _core.SendAsync(new ListEvents { Type = "charge.captured" })).Data.Single();
        var previous = recorded.Data.PreviousAttributes.ShouldBeOfType<JsonElement>();
        (previous.GetProperty("captured").GetBoolean(), previous.GetProperty("amount_captured").GetInt64()).ShouldBe((false, 0));
        previous.TryGetProperty("amount_refunded", out _).ShouldBe(released > 0);
    }

    [EngineFact]
    public async Task A_capture_can_give_the_payment_its_last_details()
    {
        var charge = await _core.SendAsync(new CaptureCharge((await AuthorizeAsync()).Id)
        {
            StatementDescriptor = "SHOP 17", ReceiptEmail = "a@example.com", TransferGroup = "g", ApplicationFee = 7,
        });

        (charge.StatementDescriptor, charge.CalculatedStatementDescriptor, charge.ReceiptEmail, charge.TransferGroup, charge.ApplicationFeeAmount)
            .ShouldBe(("SHOP 17", "SHOP 17", "a@example.com", "g", 7));
        charge.Description.ShouldBe("d", "what is not given stays");
    }

    [EngineFact]
    public async Task A_charge_is_captured_once()
    {
        var captured = (await AuthorizeAsync()).Id;
        await _core.SendAsync(new CaptureCharge(captured) { Amount = 500 });
        var atOnce = (await _core.SendAsync(Request())).Charge!.Id;

        foreach (var id in new[] { captured, atOnce })
        {
            var refused = (await _core.TryAsync(new CaptureCharge(id))).Refused.ShouldNotBeNull();
            (refused.Kind, refused.Code, refused.Message)
                .ShouldBe((ProblemKind.InvalidRequest, ProblemCode.ChargeAlreadyCaptured, $"Charge {id} has already been captured."));
        }

        (await _core.SendAsync(new GetCharge(captured))).AmountCaptured.ShouldBe(500);
    }

    [EngineFact]
    public async Task Of_captures_at_the_same_time_one_takes_the_money()
    {
        var id = (await AuthorizeAsync()).Id;

        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => _core.TryAsync(new CaptureCharge(id) { Amount = 100 * i })));

        var taken = answers.Where(answer => answer.Refused is null).ShouldHaveSingleItem().Result!.AmountCaptured;
        answers.Count(answer => answer.Refused?.Code == ProblemCode.ChargeAlreadyCaptured).ShouldBe(7);
        (await _core.SendAsync(new GetCharge(id))).AmountCaptured.ShouldBe(taken);
        (await _core.CountAsync("balance_transactions")).ShouldBe(1);
    }

    [EngineFact]
    public async Task More_than_is_authorised_is_not_captured()
    {
        var charge = await AuthorizeAsync();

        var refused = (await _core.TryAsync(new CaptureCharge(charge.Id) { Amount = 2001 })).Refused.ShouldNotBeNull();

        (refused.Kind, refused.Code, refused.Param).ShouldBe((ProblemKind.InvalidRequest, ProblemCode.AmountTooLarge, "amount"));
        refused.Message.ShouldBe($"Charge {charge.Id} is authorized for $20.00; $20.01 cannot be captured.");
        (await _core.SendAsync(new GetCharge(charge.Id))).ShouldBeWire(charge);
    }

    [EngineTheory]
    [InlineData("tok_chargeDeclined", "failed")]
    [InlineData("btok_us_verified", "pending")]
    public async Task What_is_not_authorised_is_not_captured(string source, string status)
    {
        var charge = (await _core.SendAsync(Request(source) with { Capture = false })).Charge!;

        (await _core.TryAsync(new CaptureCharge(charge.Id))).Refused.ShouldNotBeNull().Message.ShouldBe($"Charge {charge.Id} is {status} and cannot be captured.");
    }

    [EngineFact]
    public async Task A_released_authorisation_is_refunded_and_not_captured()
    {
        var id = (await AuthorizeAsync()).Id;
        using (var scope = _core.Services.CreateScope())
        {
            scope.ServiceProvider.GetRequiredService<RequestContext>().MerchantId = CoreHost.Merchant;
            var capture = scope.ServiceProvider.GetRequiredService<ChargeCapture>();
            await _core.Database.WriteAsync(async () => await capture.ReleaseAsync(await _core.Get<ChargeStore>().GetToChangeAsync(CoreHost.Merchant, id)));
        }

        (await _core.TryAsync(new CaptureCharge(id))).Refused.ShouldNotBeNull().Code.ShouldBe(ProblemCode.ChargeAlreadyRefunded);
        var charge = await _core.SendAsync(new GetCharge(id));
        (charge.Refunded, charge.AmountRefunded, charge.Captured).ShouldBe((true, 2000, false));
        (await _core.SendAsync(new ListEvents())).Data.Select(recorded => recorded.Type).ShouldBe(["charge.refunded", "charge.succeeded"]);
    }

    [EngineFact]
    public async Task An_authorisation_expires_after_seven_days()
    {
        var id = (await AuthorizeAsync()).Id;
        var (job, notBefore) = _core.Jobs.Enqueued.Single();
        (job, notBefore).ShouldBe((new ExpireCharge(CoreHost.Merchant, id), ManualClock.Start.AddDays(7)));
        (await _core.SendAsync((ExpireCharge)job)).ShouldBeFalse("there is time left");

        _clock.Advance(TimeSpan.FromDays(7));
        (await _core.TryAsync(new CaptureCharge(id))).Refused.ShouldNotBeNull().Code.ShouldBe(ProblemCode.ChargeExpiredForCapture, "the job is late, the time is over");
        (await _core.SendAsync((ExpireCharge)job)).ShouldBeTrue();
        (await _core.SendAsync((ExpireCharge)job)).ShouldBeFalse("a job that runs twice expires once");

        var charge = await _core.SendAsync(new GetCharge(id));
        (charge.Status, charge.Captured, charge.Refunded, charge.AmountRefunded).ShouldBe(("succeeded", false, true, 2000));
        var refused = (await _core.TryAsync(new CaptureCharge(id))).Refused.ShouldNotBeNull();
        (refused.Code, refused.Message).ShouldBe((ProblemCode.ChargeExpiredForCapture, $"Charge {id} cannot be captured, because its authorization has expired."));
        var expired = (await _core.SendAsync(new ListEvents { Type = "charge.expired" })).Data.Single();
        expired.Data.PreviousAttributes.ShouldBeOfType<JsonElement>().GetProperty("refunded").GetBoolean().ShouldBeFalse();
    }

    [EngineFact]
    public async Task A_captured_charge_does_not_expire()
    {
        var id = (await AuthorizeAsync()).Id;
        var captured = await _core.SendAsync(new CaptureCharge(id));

        _clock.Advance(TimeSpan.FromDays(8));

        (await _core.SendAsync(new ExpireCharge(CoreHost.Merchant, id))).ShouldBeFalse();
        _core.Jobs.Lose();
        (await _core.SendAsync(new SweepDueWork())).ShouldBe(0);
        (await _core.SendAsync(new GetCharge(id))).ShouldBeWire(captured);
    }

    [EngineFact]
    public async Task A_lost_expiry_is_found_again_when_it_is_due()
    {
        var id = (await AuthorizeAsync()).Id;
        _core.Jobs.Lose();
        (await _core.SendAsync(new SweepDueWork())).ShouldBe(0, "it is not due yet");

        _clock.Advance(TimeSpan.FromDays(7));

        (await _core.SendAsync(new SweepDueWork())).ShouldBe(1);
        _core.Jobs.Enqueued.Single().Job.ShouldBe(new ExpireCharge(CoreHost.Merchant, id));
    }

    [EngineFact]
    public async Task Another_merchants_charge_cannot_be_captured()
    {
        var charge = await AuthorizeAsync();

        (await _core.TryAsync(new CaptureCharge(charge.Id), merchant: "acct_other")).Refused?.Kind.ShouldBe(ProblemKind.NotFound);

        (await _core.SendAsync(new GetCharge(charge.Id))).ShouldBeWire(charge);
    }

    private async Task<ChargeObject> AuthorizeAsync() => (await _core.SendAsync(Request() with { Capture = false })).Charge!;

    private static CreateCharge Request(string source = "tok_visa") =>
        new() { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source), Description = "d" };
}
