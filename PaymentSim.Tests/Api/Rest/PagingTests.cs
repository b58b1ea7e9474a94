using PaymentSim.Tests.Support;
using Stripe;

namespace PaymentSim.Tests.Api.Rest;

public sealed class PagingTests(PagingTests.Thousand thousand) : IClassFixture<PagingTests.Thousand>
{
    private Merchant Merchant => thousand.Merchant;

    [EngineTheory]
    [InlineData("/v1/charges", 1, 40)]
    [InlineData("/v1/charges", 7, int.MaxValue)]
    [InlineData("/v1/charges", 100, int.MaxValue)]
    [InlineData("/v1/events", 100, int.MaxValue)]
    public async Task Pages_forwards_have_no_gap_and_no_repeat(string list, int limit, int most)
    {
        var all = list == "/v1/charges" ? thousand.Charges : thousand.Events;
        var (seen, cursor, more) = (new List<string>(), "", true);
        while (more && seen.Count < most)
        {
            var page = (await Merchant.GetAsync($"{list}?limit={limit}{cursor}")).ShouldBe(200);
            page.Ids.Count.ShouldBe(Math.Min(limit, all.Count - seen.Count));
            seen.AddRange(page.Ids);
            more = page.HasMore;
            more.ShouldBe(seen.Count < all.Count);
            cursor = $"&starting_after={seen[^1]}";
        }

        seen.ShouldBe(all.Take(seen.Count));
    }

    [EngineTheory]
    [InlineData(1, 40)]
    [InlineData(7, int.MaxValue)]
    [InlineData(100, int.MaxValue)]
    public async Task Pages_backwards_have_no_gap_and_no_repeat(int limit, int most)
    {
        var newestFirst = thousand.Charges;
        var (seen, more) = (new List<string> { newestFirst[^1] }, true);
        while (more && seen.Count < most)
        {
            var page = (await Merchant.GetAsync($"/v1/charges?limit={limit}&ending_before={seen[0]}")).ShouldBe(200);
            page.Ids.Count.ShouldBe(Math.Min(limit, newestFirst.Count - seen.Count));
            seen.InsertRange(0, page.Ids);
            more = page.HasMore;
            more.ShouldBe(seen.Count < newestFirst.Count);
        }

        seen.ShouldBe(newestFirst.Skip(newestFirst.Count - seen.Count));
    }

    [EngineFact]
    public async Task A_list_says_what_it_is()
    {
        var page = (await Merchant.GetAsync("/v1/charges")).ShouldBe(200);

        page.Text("object").ShouldBe("list");
        page.Text("url").ShouldBe("/v1/charges");
        page.Ids.ShouldBe(thousand.Charges.Take(10));
        page.HasMore.ShouldBeTrue();
    }

    [EngineFact]
    public async Task Has_more_is_right_at_the_edges()
    {
        var all = thousand.Charges;

        (await PageAsync($"limit=10&starting_after={all[^11]}")).ShouldBe((10, false));
        (await PageAsync($"limit=10&starting_after={all[^12]}")).ShouldBe((10, true));
        (await PageAsync($"limit=10&starting_after={all[^1]}")).ShouldBe((0, false));
        (await PageAsync($"limit=10&ending_before={all[10]}")).ShouldBe((10, false));
        (await PageAsync($"limit=10&ending_before={all[11]}")).ShouldBe((10, true));
        (await PageAsync($"limit=10&ending_before={all[0]}")).ShouldBe((0, false));

        async Task<(int Count, bool More)> PageAsync(string query)
        {
            var page = (await Merchant.GetAsync("/v1/charges?" + query)).ShouldBe(200);
            return (page.Ids.Count, page.HasMore);
        }
    }

