using PaymentSim.Core;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Disputes;
using PaymentSim.Core.Payouts;
using PaymentSim.Core.Refunds;
using PaymentSim.Core.Scheduling;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Balance;

/// <summary>Whatever a merchant does, and in whatever order: the books agree. A seed names a sequence, so that one that fails can be run again.</summary>
public sealed class LedgerPropertyTests : IDisposable
{
    private const int Steps = 50;

    private static readonly string[] Sources =
    [
        "tok_visa", "tok_visa", "tok_bypassPending", "tok_chargeDeclined", "btok_us_verified", "pm_usBankAccount_accountClosed", "tok_createDispute",
        "tok_createDisputeInquiry", "tok_pendingRefund", "tok_refundFail",
    ];

    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;
    private readonly List<string> _charges = [];
    private readonly Dictionary<string, int> _done = [];

    public LedgerPropertyTests() => _core = new CoreHost(_folder, _clock);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_books_agree_after_every_step(int seed)
    {
        var random = new Random(seed);
        for (var step = 0; step < Steps; step++)
        {
            var what = await StepAsync(random);
            await AgreeAsync($"seed {seed}, step {step}: {what}");
        }

        _done.Count(pair => pair.Value > 0).ShouldBeGreaterThan(6, $"the sequence does most of what there is: {string.Join(", ", _done)}");
    }

