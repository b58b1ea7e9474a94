using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

namespace PaymentSim.Tests.Support;

/// <summary>A person's browser on Hangfire's dashboard: keeps cookies, and sends a page's token with its commands.</summary>
/// <param name="simulator">Whose dashboard.</param>
/// <param name="credentials"><c>name:password</c>; null: none are sent.</param>
public sealed partial class DashboardBrowser(Simulator simulator, string? credentials = null) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        BaseAddress = new Uri(simulator.Url + "/hangfire/"),
        DefaultRequestHeaders =
        {
            Authorization = credentials is null ? null : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))),
        },
    };

    /// <summary>A page's HTML, with its character references resolved.</summary>
    public async Task<string> PageAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        var html = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, html);
        return WebUtility.HtmlDecode(html);
    }

    /// <summary>A page's HTML as it came.</summary>
    public async Task<string> SourceAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        var html = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, html);
        return html;
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

    /// <summary>Sends one of our own forms, as the page that holds it does. Answers the status and where it leads.</summary>
    /// <param name="page">The page that holds the form: <c>deliveries</c>.</param>
    /// <param name="command">For example <c>deliveries/replay</c>.</param>
    /// <param name="withToken">False: without the page's token.</param>
    public async Task<(HttpStatusCode Status, string? Location)> SubmitAsync(
        string page, string command, bool withToken = true, params (string Name, string Value)[] fields)
    {
        var token = Meta(await SourceAsync(page), "csrf-token");
        token.ShouldNotBeEmpty();
        var form = fields.Select(field => KeyValuePair.Create(field.Name, field.Value));
        if (withToken) form = form.Append(KeyValuePair.Create("__RequestVerificationToken", token));
        using var response = await _http.PostAsync(command, new FormUrlEncodedContent(form));
        return (response.StatusCode, response.Headers.Location?.ToString());
    }

    public void Dispose() => _http.Dispose();

    private static string Meta(string html, string name) => Regex.Match(html, $"<meta name=\"{name}\" content=\"([^\"]+)\"").Groups[1].Value;

    [GeneratedRegex("href=\"/hangfire/jobs/details/(?<id>[^\"]+)\"")]
    private static partial Regex JobId();
}
