using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Pipeline;

public sealed class IdempotencyTests : IDisposable
{
    private const string Key = "order-1";

    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;

    public IdempotencyTests() => _core = new CoreHost(_folder, _clock);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineTheory]
    [InlineData("tok_visa")]
    [InlineData("tok_chargeDeclined")]
    [InlineData("btok_us_verified")]
    public async Task The_same_request_under_the_same_key_gets_the_first_result_again(string source)
    {
        var first = await _core.TryAsync(Charge(source), Key, requestId: "req_first");
        _clock.Advance(TimeSpan.FromMinutes(5));
        var again = await _core.TryAsync(Charge(source), Key, requestId: "req_second");

        again.Result.ShouldBeWire(first.Result);
        (first.ReplayedFrom, again.ReplayedFrom).ShouldBe((null, "req_first"));
        (await _core.CountAsync("charges"), await _core.CountAsync("events")).ShouldBe((1, 1));
    }

    [EngineFact]
    public async Task A_full_result_survives_being_stored()
    {
        var request = Charge("tok_visa") with
        {
            Metadata = new Dictionary<string, string> { ["Größe"] = "\"42\"" },
            Shipping = new Shipping { Name = "x", Address = new Address { Line1 = "y" } },
            TransferData = System.Text.Json.JsonSerializer.SerializeToElement(new { destination = "acct_2" }),
            ApplicationFeeAmount = 7,
        };

        var first = await _core.SendAsync(request, Key);

        (await _core.SendAsync(request, Key)).ShouldBeWire(first);
    }

    [EngineFact]
    public async Task A_key_holds_across_a_restart()
    {
        using var folder = new TempFolder();
        ChargeAttempt first;
        using (var core = new CoreHost(folder)) first = await core.SendAsync(Charge("tok_visa"), Key);

        using var restarted = new CoreHost(folder);
        (await restarted.SendAsync(Charge("tok_visa"), Key)).ShouldBeWire(first);
        (await restarted.CountAsync("charges")).ShouldBe(1);
    }

    [EngineTheory]
    [InlineData(2001, "tok_visa")]
    [InlineData(2000, "tok_mastercard")]
    [InlineData(2000, "tok_chargeDeclined")]
    public async Task Another_request_under_the_key_is_refused_and_the_first_result_stays(long amount, string source)
    {
        var first = await _core.SendAsync(Charge("tok_visa"), Key);

        var other = await _core.TryAsync(Charge(source) with { Amount = amount }, Key);

        other.Refused?.Kind.ShouldBe(ProblemKind.Idempotency);
        other.Refused!.Message.ShouldStartWith(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. ");
        other.ReplayedFrom.ShouldBeNull();
        (await _core.SendAsync(Charge("tok_visa"), Key)).ShouldBeWire(first);
        (await _core.CountAsync("charges")).ShouldBe(1);
    }

    [EngineFact]
    public async Task A_command_of_another_kind_under_the_key_is_refused()
    {
        var charge = (await _core.SendAsync(Charge("tok_visa"), Key)).Charge!;

        (await _core.TryAsync(new UpdateCharge(charge.Id), Key)).Refused?.Kind.ShouldBe(ProblemKind.Idempotency);
    }

    [EngineFact]
    public async Task Keys_of_two_merchants_have_nothing_to_do_with_each_other()
    {
        await _core.SendAsync(Charge("tok_visa"), Key);

        var other = await _core.TryAsync(Charge("tok_chargeDeclined"), Key, merchant: "acct_other");

        (other.Result?.Declined?.Kind, other.ReplayedFrom).ShouldBe((ProblemKind.Card, null));
    }

    [EngineFact]
    public async Task Without_a_key_every_request_is_a_new_one()
    {
        await _core.SendAsync(Charge("tok_visa"));
        await _core.SendAsync(Charge("tok_visa"));

        (await _core.CountAsync("charges"), await _core.CountAsync("idempotency_keys")).ShouldBe((2, 0));
    }

    [EngineFact]
    public async Task A_refusal_by_the_handler_is_remembered_and_leaves_nothing_else()
    {
        var unknown = Charge("tok_nobody");

        var first = await _core.TryAsync(unknown, Key, requestId: "req_first");
        var again = await _core.TryAsync(unknown, Key, requestId: "req_second");

        first.Refused?.Code.ShouldBe(ProblemCode.ResourceMissing);
        again.Refused.ShouldBe(first.Refused);
        (first.ReplayedFrom, again.ReplayedFrom).ShouldBe((null, "req_first"));
        (await _core.CountAsync("idempotency_keys"), await _core.CountAsync("charges")).ShouldBe((1, 0));
        (await _core.TryAsync(Charge("tok_visa"), Key)).Refused?.Kind.ShouldBe(ProblemKind.Idempotency);
    }

    // The last step is refused (it fails Luhn) after the handler has counted the sequence's use.
    [EngineFact]
    public async Task What_the_handler_wrote_before_it_refused_is_undone_though_the_refusal_is_kept()
    {
        (await _core.TryAsync(Charge("4242424242424241|tok_visa"), Key)).Refused?.Code.ShouldBe(ProblemCode.IncorrectNumber);

        (await _core.CountAsync("source_sequences"), await _core.CountAsync("idempotency_keys")).ShouldBe((0, 1));
    }

    [EngineFact]
    public async Task A_validation_failure_stores_nothing_and_leaves_the_key_free()
    {
        var answer = await _core.TryAsync(Charge("tok_visa") with { Amount = 1 }, Key);

        answer.Refused?.Code.ShouldBe(ProblemCode.AmountTooSmall);
        (await _core.CountAsync("idempotency_keys"), await _core.CountAsync("charges"), await _core.CountAsync("events")).ShouldBe((0, 0, 0));
        (await _core.TryAsync(Charge("tok_visa"), Key)).Result!.Charge!.Status.ShouldBe("succeeded");
    }

    [EngineTheory]
    [InlineData("tok_500|tok_visa", ProblemKind.Api)]
    [InlineData("tok_429|tok_visa", ProblemKind.RateLimit)]
    public async Task A_fault_in_a_sequence_is_not_remembered_so_that_the_retry_gets_on(string sequence, ProblemKind kind)
    {
        var faulty = await _core.TryAsync(Charge(sequence), Key);
        var retry = await _core.TryAsync(Charge(sequence), Key, requestId: "req_retry");
        var replay = await _core.TryAsync(Charge(sequence), Key);

        (faulty.Result!.Charge, faulty.Result.Declined?.Kind).ShouldBe((null, kind));
        (retry.Result!.Charge!.Status, retry.ReplayedFrom).ShouldBe(("succeeded", null));
        replay.Result.ShouldBeWire(retry.Result);
        replay.ReplayedFrom.ShouldBe("req_retry");
        (await _core.CountAsync("charges")).ShouldBe(1);
    }

    [EngineFact]
    public async Task A_fault_token_is_not_remembered()
    {
        (await _core.TryAsync(Charge("tok_500"), Key)).Refused?.Kind.ShouldBe(ProblemKind.Api);

        (await _core.CountAsync("idempotency_keys")).ShouldBe(0);
    }

    [EngineFact]
    public async Task Thirty_two_requests_at_once_on_one_key_make_one_charge_and_all_get_it()
    {
        using var together = new Barrier(32);
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait();
                return _core.TryAsync(Charge("tok_visa"), Key, requestId: $"req_{i}");
            },
            TaskCreationOptions.LongRunning).Unwrap()));

        answers.Select(answer => answer.Result!.Charge!.Id).Distinct().Count().ShouldBe(1);
        var first = Enumerable.Range(0, 32).Single(i => answers[i].ReplayedFrom is null);
        answers.Where(answer => answer.ReplayedFrom is not null).ShouldAllBe(answer => answer.ReplayedFrom == $"req_{first}");
        (await _core.CountAsync("charges"), await _core.CountAsync("events"), await _core.CountAsync("idempotency_keys")).ShouldBe((1, 1, 1));
    }

    [EngineFact]
    public async Task A_stored_secret_is_sealed_and_replayed_in_clear()
    {
        var request = new CreateWebhookEndpoint { Url = "https://example.com/hook", EnabledEvents = ["*"] };

        var first = await _core.SendAsync(request, Key);

        (await _core.SendAsync(request, Key)).ShouldBeWire(first);
        (await _core.Database.FirstOrDefaultAsync<string>("SELECT result FROM idempotency_keys")).ShouldNotBeNull().ShouldStartWith("sealed:");
        (await _core.CountAsync("webhook_endpoints")).ShouldBe(1);
    }

    [EngineFact]
    public async Task Keys_are_kept_for_24_hours_and_then_forgotten()
    {
        await _core.SendAsync(Charge("tok_visa"), "old");
        _clock.Advance(TimeSpan.FromHours(1));
        await _core.SendAsync(Charge("tok_visa"), "young");
        _clock.Advance(TimeSpan.FromHours(23));
        (await _core.SendAsync(new PruneIdempotencyKeys())).ShouldBe(0);

        _clock.Advance(TimeSpan.FromMilliseconds(1));

        (await _core.SendAsync(new PruneIdempotencyKeys())).ShouldBe(1);
        (await _core.TryAsync(Charge("tok_visa"), "young")).ReplayedFrom.ShouldNotBeNull();
        (await _core.TryAsync(Charge("tok_visa"), "old")).ReplayedFrom.ShouldBeNull();
    }

    private static CreateCharge Charge(string source) => new() { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source) };
}
