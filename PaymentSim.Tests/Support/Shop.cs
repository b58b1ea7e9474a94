using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PaymentSim.Tests.Support;

/// <summary>The demo shop as a process of its own, with a database of its own.</summary>
public sealed class Shop : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly HttpClient _http;

    private Shop(ProgramProcess process, string url, TempFolder folder, string secret)
    {
        (Process, Url, _folder, Secret) = (process, url, folder, secret);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = new Uri(url) };
    }

    public ProgramProcess Process { get; }

    /// <summary><c>http://127.0.0.1:40123</c>.</summary>
    public string Url { get; }

    public string Secret { get; }

    /// <summary>A secret as the simulator makes them.</summary>
    public static string NewSecret() => "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>Opens a shop and registers its endpoint with the merchant.</summary>
    public static async Task<Shop> OpenAsync(Simulator simulator, Merchant merchant)
    {
        // The endpoint's secret is known only once its URL is, so the port is chosen first.
        var port = FreePort();
        var endpoint = await merchant.AddEndpointAsync($"http://127.0.0.1:{port}/webhooks");
        return await OpenAsync(simulator.Url, merchant.Key, endpoint.Secret, port);
    }

    /// <summary>Opens a shop.</summary>
    /// <param name="simulatorUrl">Where it makes charges.</param>
    /// <param name="apiKey">Its key.</param>
    /// <param name="secret">Its endpoint's secret; empty: it registers itself.</param>
    /// <param name="port">0: any free one.</param>
    public static async Task<Shop> OpenAsync(string simulatorUrl, string apiKey, string secret, int port = 0)
    {
        var folder = new TempFolder();
        var (process, url) = await ProgramProcess.StartAsync(
            Repository.ProgramOf("merchant-demo"),
            "Shop is open at ",
            ["--urls", $"http://127.0.0.1:{port}"],
            new Dictionary<string, string>
            {
                ["Shop__DataDirectory"] = folder.Path,
                ["Shop__PaymentSimUrl"] = simulatorUrl,
                ["Shop__ApiKey"] = apiKey,
                ["Shop__WebhookSecret"] = secret,
                ["Shop__ExitWhenInputCloses"] = "true",
            });
        return new Shop(process, url, folder, secret);
    }

    /// <summary>Buys the first product, and answers the order.</summary>
    public async Task<JsonElement> BuyAsync(string source, int failWebhooks = 0)
    {
        var products = await _http.GetFromJsonAsync<JsonElement>("/api/products");
        using var response = await _http.PostAsJsonAsync(
            "/api/orders", new { product_id = products[0].GetProperty("id").GetString(), source, fail_webhooks = failWebhooks });
        var order = await response.Content.ReadFromJsonAsync<JsonElement>();
        ((int)response.StatusCode).ShouldBe(201, order.ToString());
        return order;
    }

    public Task<JsonElement> OrderAsync(string id) => _http.GetFromJsonAsync<JsonElement>($"/api/orders/{id}");

    /// <summary>Waits until an order has this status, and answers it.</summary>
    public Task<JsonElement> OrderAsync(string id, string status) => Eventually.HoldsAsync(
        () => OrderAsync(id), order => order.GetProperty("status").GetString() == status, $"order {id} is {status}");

    /// <summary>True once the shop can verify webhooks.</summary>
    public async Task<bool> HasSecretAsync() => (await _http.GetFromJsonAsync<JsonElement>("/health")).GetProperty("webhook_secret").GetBoolean();

    /// <summary>Presses the order page's Retry button.</summary>
    public async Task<int> RetryAsync(string id)
    {
        using var response = await _http.PostAsync($"/orders/{id}/retry", null);
        return (int)response.StatusCode;
    }

    /// <summary>Sends a webhook as a sender of Standard Webhooks does, signed with the shop's secret.</summary>
    public Task<(int Status, string Text)> SendWebhookAsync(string id, string body, DateTimeOffset at) =>
        SendWebhookAsync(id, body, at, Sign(Secret, id, at, body));

    public async Task<(int Status, string Text)> SendWebhookAsync(string id, string body, DateTimeOffset at, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", $"{at.ToUnixTimeSeconds()}");
        if (signature is not null) request.Headers.Add("webhook-signature", signature);
        using var response = await _http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The signature that the Standard Webhooks specification asks for, computed here on its own.</summary>
    public static string Sign(string secret, string id, DateTimeOffset at, string body) => "v1," + Convert.ToBase64String(
        HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{id}.{at.ToUnixTimeSeconds()}.{body}")));

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
