using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace PaymentSim.Tests.Support;

/// <summary>A merchant's HTTP client: one API key, and so one isolated merchant.</summary>
public sealed class Merchant(string key, HttpClient http)
{
    public string Key { get; } = key;

    public Task<ApiAnswer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<ApiAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    /// <summary>Posts a form: <c>("metadata[order]", "1")</c>.</summary>
    public Task<ApiAnswer> PostAsync(string path, params (string Name, string Value)[] form) => PostAsync(path, null, form);

    public Task<ApiAnswer> PostAsync(string path, string? idempotencyKey, params (string Name, string Value)[] form) =>
        SendAsync(HttpMethod.Post, path, Form(form), Idempotent(idempotencyKey));

    /// <summary>Posts JSON, given as text or as an object.</summary>
    public Task<ApiAnswer> PostJsonAsync(string path, object body, string? idempotencyKey = null) =>
        SendAsync(HttpMethod.Post, path, Json(body as string ?? JsonSerializer.Serialize(body)), Idempotent(idempotencyKey));

    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        return await ApiAnswer.ReadAsync(await http.SendAsync(request));
    }

    public Task<ApiAnswer> ChargeAsync(string source = "tok_visa", long amount = 2000, string? idempotencyKey = null) =>
        PostAsync("/v1/charges", idempotencyKey, ("amount", $"{amount}"), ("currency", "usd"), ("source", source));

    /// <summary>Registers a webhook endpoint for all events, or for these.</summary>
    public async Task<Endpoint> AddEndpointAsync(string url, params string[] events)
    {
        var made = (await PostJsonAsync("/v1/webhook_endpoints", new { url, enabled_events = events.Length == 0 ? ["*"] : events })).ShouldBe(200);
        return new Endpoint(made.Id, made.Text("secret")!);
    }

    /// <summary>All ids of a list, newest first, page by page.</summary>
    public async Task<IReadOnlyList<string>> IdsAsync(string path)
    {
        var (ids, url) = (new List<string>(), $"{path}{(path.Contains('?') ? "&" : "?")}limit=100");
        while (true)
        {
            var page = (await GetAsync(ids.Count == 0 ? url : $"{url}&starting_after={ids[^1]}")).ShouldBe(200);
            ids.AddRange(page.Ids);
            if (!page.HasMore) return ids;
        }
    }

    /// <summary>The merchant's one event of this type.</summary>
    public async Task<ApiAnswer> EventAsync(string type)
    {
        var list = (await GetAsync($"/v1/events?type={type}")).ShouldBe(200);
        return (await GetAsync($"/v1/events/{list.Ids.ShouldHaveSingleItem()}")).ShouldBe(200);
    }

    /// <summary>Waits until the one delivery of the event has this status, and answers it.</summary>
    public async Task<JsonElement> DeliveryAsync(string eventId, string status) => await Eventually.HoldsAsync(
        async () => (await GetAsync($"/v1/test_helpers/events/{eventId}/deliveries")).ShouldBe(200).Data.ShouldHaveSingleItem(),
        delivery => delivery.GetProperty("status").GetString() == status,
        $"the delivery of {eventId} is {status}");

    public static HttpContent Form(params (string Name, string Value)[] form) =>
        new FormUrlEncodedContent(form.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));

    /// <summary>Content as it stands, of any type.</summary>
    public static HttpContent Raw(byte[] body, string? contentType)
    {
        var content = new ByteArrayContent(body);
        if (contentType is not null) content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return content;
    }

    public static HttpContent Json(string json) => Raw(Encoding.UTF8.GetBytes(json), "application/json");

    private static (string Name, string Value)[] Idempotent(string? key) => key is null ? [] : [("Idempotency-Key", key)];
}

/// <summary>A webhook endpoint as its merchant knows it.</summary>
public sealed record Endpoint(string Id, string Secret);
