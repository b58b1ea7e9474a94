using PaymentSim.Core;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Balance;

public sealed class BalanceTransactionsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;

    public BalanceTransactionsTests() => _core = new CoreHost(_folder, _clock);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task A_charge_leaves_one_transaction_whose_money_is_available_two_days_later()
    {
        var charge = await ChargeAsync();

        var transaction = (await ListAsync()).ShouldHaveSingleItem();
        transaction.Id.ShouldBe(charge.BalanceTransaction);
        (transaction.Type, transaction.ReportingCategory, transaction.Source, transaction.Description, transaction.Currency)
            .ShouldBe(("charge", "charge", charge.Id, "d", "usd"));
        (transaction.Amount, transaction.Fee, transaction.Net).ShouldBe((2000, 88, 1912));
        transaction.FeeDetails.ShouldHaveSingleItem().ShouldBe(new FeeDetail { Amount = 88, Currency = "usd", Description = "Processing fees" });
        (transaction.Created, transaction.AvailableOn, transaction.Status)
            .ShouldBe((charge.Created, ManualClock.Start.AddDays(2).ToUnixTimeSeconds(), "pending"));
        (await BalanceAsync()).ShouldBe("usd 0 1912");

        _clock.Advance(TimeSpan.FromDays(2) - TimeSpan.FromMilliseconds(1));
        (await BalanceAsync()).ShouldBe("usd 0 1912");
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        (await BalanceAsync()).ShouldBe("usd 1912 0");
        (await _core.SendAsync(new GetBalanceTransaction(transaction.Id))).ShouldBeWire(transaction with { Status = "available" });
    }

    [EngineFact]
    public async Task Money_of_one_test_card_is_available_at_once()
    {
        var charge = await ChargeAsync("tok_bypassPending");

        var transaction = await TransactionAsync(charge);
        (transaction.Status, transaction.AvailableOn, transaction.Fee).ShouldBe(("available", transaction.Created, 88));
        (await BalanceAsync()).ShouldBe("usd 1912 0");
        (await ListAsync()).ShouldHaveSingleItem();
    }

    [EngineTheory]
    [InlineData("tok_visa", "pending")]
    [InlineData("tok_bypassPending", "available")]
    public async Task An_authorisation_moves_no_money_until_it_is_captured(string source, string status)
    {
        var charge = await ChargeAsync(source, capture: false);
        charge.BalanceTransaction.ShouldBeNull();
        (await ListAsync()).ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromDays(1));

        charge = await _core.SendAsync(new CaptureCharge(charge.Id) { Amount = 1000 });

        var transaction = await TransactionAsync(charge);
        (transaction.Amount, transaction.Fee, transaction.Net, transaction.Type, transaction.Status).ShouldBe((1000, 59, 941, "charge", status));
        transaction.Created.ShouldBe(_clock.GetUtcNow().ToUnixTimeSeconds());
        (await ListAsync()).ShouldHaveSingleItem();
    }

    [EngineTheory]
    [InlineData("btok_us_verified", true)]
    [InlineData("pm_usBankAccount_insufficientFunds", false)]
    public async Task A_bank_debit_moves_money_when_the_bank_pays(string source, bool pays)
    {
        var charge = await ChargeAsync(source);
        (await ListAsync()).ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromMinutes(1));

        await _core.SendAsync(new SettleCharge(CoreHost.Merchant, charge.Id));

        charge = await _core.SendAsync(new GetCharge(charge.Id));
        (await ListAsync()).Select(transaction => (transaction.Id, transaction.Type, transaction.ReportingCategory, transaction.Net))
            .ShouldBe(pays ? [(charge.BalanceTransaction!, "payment", "charge", 1912)] : []);
        if (!pays) charge.BalanceTransaction.ShouldBeNull();
    }

    [EngineFact]
    public async Task A_declined_or_expired_charge_moves_no_money()
    {
        (await _core.SendAsync(Request("tok_chargeDeclined"))).Charge!.BalanceTransaction.ShouldBeNull();
        var authorized = await ChargeAsync(capture: false);
        _clock.Advance(TimeSpan.FromDays(7));
        await _core.SendAsync(new ExpireCharge(CoreHost.Merchant, authorized.Id));

        (await ListAsync()).ShouldBeEmpty();
        (await BalanceAsync()).ShouldBe("usd 0 0");
    }

    [EngineFact]
    public async Task Currencies_are_kept_apart()
    {
        await ChargeAsync();
        await _core.SendAsync(Request("tok_visa") with { Currency = "jpy", Amount = 500 });
        await _core.SendAsync(Request("tok_bypassPending") with { Currency = "eur", Amount = 1000 });

        (await BalanceAsync()).ShouldBe("eur 941 0, jpy 0 455, usd 0 1912");
        (await ListAsync(new ListBalanceTransactions { Currency = "jpy" })).ShouldHaveSingleItem().Net.ShouldBe(455);
    }

    [EngineFact]
    public async Task Pages_of_both_kinds_of_rows_have_no_gap_and_no_repeat()
    {
        var made = new List<string>();
        foreach (var source in new[] { "tok_visa", "tok_visa", "tok_bypassPending", "tok_visa", "tok_bypassPending", "tok_bypassPending", "tok_visa" })
        {
            made.Insert(0, (await ChargeAsync(source)).BalanceTransaction!);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        for (var limit = 1; limit <= 8; limit++)
        {
            var (forwards, backwards) = (new List<string>(), new List<string>());
            for (Page<BalanceTransactionObject>? page = null; page is not { HasMore: false };)
            {
                page = await _core.SendAsync(new ListBalanceTransactions { Limit = limit, StartingAfter = page?.Data[^1].Id });
                forwards.AddRange(page.Data.Select(transaction => transaction.Id));
            }

            for (Page<BalanceTransactionObject>? page = null; page is not { HasMore: false };)
            {
                page = await _core.SendAsync(new ListBalanceTransactions { Limit = limit, EndingBefore = page?.Data[0].Id ?? made[^1] });
                backwards.InsertRange(0, page.Data.Select(transaction => transaction.Id));
            }

            forwards.ShouldBe(made);
            backwards.ShouldBe(made[..^1]);
        }
    }

    [EngineFact]
    public async Task Filters_apply_to_both_kinds_of_rows()
    {
        var (own, other) = (await ChargeAsync(), await ChargeAsync("tok_bypassPending"));
        _clock.Advance(TimeSpan.FromSeconds(10));
        var later = await ChargeAsync();

        foreach (var charge in new[] { own, other })
            (await ListAsync(new ListBalanceTransactions { Source = charge.Id })).ShouldHaveSingleItem().Id.ShouldBe(charge.BalanceTransaction);
        (await ListAsync(new ListBalanceTransactions { Type = "charge" })).Count.ShouldBe(3);
        (await ListAsync(new ListBalanceTransactions { Type = "refund" })).ShouldBeEmpty();
        (await ListAsync(new ListBalanceTransactions { Payout = "po_x" })).ShouldBeEmpty();
        (await ListAsync(new ListBalanceTransactions { Created = new TimeRange { Gt = own.Created } })).ShouldHaveSingleItem().Source.ShouldBe(later.Id);
        (await ListAsync(new ListBalanceTransactions { Created = new TimeRange { Lte = own.Created } })).Count.ShouldBe(2);
    }

    [EngineFact]
    public async Task A_merchant_sees_its_own_money_alone()
    {
        var (own, other) = (await ChargeAsync(), await ChargeAsync("tok_bypassPending"));

        foreach (var id in new[] { own.BalanceTransaction!, other.BalanceTransaction!, "txn_x", "x", "" })
        {
            var found = await _core.TryAsync(new GetBalanceTransaction(id), merchant: "acct_other");
            (found.Refused?.Kind, found.Refused?.Message).ShouldBe((ProblemKind.NotFound, $"No such balance transaction: '{id}'"));
            var page = await _core.TryAsync(new ListBalanceTransactions { StartingAfter = id }, merchant: "acct_other");
            (page.Refused?.Kind, page.Refused?.Param).ShouldBe((ProblemKind.InvalidRequest, "starting_after"));
        }

        (await _core.SendAsync(new ListBalanceTransactions(), merchant: "acct_other")).Data.ShouldBeEmpty();
        (await _core.SendAsync(new GetBalance(), merchant: "acct_other")).Available.ShouldHaveSingleItem().Amount.ShouldBe(0);
    }

    [EngineFact]
    public async Task The_fee_of_a_charges_row_is_that_of_every_payment()
    {
        foreach (var amount in Enumerable.Range(0, 200).Select(i => (long)i).Append(Currency.Maximum).Append(Currency.Maximum - 1))
        {
            (await _core.Database.FirstOrDefaultAsync<long>($"SELECT {Fees.SqlOfCharge} FROM (SELECT CAST(@amount AS BIGINT) AS amount_captured) AS x", new { amount }))
                .ShouldBe(Fees.OfPayment(amount));
        }

        Fees.OfPayment(2000).ShouldBe(88);
    }

    private async Task<ChargeObject> ChargeAsync(string source = "tok_visa", bool? capture = null) =>
        (await _core.SendAsync(Request(source) with { Capture = capture })).Charge!;

    private static CreateCharge Request(string source) => new() { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source), Description = "d" };

    private Task<BalanceTransactionObject> TransactionAsync(ChargeObject charge) => _core.SendAsync(new GetBalanceTransaction(charge.BalanceTransaction!));

    private async Task<IReadOnlyList<BalanceTransactionObject>> ListAsync(ListBalanceTransactions? query = null) =>
        (await _core.SendAsync(query ?? new ListBalanceTransactions())).Data;

    /// <summary>Currency, available and pending.</summary>
    private async Task<string> BalanceAsync()
    {
        var balance = await _core.SendAsync(new GetBalance());
        return string.Join(", ", balance.Available.Zip(balance.Pending, (available, pending) => $"{available.Currency} {available.Amount} {pending.Amount}"));
    }
}