    [EngineFact]
    public async Task Charges_that_are_made_meanwhile_leave_no_gap_and_no_repeat()
    {
        var merchant = thousand.Simulator.NewMerchant();
        var before = new List<string>();
        for (var i = 0; i < 60; i++) before.Insert(0, (await merchant.ChargeAsync()).ShouldBe(200).Id);

        using var enough = new CancellationTokenSource();
        var others = Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!enough.IsCancellationRequested) (await merchant.ChargeAsync()).ShouldBe(200);
        }));
        var (seen, more) = (new List<string>(), true);
        while (more)
        {
            var page = (await merchant.GetAsync("/v1/charges?limit=3" + (seen.Count == 0 ? "" : $"&starting_after={seen[^1]}"))).ShouldBe(200);
            seen.AddRange(page.Ids);
            more = page.HasMore;
        }

        await enough.CancelAsync();
        await others;
        seen.Distinct().Count().ShouldBe(seen.Count);
        seen.TakeLast(60).ShouldBe(before);

        // Backwards from the oldest, everything that came since is found as well.
        var all = await merchant.IdsAsync("/v1/charges");
        var (forwards, last) = (new List<string> { before[^1] }, false);
        while (!last)
        {
            var page = (await merchant.GetAsync($"/v1/charges?limit=7&ending_before={forwards[0]}")).ShouldBe(200);
            forwards.InsertRange(0, page.Ids);
            last = !page.HasMore;
        }

        forwards.ShouldBe(all);
    }

    [EngineFact]
    public async Task A_created_range_holds_what_was_created_in_it()
    {
        var charges = thousand.Created;
        var from = charges.Min(charge => charge.Created);
        var to = charges.Max(charge => charge.Created);
        to.ShouldBeGreaterThan(from, "the thousand charges should span seconds");
        var middle = (from + to) / 2;

        foreach (var (query, holds) in new (string, Func<long, bool>)[]
                 {
                     ($"created[gte]={middle}", created => created >= middle),
                     ($"created[gt]={middle}", created => created > middle),
                     ($"created[lte]={middle}", created => created <= middle),
                     ($"created[lt]={middle}", created => created < middle),
                     ($"created={middle}", created => created == middle),
                     ($"created[gte]={from}&created[lt]={to}", created => created < to),
                     ($"created[gt]={to}", _ => false),
                     ($"created[lt]={from}", _ => false),
                     ($"created[gt]={long.MaxValue}", _ => false),
                     ($"created[lte]={long.MaxValue}", _ => true),
                     ($"created[gte]={long.MinValue}", _ => true),
                 })
        {
            (await Merchant.IdsAsync("/v1/charges?" + query)).ShouldBe(charges.Where(charge => holds(charge.Created)).Select(charge => charge.Id), query);
        }
    }

    [EngineFact]
    public async Task The_official_client_pages_through_all()
    {
        var client = new StripeClient(Merchant.Key, apiBase: thousand.Simulator.Url);

        var ids = new List<string>();
        await foreach (var charge in client.V1.Charges.ListAutoPagingAsync(new ChargeListOptions { Limit = 100 })) ids.Add(charge.Id);

        ids.ShouldBe(thousand.Charges);
    }

    /// <summary>A simulator whose one merchant has more than a thousand charges.</summary>
    public sealed class Thousand : IAsyncLifetime
    {
        private const int Count = 1005;

        public Simulator Simulator { get; private set; } = null!;

        public Merchant Merchant { get; private set; } = null!;

        /// <summary>Newest first.</summary>
        public IReadOnlyList<string> Charges => [.. Created.Select(charge => charge.Id)];

        /// <summary>Newest first.</summary>
        public IReadOnlyList<(string Id, long Created)> Created { get; private set; } = [];

        public IReadOnlyList<string> Events { get; private set; } = [];

        public async Task InitializeAsync()
        {
            Simulator = await Simulator.StartAsync();
            Merchant = Simulator.NewMerchant();
            var made = new System.Collections.Concurrent.ConcurrentBag<(string Id, long Created)>();
            await MakeAsync(Count / 2);
            // The two halves lie in different seconds, for the tests of time ranges.
            var second = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            await Eventually.HoldsAsync(() => Task.FromResult(DateTimeOffset.UtcNow.ToUnixTimeSeconds() > second), "a second has begun");
            await MakeAsync(Count - Count / 2);
            Created = [.. made.OrderByDescending(charge => charge.Id, StringComparer.Ordinal)];
            Events = await Merchant.IdsAsync("/v1/events");
            Events.Count.ShouldBe(Count);

            Task MakeAsync(int count) => Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
            {
                var charge = (await Merchant.ChargeAsync()).ShouldBe(200);
                made.Add((charge.Id, charge.Number("created")));
            });
        }

        public async Task DisposeAsync() => await Simulator.DisposeAsync();
    }
}
