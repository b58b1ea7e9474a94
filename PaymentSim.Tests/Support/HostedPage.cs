using System.Net;
using System.Text.RegularExpressions;

namespace PaymentSim.Tests.Support;

/// <summary>A person's browser without JavaScript on the pages that merchants' customers are sent to: keeps cookies, follows nothing by itself.</summary>
public sealed partial class HostedPage : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

    /// <summary>A page's text, with its character references resolved.</summary>
    public async Task<string> OpenAsync(string url)
    {
        using var response = await _http.GetAsync(url);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync());
    }

    /// <summary>Where a page sends who opens it; null: nowhere.</summary>
    public async Task<string?> LocationAsync(string url)
    {
        using var response = await _http.GetAsync(url);
        return response.Headers.Location?.OriginalString;
    }

    public async Task<int> StatusAsync(string url)
    {
        using var response = await _http.GetAsync(url);
        return (int)response.StatusCode;
    }

    /// <summary>Fills in a page's form and sends it, with the page's token.</summary>
    public Task<(int Status, string? Location, string Body)> SubmitAsync(string url, params (string Name, string Value)[] fields) => SubmitAsync(url, true, fields);

    /// <param name="withToken">False: without the page's token.</param>
    public async Task<(int Status, string? Location, string Body)> SubmitAsync(string url, bool withToken, params (string Name, string Value)[] fields)
    {
        var html = await OpenAsync(url);
        if (withToken) fields = [.. fields, ("__RequestVerificationToken", Token().Match(html).Groups[1].Value)];
        using var response = await _http.PostAsync(url, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));
        return ((int)response.StatusCode, response.Headers.Location?.OriginalString, WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync()));
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
