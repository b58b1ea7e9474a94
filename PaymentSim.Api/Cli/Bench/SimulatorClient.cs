using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>What the benchmark does through the API besides making charges.</summary>
internal static class SimulatorClient
{
    /// <summary>Registers a URL for the events of charges.</summary>
    public static async Task RegisterEndpointAsync(string simulator, string apiKey, string url)
    {
        using var http = new HttpClient { BaseAddress = new Uri(simulator) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        using var response = await http.PostAsJsonAsync(
            "/v1/webhook_endpoints", new JsonObject { ["url"] = url, ["enabled_events"] = new JsonArray("charge.succeeded") });
        if (!response.IsSuccessStatusCode)
            throw new BenchException($"The endpoint could not be registered: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }
}
