using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Deliveries;

/// <summary>What a person finds among the deliveries of all merchants.</summary>
public sealed class ListDeliveriesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly CoreHost _core;

    public ListDeliveriesTests() => _core = new CoreHost(_folder, _clock);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task All_are_listed_newest_first_with_what_a_person_wants_to_know()
    {
        var endpoint = await EndpointAsync("http://shop.example/hooks");
        var (first, second) = (await ChargeAsync(), await ChargeAsync());

        var rows = (await ListAsync(new DeliveryFilter())).Rows;

        rows.Select(row => row.ObjectId).ShouldBe([second, first]);
        rows[0].ShouldSatisfyAllConditions(
            row => row.EventType.ShouldBe("charge.succeeded"),
            row => row.Url.ShouldBe("http://shop.example/hooks"),
            row => row.EndpointId.ShouldBe(endpoint),
            row => row.MerchantId.ShouldBe(CoreHost.Merchant),
            row => row.Status.ShouldBe(DeliveryStatus.Pending),
            row => row.Attempts.ShouldBe(0),
            row => row.CreatedAt.ShouldBe(ManualClock.Start));
    }

    [EngineFact]
    public async Task Each_field_of_the_filter_leaves_out_what_does_not_match()
    {
        var shop = await EndpointAsync("http://shop.example/hooks");
        var other = await EndpointAsync("http://other.example/HOOKS", merchant: "acct_other");
        var ok = await ChargeAsync();
        _clock.Advance(TimeSpan.FromHours(1));
        var declined = await ChargeAsync("tok_chargeDeclined");
        var theirs = await ChargeAsync(merchant: "acct_other");
        await SetAsync(declined, DeliveryStatus.Failed);
        var later = ManualClock.Start.AddMinutes(30);
        var one = (await ListAsync(new DeliveryFilter { About = ok })).Rows.ShouldHaveSingleItem();

        await FindsAsync(new DeliveryFilter { Merchant = "acct_other" }, theirs);
        await FindsAsync(new DeliveryFilter { Endpoint = shop }, declined, ok);
        await FindsAsync(new DeliveryFilter { Endpoint = "HTTP://OTHER" }, theirs);
        await FindsAsync(new DeliveryFilter { Endpoint = "other.example/hooks" }, theirs);
        await FindsAsync(new DeliveryFilter { EventType = "charge.*" }, theirs, declined, ok);
        await FindsAsync(new DeliveryFilter { EventType = "*.FAILED" }, declined);
        await FindsAsync(new DeliveryFilter { EventType = "charge_succeeded" });
        await FindsAsync(new DeliveryFilter { EventType = "charge%" });
        await FindsAsync(new DeliveryFilter { Status = DeliveryStatus.Failed }, declined);
        await FindsAsync(new DeliveryFilter { Status = DeliveryStatus.Pending }, theirs, ok);
        await FindsAsync(new DeliveryFilter { Status = DeliveryStatus.Succeeded });
        await FindsAsync(new DeliveryFilter { From = later }, theirs, declined);
        await FindsAsync(new DeliveryFilter { To = later }, ok);
        await FindsAsync(new DeliveryFilter { About = declined }, declined);
        await FindsAsync(new DeliveryFilter { About = one.EventId }, ok);
        await FindsAsync(new DeliveryFilter { About = one.Id }, ok);
        await FindsAsync(new DeliveryFilter { About = "ch_unknown" });
        await FindsAsync(new DeliveryFilter { About = "' OR 1=1 --" });
        await FindsAsync(new DeliveryFilter { Endpoint = "%" });
        await FindsAsync(new DeliveryFilter { Merchant = "acct_other", Endpoint = shop });
        await FindsAsync(new DeliveryFilter { EventType = "charge.failed", Status = DeliveryStatus.Failed, Endpoint = "shop", From = later, About = declined }, declined);
        (await ListAsync(new DeliveryFilter { Endpoint = other })).Rows.ShouldHaveSingleItem().MerchantId.ShouldBe("acct_other");
    }

    [EngineFact]
    public async Task A_merchant_is_found_by_a_part_of_its_name()
    {
        await _core.Database.WriteAsync(() => _core.Database.ExecuteAsync(
            "INSERT INTO merchants (id, name, created_at) VALUES ('acct_other', 'Sandbox of sk_test_****oe_1', 1)"));
        await EndpointAsync("http://a.example");
        await EndpointAsync("http://b.example", merchant: "acct_other");
        await ChargeAsync();
        var theirs = await ChargeAsync(merchant: "acct_other");

        await FindsAsync(new DeliveryFilter { Merchant = "OE_1" }, theirs);

        (await ListAsync(new DeliveryFilter { Merchant = "sandbox" })).Rows.Single().MerchantName.ShouldBe("Sandbox of sk_test_****oe_1");
    }

    [EngineFact]
    public async Task Pages_go_on_behind_one_another_and_repeat_and_skip_nothing()
    {
        await EndpointAsync("http://shop.example/");
        var charges = new List<string>();
        for (var i = 0; i < 7; i++) charges.Add(await ChargeAsync());

        var (seen, behind) = (new List<string>(), (string?)null);
        do
        {
            var page = await _core.SendAsync(new ListDeliveries(new DeliveryFilter()) { Behind = behind, Limit = 3 });
            page.Rows.Count.ShouldBeLessThanOrEqualTo(3);
            seen.AddRange(page.Rows.Select(row => row.ObjectId!));
            // What is made meanwhile is newer than all of it.
            if (behind is null) await ChargeAsync();
            behind = page.Next;
        }
        while (behind is not null);

        seen.ShouldBe(charges.AsEnumerable().Reverse());
    }

    [EngineFact]
    public async Task An_objects_webhooks_are_told_from_the_oldest_on()
    {
        await EndpointAsync("http://shop.example/");
        await ChargeAsync();
        var charge = await ChargeAsync();
        _clock.Advance(TimeSpan.FromDays(3));
        await ChargeAsync();
        await _core.SendAsync(new UpdateCharge(charge) { Description = "again" });

        var rows = (await ListAsync(new DeliveryFilter { About = charge })).Rows;

        rows.Select(row => row.EventType).ShouldBe(["charge.succeeded", "charge.updated"]);
    }

    [EngineFact]
    public async Task A_search_stops_after_so_many_rows_and_goes_on_from_there()
    {
        await EndpointAsync("http://shop.example/");
        var old = await ChargeAsync("tok_chargeDeclined");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await FillAsync(20_000);

        var first = await ListAsync(new DeliveryFilter { EventType = "charge.failed" });
        var second = await _core.SendAsync(new ListDeliveries(new DeliveryFilter { EventType = "charge.failed" }) { Behind = first.Next });

        first.Rows.ShouldBeEmpty();
        first.Next.ShouldNotBeNull();
        first.SearchedTo.ShouldBe(_clock.GetUtcNow());
        second.Rows.ShouldHaveSingleItem().ObjectId.ShouldBe(old);
        second.Next.ShouldBeNull();
        // With its own index, and right after the object was made, it is found at once.
        await SetAsync(old, DeliveryStatus.Failed);
        await FindsAsync(new DeliveryFilter { Status = DeliveryStatus.Failed, EventType = "charge.failed" }, old);
        await FindsAsync(new DeliveryFilter { About = old }, old);
        (await _core.SendAsync(new CountDeliveries(new DeliveryFilter()))).ShouldBe(new DeliveryCount(20_001, IsAtLeast: false));
    }

    [EngineFact]
    public async Task What_is_found_is_counted()
    {
        await EndpointAsync("http://shop.example/");
        var failed = await ChargeAsync("tok_chargeDeclined");
        await ChargeAsync();
        await SetAsync(failed, DeliveryStatus.Failed);

        (await CountAsync(new DeliveryFilter())).ShouldBe(2);
        (await CountAsync(new DeliveryFilter { Status = DeliveryStatus.Failed })).ShouldBe(1);
        (await CountAsync(new DeliveryFilter { About = failed, EventType = "charge.*" })).ShouldBe(1);
        (await CountAsync(new DeliveryFilter { Merchant = "acct_nobody" })).ShouldBe(0);
    }

    [Fact]
    public async Task Failed_ones_are_found_by_their_own_index_on_SQLite()
    {
        var plan = await _core.Database.QueryAsync<(long, long, long, string Detail)>(
            "EXPLAIN QUERY PLAN SELECT endpoint_id FROM deliveries WHERE status = 'failed' AND id < 'whd_z' ORDER BY id DESC LIMIT 50");

        plan.ShouldHaveSingleItem().Detail.ShouldContain("INDEX deliveries_failed");
    }

    [EngineFact]
    public async Task A_delivery_is_shown_with_what_is_around_it()
    {
        var endpoint = await EndpointAsync("http://127.0.0.1:1/");
        var charge = await ChargeAsync();
        var id = (await ListAsync(new DeliveryFilter())).Rows.Single().Id;
        await _core.SendAsync(new DeliverWebhook(id));

        var shown = (await _core.SendAsync(new ShowDelivery(id))).ShouldNotBeNull();

        shown.Delivery.Id.ShouldBe(id);
        shown.ObjectId.ShouldBe(charge);
        shown.Endpoint.ShouldNotBeNull().Id.ShouldBe(endpoint);
        shown.Endpoint.Secret.ShouldBeNull();
        shown.Payload.ShouldNotBeNull().ShouldContain(charge);
        shown.Attempts.ShouldHaveSingleItem().ErrorClass.ShouldBe(SendErrorClass.Refused);
        await _core.SendAsync(new DeleteWebhookEndpoint(endpoint));
        (await _core.SendAsync(new ShowDelivery(id))).ShouldNotBeNull().ShouldSatisfyAllConditions(
            gone => gone.Endpoint.ShouldBeNull(), gone => gone.Payload.ShouldNotBeNull().ShouldContain(charge));
        (await _core.SendAsync(new ShowDelivery("whd_unknown"))).ShouldBeNull();
    }

    private Task<DeliveryList> ListAsync(DeliveryFilter filter) => _core.SendAsync(new ListDeliveries(filter));

    private async Task<long> CountAsync(DeliveryFilter filter) => (await _core.SendAsync(new CountDeliveries(filter))).Count;

    /// <summary>Exactly the deliveries about these charges, in this order.</summary>
    private async Task FindsAsync(DeliveryFilter filter, params string[] charges)
    {
        var page = await ListAsync(filter);
        page.Rows.Select(row => row.ObjectId).ShouldBe(charges, filter.ToString());
        (await CountAsync(filter)).ShouldBe(charges.Length, filter.ToString());
    }

    private async Task<string> EndpointAsync(string url, string merchant = CoreHost.Merchant) =>
        (await _core.SendAsync(new CreateWebhookEndpoint { Url = url, EnabledEvents = ["*"] }, merchant: merchant)).Id;

    private async Task<string> ChargeAsync(string source = "tok_visa", string merchant = CoreHost.Merchant) =>
        (await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source) }, merchant: merchant)).Charge!.Id;

    private Task SetAsync(string charge, DeliveryStatus status) => _core.Database.WriteAsync(() => _core.Database.ExecuteAsync(
        "UPDATE deliveries SET status = @status WHERE event_id IN (SELECT id FROM events WHERE object_id = @charge)", new { charge, status = status.Wire() }));

    /// <summary>So many newer deliveries, all alike.</summary>
    private Task FillAsync(int count) => _core.Database.WriteAsync(async () =>
    {
        var (ids, store, now) = (_core.Get<Ids>(), _core.Get<DeliveryStore>(), _clock.GetUtcNow());
        for (var i = 0; i < count; i++)
        {
            await store.InsertAsync(new Delivery
            {
                Id = ids.New("whd"),
                MerchantId = CoreHost.Merchant,
                EventId = "evt_1",
                EventType = "charge.succeeded",
                EndpointId = "we_1",
                Status = DeliveryStatus.Pending,
                TriggerKind = DeliveryTrigger.Automatic,
                Attempts = 0,
                Failures = 0,
                NextAttemptAt = now,
                CreatedAt = now,
            });
        }
    });
}
