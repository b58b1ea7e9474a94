using System.Text.Json;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>The demo shop as a process of its own, with the real simulator: a merchant's whole way from buying to paid.</summary>
public sealed class ShopTests : IClassFixture<SharedSimulatorFixture>, IAsyncLifetime
{
    private readonly Simulator _simulator;
    private readonly Merchant _merchant;
    private Shop _shop = null!;

    public ShopTests(SharedSimulatorFixture fixture) => (_simulator, _merchant) = (fixture.Simulator, fixture.Simulator.NewMerchant());

    public async Task InitializeAsync() => _shop = await Shop.OpenAsync(_simulator, _merchant);

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [EngineTheory]
    [InlineData("tok_visa", "paid", "succeeded", null)]
    [InlineData("tok_chargeDeclined", "failed", "failed", "Your card was declined.")]
    [InlineData("tok_chargeDeclinedInsufficientFunds", "failed", "failed", "Your card has insufficient funds.")]
    public async Task An_order_becomes_what_its_webhook_says(string source, string status, string chargeStatus, string? message)
    {
        var bought = await _shop.BuyAsync(source);

        var order = await _shop.OrderAsync(bought.GetProperty("id").GetString()!, status);

        order.GetProperty("failure_message").GetString().ShouldBe(message);
        var charge = (await _merchant.GetAsync($"/v1/charges/{order.GetProperty("charge_id").GetString()}")).ShouldBe(200);
        charge.Text("status").ShouldBe(chargeStatus);
        charge.Number("amount").ShouldBe(order.GetProperty("amount").GetInt64());
        charge.Text("metadata.order_id").ShouldBe(order.GetProperty("id").GetString());
        (await _merchant.IdsAsync("/v1/charges")).Count.ShouldBe(1);
    }

    [EngineFact]
    public async Task A_bank_debit_is_pending_until_the_bank_answers()
    {
        var id = (await _shop.BuyAsync("btok_us_verified")).GetProperty("id").GetString()!;

        var order = await _shop.OrderAsync(id, "paid");

        Types(order).ShouldBe(["charge.pending", "charge.succeeded"], ignoreOrder: true);
    }

    [EngineFact]
    public async Task A_shop_that_answers_500_twice_is_paid_by_the_third_attempt()
    {
        var id = (await _shop.BuyAsync("tok_visa", failWebhooks: 2)).GetProperty("id").GetString()!;

        var order = await _shop.OrderAsync(id, "paid");

        Answers(order).Order().ShouldBe(["200", "500 on purpose", "500 on purpose"]);
        order.GetProperty("webhooks").EnumerateArray().Select(webhook => webhook.GetProperty("id").GetString()).Distinct().Count().ShouldBe(1);
    }

    [EngineFact]
    public async Task A_webhook_that_is_not_genuine_is_refused_and_changes_nothing()
    {
        var order = await PendingOrderAsync();
        var id = order.GetProperty("id").GetString()!;
        var body = EventOf(order, "charge.succeeded", DateTimeOffset.UtcNow);
        var now = DateTimeOffset.UtcNow;
        var sixMinutes = TimeSpan.FromMinutes(6);

        (await _shop.SendWebhookAsync("evt_1", body, now, "v1,AAAA")).Status.ShouldBe(400);
        (await _shop.SendWebhookAsync("evt_1", body, now, signature: null)).Status.ShouldBe(400);
        (await _shop.SendWebhookAsync("evt_1", body, now, Shop.Sign(Shop.NewSecret(), "evt_1", now, body))).Status.ShouldBe(400);
        (await _shop.SendWebhookAsync("evt_1", body.Replace("charge.", "charge. "), now, Shop.Sign(_shop.Secret, "evt_1", now, body))).Status.ShouldBe(400);
        (await _shop.SendWebhookAsync("evt_2", body, now, Shop.Sign(_shop.Secret, "evt_1", now, body))).Status.ShouldBe(400);
        (await _shop.SendWebhookAsync("evt_1", body, now - sixMinutes)).Status.ShouldBe(400);
        (await _shop.SendWebhookAsync("evt_1", body, now + sixMinutes)).Status.ShouldBe(400);

        var after = await _shop.OrderAsync(id);
        after.GetProperty("status").GetString().ShouldBe("pending");
        Types(after).ShouldNotContain("charge.succeeded");

        // The same webhook, genuine, is taken: nothing of the refused ones was kept.
        (await _shop.SendWebhookAsync("evt_1", body, now)).Status.ShouldBe(200);
        (await _shop.OrderAsync(id)).GetProperty("status").GetString().ShouldBe("paid");
    }

