using System.Text.Json;
using Bogus;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.Scheduling;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Charges;

public sealed class CreateChargeTests : IDisposable
{
    private const string Visa = "4242424242424242";

    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;

    public CreateChargeTests() => _core = new CoreHost(_folder, _clock);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineTheory]
    [InlineData(null, "usd", "tok_visa", ProblemCode.ParameterMissing, "amount", "Missing required param: amount.")]
    [InlineData(0L, "usd", "tok_visa", ProblemCode.ParameterInvalidInteger, "amount", "Invalid positive integer")]
    [InlineData(-5L, "usd", "tok_visa", ProblemCode.ParameterInvalidInteger, "amount", "Invalid positive integer")]
    [InlineData(49L, "usd", "tok_visa", ProblemCode.AmountTooSmall, "amount", "Amount must be at least 50 cents")]
    [InlineData(49L, "jpy", "tok_visa", ProblemCode.AmountTooSmall, "amount", "Amount must be at least ¥50")]
    [InlineData(29L, "gbp", "tok_visa", ProblemCode.AmountTooSmall, "amount", "Amount must be at least £0.30")]
    [InlineData(100_000_000L, "usd", "tok_visa", ProblemCode.AmountTooLarge, "amount", "Amount must be no more than $999,999.99")]
    [InlineData(long.MaxValue, "jpy", "tok_visa", ProblemCode.AmountTooLarge, "amount", "Amount must be no more than ¥99,999,999")]
    [InlineData(2000L, null, "tok_visa", ProblemCode.ParameterMissing, "currency", "Missing required param: currency.")]
    [InlineData(2000L, "", "tok_visa", ProblemCode.ParameterMissing, "currency", "Missing required param: currency.")]
    [InlineData(2000L, "usx", "tok_visa", null, "currency", "Invalid currency: usx. Use the three letters of an ISO 4217 code, such as usd.")]
    [InlineData(2000L, "usd", null, ProblemCode.ParameterMissing, "source", "Must provide source or customer.")]
    [InlineData(2000L, "usd", "", ProblemCode.ParameterInvalidEmpty, "source", "You passed an empty source; give a token such as tok_visa, or card data.")]
    [InlineData(2000L, "usd", "tok_nobody", ProblemCode.ResourceMissing, "source", "No such token: 'tok_nobody'")]
    [InlineData(2000L, "usd", "tok_visa|tok_nobody", ProblemCode.ResourceMissing, "source", "No such token: 'tok_nobody'")]
    [InlineData(2000L, "usd", "|", ProblemCode.ResourceMissing, "source", "No such token: '|'")]
    [InlineData(2000L, "usd", "4242 4242 4242 4242 4242 4242", ProblemCode.ResourceMissing, "source", "No such token: '…4242'")]
    public async Task A_charge_that_cannot_be_made_is_refused_and_leaves_nothing(
        long? amount, string? currency, string? source, ProblemCode? code, string param, string message)
    {
        var answer = await TryAsync(amount, currency, source is null ? null : ChargeSource.FromString(source));

        answer.Refused.ShouldBe(new Problem(ProblemKind.InvalidRequest, code, message) { Param = param });
        (await _core.CountAsync("charges"), await _core.CountAsync("events"), await _core.CountAsync("source_sequences")).ShouldBe((0, 0, 0));
    }

    [EngineTheory]
    [InlineData(50, "usd")]
    [InlineData(99_999_999, "usd")]
    [InlineData(50, "jpy")]
    [InlineData(1, "kwd")]
    [InlineData(2000, "EUR")]
    public async Task The_smallest_and_the_largest_amounts_are_taken(long amount, string currency)
    {
        var charge = await ChargeAsync("tok_visa", amount, currency);

        (charge.Amount, charge.AmountCaptured, charge.Currency, charge.Status).ShouldBe((amount, amount, currency.ToLowerInvariant(), "succeeded"));
    }

    [EngineTheory]
    [InlineData("4242424242424241", 12, 2030, "123", ProblemCode.IncorrectNumber, null, "number")]
    [InlineData(Visa, 13, 2030, "123", ProblemCode.InvalidExpiryMonth, null, "exp_month")]
    [InlineData(Visa, 5, 2025, "123", ProblemCode.InvalidExpiryMonth, null, "exp_month")]
    [InlineData(Visa, 12, 2024, "123", ProblemCode.InvalidExpiryYear, null, "exp_year")]
    [InlineData(Visa, 12, 2030, "99", ProblemCode.InvalidCvc, null, "cvc")]
    [InlineData("4012888888881881", 12, 2030, "123", ProblemCode.CardDeclined, "test_mode_live_card", "number")]
    public async Task Card_data_that_cannot_be_right_is_refused_as_a_card_error_and_makes_no_charge(
        string number, long month, long year, string cvc, ProblemCode code, string? declineCode, string param)
    {
        var answer = await TryAsync(2000, "usd", new ChargeSource { Number = number, ExpMonth = month, ExpYear = year, Cvc = cvc });

        (answer.Refused?.Kind, answer.Refused?.Code, answer.Refused?.DeclineCode, answer.Refused?.Param).ShouldBe((ProblemKind.Card, code, declineCode, param));
        answer.Refused!.Charge.ShouldBeNull();
        (await _core.CountAsync("charges")).ShouldBe(0);
    }

    [EngineTheory]
    [InlineData(null, 12L, 2030L, "source[number]")]
    [InlineData(Visa, null, 2030L, "source[exp_month]")]
    [InlineData(Visa, 12L, null, "source[exp_year]")]
    public async Task Card_data_with_a_part_missing_is_refused_by_the_parts_name(string? number, long? month, long? year, string param)
    {
        var answer = await TryAsync(2000, "usd", new ChargeSource { Number = number, ExpMonth = month, ExpYear = year });

        answer.Refused.ShouldBe(new Problem(ProblemKind.InvalidRequest, ProblemCode.ParameterMissing, $"Missing required param: {param}.") { Param = param });
    }

    [EngineTheory]
    [InlineData("tok_chargeDeclined", "card_declined", "generic_decline", "issuer_declined", "declined_by_network", "normal")]
    [InlineData("tok_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds", "issuer_declined", "declined_by_network", "normal")]
    [InlineData("tok_chargeDeclinedFraudulent", "card_declined", "fraudulent", "blocked", "not_sent_to_network", "highest")]
    [InlineData("tok_chargeDeclinedExpiredCard", "expired_card", null, "issuer_declined", "declined_by_network", "normal")]
    [InlineData("4000000000000127", "incorrect_cvc", null, "issuer_declined", "declined_by_network", "normal")]
    public async Task A_decline_is_an_outcome_with_a_stored_charge_and_an_event(
        string source, string code, string? declineCode, string outcome, string network, string risk)
    {
        var attempt = await _core.SendAsync(Request(source));

        var charge = attempt.Charge.ShouldNotBeNull();
        (charge.Status, charge.Paid, charge.Captured, charge.AmountCaptured, charge.FailureCode).ShouldBe(("failed", false, false, 0, code));
        (charge.Outcome.Type, charge.Outcome.NetworkStatus, charge.Outcome.RiskLevel).ShouldBe((outcome, network, risk));
        var declined = attempt.Declined.ShouldNotBeNull();
        (declined.Kind, declined.Code!.Value.Wire(), declined.DeclineCode, declined.Charge).ShouldBe((ProblemKind.Card, code, declineCode, charge.Id));
        declined.Message.ShouldBe(charge.FailureMessage);
        (await _core.SendAsync(new GetCharge(charge.Id))).ShouldBeWire(charge);
        await EventsAre("charge.failed");
    }

    [EngineFact]
    public async Task A_good_charge_is_stored_with_what_was_asked_and_reported_in_an_event()
    {
        var faker = new Faker { Random = new Randomizer(20250615) };
        var request = Request("tok_mastercard") with
        {
            Amount = faker.Random.Long(50, 99_999_999),
            Description = faker.Commerce.ProductName(),
            Metadata = new Dictionary<string, string> { ["order"] = faker.Random.AlphaNumeric(12), ["dropped"] = "" },
            ReceiptEmail = faker.Internet.Email(),
            StatementDescriptorSuffix = "ORDER 1",
            TransferGroup = "g",
        };

        var charge = (await _core.SendAsync(request)).Charge.ShouldNotBeNull();

        (charge.Amount, charge.Description, charge.ReceiptEmail, charge.TransferGroup).ShouldBe((request.Amount!.Value, request.Description, request.ReceiptEmail, "g"));
        charge.Metadata.ShouldBe(new Dictionary<string, string> { ["order"] = request.Metadata["order"] });
        (charge.Status, charge.Paid, charge.Captured, charge.Created).ShouldBe(("succeeded", true, true, ManualClock.Start.ToUnixTimeSeconds()));
        (charge.PaymentMethodDetails.Card!.Brand, charge.PaymentMethodDetails.Card.Last4, charge.Source!.Brand).ShouldBe(("mastercard", "4444", "MasterCard"));
        charge.CalculatedStatementDescriptor.ShouldBe("PAYMENTSIM ORDER 1");
        (await _core.SendAsync(new GetCharge(charge.Id))).ShouldBeWire(charge);
        var recorded = await EventsAre("charge.succeeded");
        var about = recorded.Data.Object.ShouldBeOfType<JsonElement>();
        about.GetProperty("id").GetString().ShouldBe(charge.Id);
        about.GetProperty("amount").GetInt64().ShouldBe(request.Amount.Value);
        about.GetProperty("status").GetString().ShouldBe("succeeded");
        recorded.Request.ShouldBe(new EventRequest("req_test", null));
    }

    [EngineFact]
    public async Task An_authorisation_is_not_captured()
    {
        var charge = (await _core.SendAsync(Request("tok_visa") with { Capture = false })).Charge.ShouldNotBeNull();

        (charge.Status, charge.Paid, charge.Captured, charge.AmountCaptured).ShouldBe(("succeeded", true, false, 0));
    }

    [EngineTheory]
    [InlineData("4242 4242 4242 4242", null, null)]
    [InlineData("4242-4242-4242-4242", "123", "pass")]
    public async Task Typed_card_data_keeps_only_what_may_be_kept(string number, string? cvc, string? check)
    {
        var attempt = await _core.SendAsync(Request("") with
        {
            Source = new ChargeSource { Number = number, ExpMonth = 7, ExpYear = 30, Cvc = cvc, Name = "A. Nother", AddressZip = "90210" },
        });

        var card = attempt.Charge!.PaymentMethodDetails.Card!;
        (card.Last4, card.ExpMonth, card.ExpYear, card.Checks.CvcCheck).ShouldBe(("4242", 7, 2030, check));
        (attempt.Charge.BillingDetails.Name, attempt.Charge.BillingDetails.Address.PostalCode).ShouldBe(("A. Nother", "90210"));
    }

    [EngineFact]
    public async Task The_same_card_has_the_same_fingerprint_in_this_installation_alone()
    {
        var prints = new[] { await Print(_core, "tok_visa"), await Print(_core, "pm_card_visa"), await Print(_core, Visa) };

        prints.Distinct().Count().ShouldBe(1);
        (await Print(_core, "tok_mastercard")).ShouldNotBe(prints[0]);
        using var folder = new TempFolder();
        using var other = new CoreHost(folder, _clock);
        (await Print(other, "tok_visa")).ShouldNotBe(prints[0]);

        static async Task<string> Print(CoreHost core, string source) =>
            (await core.SendAsync(Request(source))).Charge!.PaymentMethodDetails.Card!.Fingerprint;
    }

    [EngineFact]
    public async Task A_sequence_gives_each_outcome_in_turn_repeats_the_last_and_counts_for_each_merchant()
    {
        const string Sequence = "tok_chargeDeclinedInsufficientFunds | 4000000000000002 | tok_visa";

        var outcomes = new List<string?>();
        for (var i = 0; i < 5; i++) outcomes.Add((await _core.SendAsync(Request(Sequence))).Declined?.DeclineCode);

        outcomes.ShouldBe(["insufficient_funds", "generic_decline", null, null, null]);
        (await _core.SendAsync(Request(Sequence), merchant: "acct_other")).Declined?.DeclineCode.ShouldBe("insufficient_funds");
    }

    [EngineTheory]
    [InlineData("tok_429", ProblemKind.RateLimit)]
    [InlineData("tok_500", ProblemKind.Api)]
    public async Task A_fault_token_makes_the_processor_itself_fail(string token, ProblemKind kind)
    {
        (await _core.TryAsync(Request(token))).Refused?.Kind.ShouldBe(kind);
        var inSequence = await _core.SendAsync(Request(token + "|tok_visa"));
        (inSequence.Charge, inSequence.Declined?.Kind).ShouldBe((null, kind));
        (await _core.SendAsync(Request(token + "|tok_visa"))).Charge!.Status.ShouldBe("succeeded");
        (await _core.CountAsync("charges")).ShouldBe(1);
    }

    [EngineTheory]
    [InlineData("btok_us_verified", null)]
    [InlineData("pm_usBankAccount_success", null)]
    [InlineData("pm_usBankAccount_accountClosed", "account_closed")]
    [InlineData("pm_usBankAccount_noAccount", "no_account")]
    [InlineData("pm_usBankAccount_insufficientFunds", "insufficient_funds")]
    [InlineData("pm_usBankAccount_debitNotAuthorized", "debit_not_authorized")]
    public async Task A_bank_debit_is_pending_until_its_job_brings_the_banks_answer(string source, string? failure)
    {
        var charge = await ChargeAsync(source);
        (charge.Status, charge.Paid, charge.Captured, charge.PaymentMethodDetails.Type).ShouldBe(("pending", false, false, "us_bank_account"));
        await EventsAre("charge.pending");
        var (job, notBefore) = _core.Jobs.Enqueued.Single();
        (job, notBefore).ShouldBe((new SettleCharge(CoreHost.Merchant, charge.Id), ManualClock.Start.AddMinutes(1)));

        var status = await _core.SendAsync((SettleCharge)job);
        (await _core.SendAsync((SettleCharge)job)).ShouldBe(status, "a job that runs twice settles once");

        var settled = await _core.SendAsync(new GetCharge(charge.Id));
        (settled.Status, settled.FailureCode).ShouldBe((failure is null ? "succeeded" : "failed", failure));
        (settled.Paid, settled.AmountCaptured).ShouldBe((failure is null, failure is null ? 2000 : 0));
        await EventsAre(failure is null ? "charge.succeeded" : "charge.failed", "charge.pending");
    }

    [EngineFact]
    public async Task A_due_bank_answer_whose_job_got_lost_is_found_again()
    {
        var charge = await ChargeAsync("btok_us_verified");
        (await _core.SendAsync(new SweepDueWork())).ShouldBe(0, "it is not due yet");
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await _core.SendAsync(new SweepDueWork())).ShouldBe(0, "its job lives");
        _core.Jobs.Lose();

        (await _core.SendAsync(new SweepDueWork())).ShouldBe(1);

        _core.Jobs.Enqueued.Single().Job.ShouldBe(new SettleCharge(CoreHost.Merchant, charge.Id));
    }

    [EngineFact]
    public async Task A_bank_answers_nothing_to_a_charge_that_is_gone() =>
        (await _core.SendAsync(new SettleCharge(CoreHost.Merchant, "ch_gone"))).ShouldBeNull();

    [EngineFact]
    public async Task Another_merchants_charge_is_not_there()
    {
        var charge = await ChargeAsync("tok_visa");

        (await _core.TryAsync(new GetCharge(charge.Id), merchant: "acct_other")).Refused
            .ShouldBe(new Problem(ProblemKind.NotFound, ProblemCode.ResourceMissing, $"No such charge: '{charge.Id}'") { Param = "id" });
        (await _core.SendAsync(new ListCharges(), merchant: "acct_other")).Data.ShouldBeEmpty();
    }

    [EngineFact]
    public void Requests_and_sources_never_print_a_card_number() =>
        new CreateCharge { Source = new ChargeSource { Number = Visa, Cvc = "7391" } }.ToString().ShouldSatisfyAllConditions(
            text => text.ShouldNotContain(Visa),
            text => text.ShouldNotContain("7391"));

    private static CreateCharge Request(string source) => new() { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source) };

    private Task<Answer<ChargeAttempt>> TryAsync(long? amount, string? currency, ChargeSource? source) =>
        _core.TryAsync(new CreateCharge { Amount = amount, Currency = currency, Source = source });

    private async Task<ChargeObject> ChargeAsync(string source, long amount = 2000, string currency = "usd") =>
        (await _core.SendAsync(Request(source) with { Amount = amount, Currency = currency })).Charge.ShouldNotBeNull();

    private async Task<EventObject> EventsAre(params string[] newestFirst)
    {
        var events = (await _core.SendAsync(new ListEvents())).Data;
        events.Select(recorded => recorded.Type).ShouldBe(newestFirst);
        return events[0];
    }
}
