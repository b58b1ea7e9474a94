using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using PaymentSim.Core;

namespace PaymentSim.Api.Cli.Demo;

/// <summary>The demo's eyes and hands: the two programs' HTTP APIs, as any merchant and its customers use them.</summary>
internal sealed class DemoClient : IDisposable
{
    private readonly HttpClient _simulator;
    private readonly HttpClient _shop;

    public DemoClient(DemoOptions options, string apiKey)
    {
        _simulator = new HttpClient { BaseAddress = options.Url };
        _simulator.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        _shop = new HttpClient { BaseAddress = options.ShopUrl };
    }

    public void Dispose()
    {
        _simulator.Dispose();
        _shop.Dispose();
    }

    /// <summary>Registers a URL for charge events, in place of what an earlier demo registered there. Answers the signing secret.</summary>
    public async Task<string> RegisterEndpointAsync(Uri url, CancellationToken stop)
    {
        foreach (var old in (await GetAsync(_simulator, "/v1/webhook_endpoints?limit=100", stop))["data"]!.AsArray())
        {
            if ((string)old!["url"]! != url.ToString()) continue;
            using var deleted = await _simulator.DeleteAsync(new Uri($"/v1/webhook_endpoints/{old["id"]}", UriKind.Relative), stop);
            deleted.EnsureSuccessStatusCode();
        }

        var made = await PostAsync(_simulator, "/v1/webhook_endpoints", new JsonObject
        {
            ["url"] = url.ToString(),
            ["enabled_events"] = new JsonArray("charge.succeeded", "charge.failed", "charge.pending"),
            ["description"] = "The demo shop",
        }, stop);
        return (string)made["secret"]!;
    }

    public async Task<IReadOnlyList<string>> ListProductsAsync(CancellationToken stop) =>
        [.. (await GetAsync(_shop, "/api/products", stop)).AsArray().Select(product => (string)product!["id"]!)];

    /// <summary>Buys in the shop, and answers the order's id.</summary>
    public async Task<string> BuyAsync(string product, DemoPurchase purchase, CancellationToken stop) => (string)(await PostAsync(_shop, "/api/orders", new JsonObject
    {
        ["product_id"] = product,
        ["source"] = purchase.Source,
        ["fail_webhooks"] = purchase.FailWebhooks,
    }, stop))["id"]!;

    public Task<JsonNode> GetOrderAsync(string id, CancellationToken stop) => GetAsync(_shop, $"/api/orders/{id}", stop);

    public Task<JsonNode> GetChargeAsync(string id, CancellationToken stop) => GetAsync(_simulator, $"/v1/charges/{id}", stop);

    /// <summary>The ids of all charges that were made for an order.</summary>
    public async Task<IReadOnlyList<string>> ListChargesOfAsync(string orderId, CancellationToken stop) =>
        [.. (await GetAsync(_simulator, "/v1/charges?limit=100", stop))["data"]!.AsArray()
            .Where(charge => (string?)charge!["metadata"]!["order_id"] == orderId).Select(charge => (string)charge!["id"]!)];

    /// <summary>The events about a charge, oldest first.</summary>
    public async Task<IReadOnlyList<JsonNode>> ListEventsAsync(string chargeId, CancellationToken stop) =>
        [.. (await GetAsync(_simulator, "/v1/events?limit=100", stop))["data"]!.AsArray()
            .Where(recorded => (string)recorded!["data"]!["object"]!["id"]! == chargeId).Reverse()!];

    public async Task<IReadOnlyList<JsonNode>> ListDeliveriesAsync(string eventId, CancellationToken stop) =>
        [.. (await GetAsync(_simulator, $"/v1/test_helpers/events/{eventId}/deliveries", stop))["data"]!.AsArray()!];

    private static async Task<JsonNode> GetAsync(HttpClient http, string path, CancellationToken stop)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), stop);
        return await ReadAsync(response, path, stop);
    }

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, JsonObject body, CancellationToken stop)
    {
        using var response = await http.PostAsJsonAsync(path, body, CoreJson.Options, stop);
        return await ReadAsync(response, path, stop);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, string path, CancellationToken stop)
    {
        var text = await response.Content.ReadAsStringAsync(stop);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new DemoException($"{response.RequestMessage!.Method} {path} answered {(int)response.StatusCode}: {text}");
    }
}
