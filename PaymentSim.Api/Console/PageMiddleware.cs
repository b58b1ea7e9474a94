namespace PaymentSim.Api.Console;

/// <summary>What everything a browser opens gets: headers that keep it to itself, and a plain page where there is nothing else to show.</summary>
internal sealed partial class PageMiddleware(RequestDelegate next, ILogger<PageMiddleware> logger)
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

    private static readonly object FormTargets = new();

    /// <summary>
    /// Lets this page's forms end at a merchant's URL: browsers confine where a form is redirected to, over all the redirects that may follow.
    /// </summary>
    public static void LetFormsLeadTo(HttpContext http, Uri url) =>
        http.Items[FormTargets] = url.Scheme is "http" or "https" ? " http: https:" : $" http: https: {url.Scheme}:";

    public async Task InvokeAsync(HttpContext http)
    {
        http.Response.OnStarting(() =>
        {
            http.Response.Headers.ContentSecurityPolicy = Policy + http.Items[FormTargets];
            http.Response.Headers.XContentTypeOptions = "nosniff";
            http.Response.Headers["Referrer-Policy"] = "no-referrer";
            return Task.CompletedTask;
        });

        try
        {
            await next(http);
        }
        catch (Exception failure) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            LogFailed(failure, http.Request.Method, http.Request.Path);
            http.Response.Clear();
            http.Response.StatusCode = failure is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
        }

        if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null }) await WriteAsync(http);
    }

    private static Task WriteAsync(HttpContext http)
    {
        var (title, text) = http.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ("Page not found", "There is no page at this address."),
            StatusCodes.Status400BadRequest => ("This form is out of date", "Nothing was done. Open the page again and repeat what you did."),
            >= 500 => ("Something went wrong", "PaymentSim failed to handle this request; its log says why."),
            _ => ("That did not work", $"The request was refused with HTTP status {http.Response.StatusCode}."),
        };
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>{title} · PaymentSim</title>
              <link rel="icon" href="/favicon.svg">
              <link rel="stylesheet" href="/console.css">
            </head>
            <body>
              <main class="plain">
                <h1>{title}</h1>
                <p>{text}</p>
                <p><a href="/">PaymentSim's home page</a> · <a href="/docs">API reference</a></p>
              </main>
            </body>
            </html>
            """,
            http.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogFailed(Exception failure, string method, string path);
}