    [EngineTheory]
    [InlineData("UPDATE balance_transactions SET amount = amount + 1 WHERE type = 'refund'")]
    [InlineData("UPDATE balance_transactions SET fee = 1 WHERE type = 'refund'")]
    [InlineData("DELETE FROM balance_transactions WHERE type = 'refund'")]
    [InlineData("INSERT INTO balance_transactions SELECT 'txn_zz', merchant_id, type, amount, fee, currency, description, source, available_at, created_at FROM balance_transactions WHERE type = 'refund'")]
    [InlineData("UPDATE charges SET amount_refunded = amount_refunded + 1")]
    [InlineData("UPDATE charges SET amount_captured = amount_captured - 1")]
    [InlineData("UPDATE charges SET balance_transaction = 'txn_zz'")]
    [InlineData("DELETE FROM refunds")]
    public async Task Books_that_do_not_agree_would_be_seen(string sql)
    {
        var charge = (await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") })).Charge!;
        await _core.SendAsync(new CreateRefund { Charge = charge.Id, Amount = 500 });
        await AgreeAsync("before");

        await _core.Database.WriteAsync(async () => (await _core.Database.ExecuteAsync(sql)).ShouldBe(1));

        (await Record.ExceptionAsync(() => AgreeAsync("after"))).ShouldBeOfType<ShouldAssertException>();
    }

    private async Task<string> StepAsync(Random random)
    {
        var choice = random.Next(100);
        var amount = random.Next(3) == 0 ? (long?)null : random.Next(1, 3000);
        var charge = _charges.Count == 0 ? "ch_none" : _charges[random.Next(_charges.Count)];
        switch (choice)
        {
            case < 30:
                var source = Sources[random.Next(Sources.Length)];
                var made = await _core.SendAsync(new CreateCharge
                {
                    Amount = random.Next(50, 3000), Currency = "usd", Source = ChargeSource.FromString(source), Capture = random.Next(4) > 0,
                });
                _charges.Add(made.Charge!.Id);
                return Did($"charge {source}", refused: false);
            case < 40: return await TryAsync("capture", new CaptureCharge(charge) { Amount = amount });
            case < 58: return await TryAsync("refund", new CreateRefund { Charge = charge, Amount = amount });
            case < 62: return await TryAsync("cancel a refund", new CancelRefund(await PickAsync("refunds", random)));
            case < 66: return await TryAsync("dispute", new OpenDispute(charge) { Inquiry = random.Next(4) == 0 });
            case < 74:
                var text = random.Next(3) switch { 0 => "winning_evidence", 1 => "losing_evidence", _ => "perhaps" };
                return await TryAsync(
                    $"answer with {text}",
                    new UpdateDispute(await PickAsync("disputes", random)) { Evidence = new Dictionary<string, string> { ["uncategorized_text"] = text } });
            case < 77: return await TryAsync("close a dispute", new CloseDispute(await PickAsync("disputes", random)));
            case < 83: return await TryAsync("pay out", new CreatePayout { Amount = random.Next(1, 2000), Currency = "usd" });
            case < 86: return await TryAsync("cancel a payout", new CancelPayout(await PickAsync("payouts", random)));
            case < 88: return await TryAsync("reverse a payout", new ReversePayout(await PickAsync("payouts", random)));
            case < 90: return await TryAsync("fail a payout", new FailPayout(await PickAsync("payouts", random)));
            default:
                _clock.Advance(random.Next(3) switch { 0 => TimeSpan.FromMinutes(1), 1 => TimeSpan.FromHours(30), _ => TimeSpan.FromDays(4) });
                return await RunJobsAsync();
        }
    }

    /// <summary>Does what is due, some of it twice; then all jobs are lost, to be found again when they are due.</summary>
    private async Task<string> RunJobsAsync()
    {
        await _core.SendAsync(new SweepDueWork());
        var jobs = _core.Jobs.Enqueued.Select(entry => entry.Job).ToList();
        foreach (var job in jobs.Concat(jobs.Take(2)))
        {
            switch (job)
            {
                case SettleCharge settle: await _core.SendAsync(settle); break;
                case ExpireCharge expire: await _core.SendAsync(expire); break;
                case SettleRefund settle: await _core.SendAsync(settle); break;
                case DecideDispute decide: await _core.SendAsync(decide); break;
                case PayPayout pay: await _core.SendAsync(pay); break;
                default: throw new InvalidOperationException($"Unknown job {job}.");
            }
        }

        _core.Jobs.Lose();
        return Did("time", refused: false);
    }

    private async Task<string> TryAsync<T>(string what, MediatR.IRequest<T> request)
    {
        var answer = await _core.TryAsync(request);
        if (answer.Refused is { } refused) refused.Kind.ShouldBeOneOf([ProblemKind.InvalidRequest, ProblemKind.NotFound, ProblemKind.Conflict], $"{what}: {refused.Message}");
        return Did(what, answer.Refused is not null);
    }

    private string Did(string what, bool refused)
    {
        if (!refused) _done[what] = _done.GetValueOrDefault(what) + 1;
        return refused ? $"{what} (refused)" : what;
    }

    private async Task<string> PickAsync(string table, Random random)
    {
        var ids = await _core.Database.QueryAsync<string>($"SELECT id FROM {table} ORDER BY id");
        return ids.Count == 0 ? "none" : ids[random.Next(ids.Count)];
    }

    private async Task AgreeAsync(string after)
    {
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        var transactions = await AllAsync(cursor => new ListBalanceTransactions { Limit = 100, StartingAfter = cursor }, transaction => transaction.Id);
        var charges = await AllAsync(cursor => new ListCharges { Limit = 100, StartingAfter = cursor }, charge => charge.Id);
        var refunds = await AllAsync(cursor => new ListRefunds { Limit = 100, StartingAfter = cursor }, refund => refund.Id);
        var disputes = await AllAsync(cursor => new ListDisputes { Limit = 100, StartingAfter = cursor }, dispute => dispute.Id);
        var payouts = await AllAsync(cursor => new ListPayouts { Limit = 100, StartingAfter = cursor }, payout => payout.Id);

        // The balance is the sum of its transactions.
        var balance = await _core.SendAsync(new GetBalance());
        balance.Available.Single().Amount.ShouldBe(transactions.Where(t => t.Status == "available").Sum(t => t.Net), after);
        balance.Pending.Single().Amount.ShouldBe(transactions.Where(t => t.Status == "pending").Sum(t => t.Net), after);

        foreach (var transaction in transactions)
        {
            transaction.Net.ShouldBe(transaction.Amount - transaction.Fee, after);
            transaction.Fee.ShouldBe(
                transaction.Type switch
                {
                    "charge" or "payment" => Fees.OfPayment(transaction.Amount),
                    "adjustment" => transaction.Amount < 0 ? Fees.Dispute : -Fees.Dispute,
                    _ => 0,
                },
                after);
            transaction.FeeDetails.Sum(detail => detail.Amount).ShouldBe(transaction.Fee, after);
            transaction.Status.ShouldBe(transaction.AvailableOn <= now ? "available" : "pending", after);
        }

        // Each movement is one transaction's, and each transaction is some movement's.
        var moved = charges.Select(charge => (charge.BalanceTransaction, charge.Id, charge.AmountCaptured))
            .Concat(refunds.SelectMany(refund => new[] { (refund.BalanceTransaction, refund.Id, -refund.Amount), (refund.FailureBalanceTransaction, refund.Id, refund.Amount) }))
            .Concat(disputes.SelectMany(dispute => dispute.BalanceTransactions.Select((t, i) => ((string?)t.Id, dispute.Id, i == 0 ? -dispute.Amount : dispute.Amount))))
            .Concat(payouts.SelectMany(payout => new[] { (payout.BalanceTransaction, payout.Id, -payout.Amount), (payout.FailureBalanceTransaction, payout.Id, payout.Amount) }))
            .Where(movement => movement.Item1 is not null);
        moved.Order().ShouldBe(transactions.Select(t => ((string?)t.Id, t.Source, t.Amount)).Order(), after);

        foreach (var charge in charges) Agrees(charge, [.. refunds.Where(refund => refund.Charge == charge.Id)], after);
    }

    /// <summary>No charge gives back more than it took.</summary>
    private static void Agrees(ChargeObject charge, IReadOnlyList<RefundObject> refunds, string after)
    {
        var (returned, released) = (refunds.Where(refund => refund.Status is "pending" or "succeeded").Sum(refund => refund.Amount), 0L);
        if (charge.Captured) released = charge.Amount - charge.AmountCaptured;
        else if (refunds.Count == 0) released = charge.AmountRefunded;

        charge.AmountRefunded.ShouldBeInRange(0, charge.Amount, after);
        charge.AmountRefunded.ShouldBe(returned + released, after);
        charge.Refunded.ShouldBe(charge.AmountRefunded == charge.Amount, after);
        (charge.BalanceTransaction is not null).ShouldBe(charge.Captured, after);
        charge.AmountCaptured.ShouldBeInRange(charge.Captured ? 1 : 0, charge.Captured ? charge.Amount : 0, after);
        (charge.AmountCaptured - refunds.Where(refund => refund is { BalanceTransaction: not null, FailureBalanceTransaction: null }).Sum(refund => refund.Amount))
            .ShouldBeGreaterThanOrEqualTo(0, after);
        charge.Refunds.Data.Select(refund => refund.Id).ShouldBe(refunds.Take(10).Select(refund => refund.Id), after);
    }

    private async Task<List<T>> AllAsync<T>(Func<string?, MediatR.IRequest<Page<T>>> query, Func<T, string> id)
    {
        var all = new List<T>();
        for (Page<T>? page = null; page is not { HasMore: false };)
        {
            page = await _core.SendAsync(query(page is null ? null : id(page.Data[^1])));
            all.AddRange(page.Data);
        }

        return all;
    }
}
