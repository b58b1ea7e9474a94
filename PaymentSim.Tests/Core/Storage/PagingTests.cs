using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Storage;

/// <summary>Cursor paging, over a thousand charges that are really there.</summary>
public sealed class PagingTests : IAsyncLifetime
{
    private const int Count = 1_050;

    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;
    private readonly List<string> _newestFirst = [];

    public PagingTests() => _core = new CoreHost(_folder, _clock);

    public async Task InitializeAsync()
    {
        await _core.Database.WriteAsync(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                // Several in one millisecond, as under load.
                if (i % 4 == 0) _clock.Advance(TimeSpan.FromMilliseconds(700));
                await AddAsync(CoreHost.Merchant, i % 3 == 0 ? "every third" : null);
                if (i % 5 == 0) await AddAsync("acct_other", null);
            }
        });
        (await _core.CountAsync("charges")).ShouldBe(Count + Count / 5);
    }

    public Task DisposeAsync()
    {
        _core.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [EngineTheory]
    [InlineData(100)]
    [InlineData(99)]
    [InlineData(7)]
    public async Task Forwards_every_charge_comes_once_newest_first_though_new_ones_are_made_meanwhile(int limit)
    {
        var expected = _newestFirst.ToList();

        var (seen, pages) = await WalkAsync(after => new ListCharges { Limit = limit, StartingAfter = after }, backwards: false);

        seen.ShouldBe(expected);
        pages.ShouldBe((expected.Count + limit - 1) / limit);
    }

    [EngineTheory]
    [InlineData(100)]
    [InlineData(13)]
    public async Task Backwards_every_newer_charge_comes_once_those_made_meanwhile_included(int limit)
    {
        var oldest = _newestFirst[^1];

        var (seen, _) = await WalkAsync(before => new ListCharges { Limit = limit, EndingBefore = before ?? oldest }, backwards: true);

        seen.ShouldBe(_newestFirst[..^1]);
    }

    [EngineFact]
    public async Task A_filter_holds_on_every_page()
    {
        var expected = _newestFirst.Where((_, i) => (Count - 1 - i) % 3 == 0).ToList();

        var (seen, _) = await WalkAsync(
            after => new ListCharges { Limit = 50, StartingAfter = after, TransferGroup = "every third" }, backwards: false, meanwhile: false);

        seen.ShouldBe(expected);
    }

    [EngineFact]
    public async Task A_range_of_times_holds_to_the_second()
    {
        var from = ManualClock.Start.ToUnixTimeSeconds() + 10;

        var page = await _core.SendAsync(new ListCharges { Limit = 100, Created = new TimeRange { Gte = from, Lt = from + 5 } });

        page.Data.Count.ShouldBeInRange(20, 40);
        page.Data.ShouldAllBe(charge => charge.Created >= from && charge.Created < from + 5);
        page.HasMore.ShouldBeFalse();
        var all = await _core.Database.FirstOrDefaultAsync<long>(
            $"SELECT COUNT(*) FROM charges WHERE merchant_id = '{CoreHost.Merchant}' AND created_at / 1000 BETWEEN {from} AND {from + 4}");
        page.Data.Count.ShouldBe((int)all);
    }

    [EngineFact]
    public async Task Ten_come_unless_told() => (await _core.SendAsync(new ListCharges())).Data.Select(charge => charge.Id).ShouldBe(_newestFirst[..10]);

    [EngineFact]
    public async Task The_page_before_the_newest_is_empty()
    {
        var page = await _core.SendAsync(new ListCharges { EndingBefore = _newestFirst[0] });

        (page.Data.Count, page.HasMore).ShouldBe((0, false));
    }

    [EngineFact]
    public async Task The_page_before_a_charge_ends_right_before_it_and_says_whether_newer_ones_follow()
    {
        var page = await _core.SendAsync(new ListCharges { Limit = 3, EndingBefore = _newestFirst[10] });

        page.Data.Select(charge => charge.Id).ShouldBe(_newestFirst[7..10]);
        page.HasMore.ShouldBeTrue();
        (await _core.SendAsync(new ListCharges { Limit = 10, EndingBefore = _newestFirst[10] })).HasMore.ShouldBeFalse();
    }

    [EngineTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cursor_that_names_no_charge_of_this_merchant_is_refused(bool forwards)
    {
        var foreign = (await _core.SendAsync(new ListCharges { Limit = 1 }, merchant: "acct_other")).Data[0].Id;
        foreach (var id in new[] { "ch_nobody", foreign })
        {
            var answer = await _core.TryAsync(forwards ? new ListCharges { StartingAfter = id } : new ListCharges { EndingBefore = id });

            answer.Refused.ShouldBe(new Problem(ProblemKind.InvalidRequest, ProblemCode.ResourceMissing, $"No such charge: '{id}'")
            {
                Param = forwards ? "starting_after" : "ending_before",
            });
        }
    }

    [EngineTheory]
    [InlineData(0L, false, "limit")]
    [InlineData(101L, false, "limit")]
    [InlineData(-1L, false, "limit")]
    [InlineData(10L, true, "ending_before")]
    public async Task A_page_of_no_size_or_with_both_cursors_is_refused(long limit, bool both, string param)
    {
        var id = _newestFirst[5];

        var answer = await _core.TryAsync(new ListCharges { Limit = limit, StartingAfter = both ? id : null, EndingBefore = both ? id : null });

        (answer.Refused?.Kind, answer.Refused?.Param).ShouldBe((ProblemKind.InvalidRequest, param));
    }

    private async Task<(List<string> NewestFirst, int Pages)> WalkAsync(Func<string?, ListCharges> next, bool backwards, bool meanwhile = true)
    {
        var (seen, pages) = (new List<string>(), 0);
        string? cursor = null;
        while (true)
        {
            var page = await _core.SendAsync(next(cursor));
            pages++;
            var ids = page.Data.Select(charge => charge.Id).ToList();
            if (backwards) seen.InsertRange(0, ids);
            else seen.AddRange(ids);
            if (!page.HasMore) return (seen, pages);

            cursor = backwards ? ids[0] : ids[^1];
            if (meanwhile && pages <= 5) await _core.Database.WriteAsync(() => AddAsync(CoreHost.Merchant, null));
        }
    }

    private async Task AddAsync(string merchant, string? group)
    {
        var charge = Samples.Charge(_core.Get<Ids>().New("ch"), merchant, _clock.GetUtcNow()) with { TransferGroup = group };
        await _core.Get<ChargeStore>().InsertAsync(charge);
        if (merchant == CoreHost.Merchant) _newestFirst.Insert(0, charge.Id);
    }
}
