using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace MerchantDemo;

/// <summary>The few calls of the PaymentSim API that the shop needs.</summary>
internal sealed class PaymentSimClient : IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // PaymentSim runs on the developer's machine: a company proxy could not reach it.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };

    public PaymentSimClient(ShopSettings settings)
    {
        _http.BaseAddress = settings.PaymentSimUrl;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", settings.ApiKey);
    }

    /// <summary>
    /// Charges an order. Never throws for what the network or the processor does: either there is a charge now,
    /// approved or declined, or there is a problem to show.
    /// </summary>
    public async Task<ChargeAnswer> ChargeAsync(Order order, CancellationToken cancellation)
    {
        try
        {
            using var request = Form(HttpMethod.Post, "v1/charges", order.IdempotencyKey,
            [
                new("amount", order.Amount.ToString(CultureInfo.InvariantCulture)),
                new("currency", order.Currency),
                new("source", order.Source),
                new("description", order.Product),
                new("metadata[order_id]", order.Id),
            ]);
            using var response = await _http.SendAsync(request, cancellation);

            if (response.StatusCode >= HttpStatusCode.InternalServerError)
                return Unreachable($"it answered {(int)response.StatusCode}");

            if (response.IsSuccessStatusCode)
                return ChargeAnswer.Made((await ReadAsync<CreatedObject>(response, cancellation)).Id);

            var error = (await ReadAsync<ErrorBody>(response, cancellation)).Error;
            return response.StatusCode == HttpStatusCode.PaymentRequired && error.Charge is not null
                ? ChargeAnswer.Made(error.Charge)
                : ChargeAnswer.NotMade(error.Message ?? $"The payment processor answered {(int)response.StatusCode}.");
        }
        catch (JsonException)
        {
            return Unreachable("its answer was not understood");
        }
        catch (HttpRequestException problem)
        {
            return Unreachable(problem.HttpRequestError == HttpRequestError.ConnectionError
                ? "nothing answers at that address"
                : "the connection broke");
        }
        catch (OperationCanceledException)
        {
            return Unreachable(cancellation.IsCancellationRequested
                ? "the shop was closing"
                : $"no answer within {Patience.TotalSeconds:0} seconds");
        }
    }

    /// <summary>The secret in the answer is shown only this once.</summary>
    /// <exception cref="HttpRequestException">No answer, or one that is not 2xx.</exception>
    public async Task<RegisteredEndpoint> RegisterWebhookEndpointAsync(
        string url, string idempotencyKey, IEnumerable<string> eventTypes, CancellationToken cancellation)
    {
        using var request = Form(HttpMethod.Post, "v1/webhook_endpoints", idempotencyKey,
            [new("url", url), .. eventTypes.Select(type => KeyValuePair.Create("enabled_events[]", type))]);
        using var response = await _http.SendAsync(request, cancellation);
        response.EnsureSuccessStatusCode();
        return await ReadAsync<RegisteredEndpoint>(response, cancellation);
    }

    /// <exception cref="HttpRequestException">It cannot be told: no answer, or neither 2xx nor 404.</exception>
    public async Task<bool> WebhookEndpointExistsAsync(string id, CancellationToken cancellation)
    {
        using var response = await _http.GetAsync($"v1/webhook_endpoints/{Uri.EscapeDataString(id)}", cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return false;

        response.EnsureSuccessStatusCode();
        return true;
    }

    /// <summary>The ids of the endpoints that PaymentSim has of a URL.</summary>
    /// <exception cref="HttpRequestException">No answer, or one that is not 2xx.</exception>
    public async Task<IReadOnlyList<string>> FindWebhookEndpointsAsync(string url, CancellationToken cancellation)
    {
        using var response = await _http.GetAsync("v1/webhook_endpoints?limit=100", cancellation);
        response.EnsureSuccessStatusCode();
        var list = await ReadAsync<EndpointList>(response, cancellation);
        return [.. list.Data.Where(endpoint => endpoint.Url == url).Select(endpoint => endpoint.Id)];
    }

    public async Task DeleteWebhookEndpointAsync(string id, CancellationToken cancellation)
    {
        using var _ = await _http.DeleteAsync($"v1/webhook_endpoints/{Uri.EscapeDataString(id)}", cancellation);
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Form(
        HttpMethod method, string path, string idempotencyKey, IEnumerable<KeyValuePair<string, string>> fields)
    {
        var request = new HttpRequestMessage(method, path) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        return request;
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellation) =>
        JsonSerializer.Deserialize<T>(await response.Content.ReadAsByteArrayAsync(cancellation), Json)
        ?? throw new JsonException("The answer is null.");

    private static ChargeAnswer Unreachable(string why) =>
        ChargeAnswer.NotMade($"The payment processor could not be reached: {why}. {Checkout.RetryIsSafe}");

    private sealed record CreatedObject(string Id);

    private sealed record ErrorBody(ErrorDetail Error);

    private sealed record ErrorDetail(string? Message = null, string? Charge = null);
}

/// <summary>Either a charge was made, approved or declined, or there was a problem and it can be retried.</summary>
internal sealed record ChargeAnswer
{
    public string? ChargeId { get; private init; }

    public string? Problem { get; private init; }

    [MemberNotNullWhen(true, nameof(ChargeId))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool WasMade => ChargeId is not null;

    public static ChargeAnswer Made(string chargeId) => new() { ChargeId = chargeId };

    public static ChargeAnswer NotMade(string problem) => new() { Problem = problem };
}

/// <summary>A class and not a record: a record prints its secrets.</summary>
internal sealed class RegisteredEndpoint(string id, string secret)
{
    public string Id { get; } = id;

    public string Secret { get; } = secret;
}

internal sealed record EndpointList(IReadOnlyList<ListedEndpoint> Data);

internal sealed record ListedEndpoint(string Id, string Url);