    [EngineFact]
    public async Task A_webhook_that_comes_twenty_times_at_once_is_processed_once()
    {
        var order = await PendingOrderAsync();
        var body = EventOf(order, "charge.succeeded", DateTimeOffset.UtcNow);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _shop.SendWebhookAsync("evt_twice", body, DateTimeOffset.UtcNow)));

        answers.ShouldAllBe(answer => answer.Status == 200);
        answers.Count(answer => answer.Text == "duplicate").ShouldBe(19);
    }

    [EngineFact]
    public async Task An_older_event_never_overwrites_a_newer_one()
    {
        var order = await PendingOrderAsync();
        var (id, now) = (order.GetProperty("id").GetString()!, DateTimeOffset.UtcNow);
        (await _shop.SendWebhookAsync("evt_new", EventOf(order, "charge.succeeded", now.AddSeconds(5)), now)).Status.ShouldBe(200);

        (await _shop.SendWebhookAsync("evt_old", EventOf(order, "charge.failed", now.AddSeconds(2)), now)).Status.ShouldBe(200);
        (await _shop.SendWebhookAsync("evt_older", EventOf(order, "charge.pending", now.AddSeconds(1)), now)).Status.ShouldBe(200);

        var after = await _shop.OrderAsync(id);
        after.GetProperty("status").GetString().ShouldBe("paid");
        Answers(after).Count(answer => answer == "ignored (older)").ShouldBe(2);
    }

    [EngineFact]
    public async Task An_order_bought_while_the_processor_is_down_is_charged_once_when_it_is_retried()
    {
        var port = Shop.FreePort();
        await using var shop = await Shop.OpenAsync($"http://127.0.0.1:{port}", _merchant.Key, secret: "");
        var bought = await shop.BuyAsync("tok_visa");
        var id = bought.GetProperty("id").GetString()!;
        bought.GetProperty("api_problem").GetString().ShouldNotBeNullOrEmpty();
        bought.GetProperty("charge_id").ValueKind.ShouldBe(JsonValueKind.Null);

        // The shop has no secret yet either: it registers its endpoint itself once there is somebody to register with.
        await using var simulator = await Simulator.StartAsync($"--urls=http://127.0.0.1:{port}");
        var merchant = simulator.MerchantWith(_merchant.Key);
        await Eventually.HoldsAsync(async () => (await merchant.IdsAsync("/v1/webhook_endpoints")).Count == 1, "the shop has registered its endpoint");
        await Eventually.HoldsAsync(() => shop.HasSecretAsync(), "the shop has its secret");

        await Task.WhenAll(shop.RetryAsync(id), shop.RetryAsync(id), shop.RetryAsync(id));

        (await shop.OrderAsync(id, "paid")).GetProperty("api_problem").ValueKind.ShouldBe(JsonValueKind.Null);
        (await merchant.IdsAsync("/v1/charges")).Count.ShouldBe(1);
        (await merchant.EventAsync("charge.succeeded")).Text("request.idempotency_key").ShouldBe($"order-{id}");
    }

    [EngineFact]
    public async Task A_shop_that_has_lost_its_own_data_registers_its_endpoint_anew()
    {
        var port = Shop.FreePort();
        await using var simulator = await Simulator.StartAsync();
        var merchant = simulator.NewMerchant();
        var lost = await merchant.AddEndpointAsync($"http://127.0.0.1:{port}/webhooks");

        await using var shop = await Shop.OpenAsync(simulator.Url, merchant.Key, secret: "", port);

        await Eventually.HoldsAsync(() => shop.HasSecretAsync(), "the shop has its secret");
        (await merchant.IdsAsync("/v1/webhook_endpoints")).ShouldHaveSingleItem().ShouldNotBe(lost.Id);
        await shop.OrderAsync((await shop.BuyAsync("tok_visa")).GetProperty("id").GetString()!, "paid");
    }

    [EngineFact]
    public async Task The_shop_ends_when_the_program_that_started_it_is_gone()
    {
        _shop.Process.CloseInput();

        (await _shop.Process.WaitForExitAsync(TimeSpan.FromSeconds(20))).ShouldBe(0);
    }

    /// <summary>An order whose charge awaits a bank that takes its time, so that only the test's own webhooks decide.</summary>
    private async Task<JsonElement> PendingOrderAsync()
    {
        await using var slow = await Simulator.StartAsync("--PaymentSim:BankDebitDelay=1h");
        await _shop.DisposeAsync();
        _shop = await Shop.OpenAsync(slow.Url, "sk_test_slow", Shop.NewSecret());
        var order = await _shop.BuyAsync("btok_us_verified");
        order.GetProperty("charge_id").GetString().ShouldNotBeNullOrEmpty();
        return order;
    }

    private static string EventOf(JsonElement order, string type, DateTimeOffset created) => JsonSerializer.Serialize(new
    {
        id = "evt_made_here",
        @object = "event",
        created = created.ToUnixTimeSeconds(),
        type,
        data = new
        {
            @object = new
            {
                id = order.GetProperty("charge_id").GetString(),
                @object = "charge",
                amount = order.GetProperty("amount").GetInt64(),
                currency = order.GetProperty("currency").GetString(),
                status = type["charge.".Length..],
                metadata = new { order_id = order.GetProperty("id").GetString() },
            },
        },
    });

    private static IEnumerable<string> Types(JsonElement order) =>
        order.GetProperty("webhooks").EnumerateArray().Select(webhook => webhook.GetProperty("type").GetString()!);

    private static IEnumerable<string> Answers(JsonElement order) =>
        order.GetProperty("webhooks").EnumerateArray().Select(webhook => webhook.GetProperty("answer").GetString()!);
}
