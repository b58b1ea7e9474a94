using System.Net;
using System.Text.RegularExpressions;

namespace PaymentSim.Tests.Support;

/// <summary>A person's browser on Hangfire's dashboard: keeps cookies, and sends a page's token with its commands.</summary>
public sealed partial class DashboardBrowser(Simulator simulator) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        BaseAddress = new Uri(simulator.Url + "/hangfire/"),
    };

    /// <summary>A page's HTML, with its character references resolved.</summary>
    public async Task<string> PageAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        var html = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, html);
        return WebUtility.HtmlDecode(html);
    }

    public async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        return response.StatusCode;
    }

    /// <summary>Waits until the job that mentions a text (an event's id) stands on a list page, and answers its id and its row.</summary>
    /// <param name="page">For example <c>jobs/failed</c>.</param>
    /// <param name="text">What its row holds.</param>
    public async Task<(string Id, string Row)> FindJobAsync(string page, string text)
    {
        var row = await Eventually.HoldsAsync(
            async () => (await PageAsync($"{page}?count=500")).Split("<tr").FirstOrDefault(row => row.Contains(text, StringComparison.Ordinal)) ?? "",
            found => found.Length > 0,
            $"a job with {text} stands on {page}");
        return (JobId().Match(row).Groups["id"].Value, row);
    }

    public async Task<bool> HasJobAsync(string page, string text) => (await PageAsync($"{page}?count=500")).Contains(text, StringComparison.Ordinal);

    /// <summary>Presses a list page's button for some jobs, as the page does.</summary>
    /// <param name="page">The page that holds the button: <c>jobs/failed</c>.</param>
    /// <param name="command">For example <c>jobs/failed/requeue</c>.</param>
    /// <param name="withToken">False: without the page's token.</param>
    /// <param name="jobs">The chosen jobs' ids.</param>
    public async Task<HttpStatusCode> PressAsync(string page, string command, bool withToken = true, params string[] jobs)
    {
        var html = await PageAsync(page);
        using var request = new HttpRequestMessage(HttpMethod.Post, command)
        {
            Content = new FormUrlEncodedContent(jobs.Select(job => KeyValuePair.Create("jobs[]", job))),
        };
        if (withToken) request.Headers.Add(Meta(html, "csrf-header"), Meta(html, "csrf-token"));
        using var response = await _http.SendAsync(request);
        return response.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    private static string Meta(string html, string name) => Regex.Match(html, $"<meta name=\"{name}\" content=\"([^\"]+)\"").Groups[1].Value;

    [GeneratedRegex("href=\"/hangfire/jobs/details/(?<id>[^\"]+)\"")]
    private static partial Regex JobId();
}
