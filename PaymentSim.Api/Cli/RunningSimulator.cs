using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace PaymentSim.Api.Cli;

/// <summary>What a verb asks a running simulator for went wrong: the message says what.</summary>
internal sealed class RunningSimulatorException(string message) : Exception(message);

/// <summary>A simulator that runs, as verbs reach it: by HTTP, like any merchant.</summary>
internal sealed class RunningSimulator : IDisposable
{
    public static Option<string> UrlOption { get; } = new("--url")
    {
        Description = "Where the simulator listens.", DefaultValueFactory = _ => "http://127.0.0.1:5080",
    };

    public static Option<string> KeyOption { get; } = new("--api-key")
    {
        Description = "The merchant's secret key.", DefaultValueFactory = _ => "sk_test_demo",
    };

    private readonly HttpClient _http;

    /// <exception cref="RunningSimulatorException">The URL is none.</exception>
    public RunningSimulator(ParseResult parsed)
    {
        var url = parsed.GetValue(UrlOption)!;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new RunningSimulatorException($"--url {url} is no URL; write for example http://127.0.0.1:5080");
        // What it does may take longer than the usual 100 seconds.
        _http = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", parsed.GetValue(KeyOption));
    }

    public void Dispose() => _http.Dispose();

    /// <exception cref="RunningSimulatorException">It refused, or does not answer.</exception>
    public async Task<JsonNode> PostAsync(string path, IEnumerable<(string Name, string? Value)> form, CancellationToken stop)
    {
        using var content = new FormUrlEncodedContent(
            form.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Name, pair.Value!)));
        try
        {
            using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), content, stop);
            var text = await response.Content.ReadAsStringAsync(stop);
            return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new RunningSimulatorException(Explain((int)response.StatusCode, text));
        }
        catch (HttpRequestException failure)
        {
            throw new RunningSimulatorException($"No simulator answers at {_http.BaseAddress}: {failure.Message} Start it, or name another with --url.");
        }
    }

    /// <summary>Runs a verb's work. Answers the exit code: 0, or 1 where it could not be done, with one line that says why.</summary>
    public static async Task<int> ReportAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (RunningSimulatorException failure)
        {
            await System.Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
    }

    private static string Explain(int status, string text)
    {
        try
        {
            if ((string?)JsonNode.Parse(text)?["error"]?["message"] is { } message) return message;
        }
        catch (Exception failure) when (failure is System.Text.Json.JsonException or InvalidOperationException)
        {
            // Some other server answered.
        }

        return string.Create(CultureInfo.InvariantCulture, $"The server answered {status}, and not as a simulator does.");
    }
}
