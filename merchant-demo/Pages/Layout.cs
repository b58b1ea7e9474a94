using Microsoft.AspNetCore.WebUtilities;

namespace MerchantDemo.Pages;

/// <summary>What all pages have around them.</summary>
internal static class Layout
{
    public static IResult Page(string title, Html content, int status = StatusCodes.Status200OK) =>
        Results.Content(Document(title, content).ToString(), "text/html; charset=utf-8", statusCode: status);

    /// <summary>A page that says what is wrong and leads back.</summary>
    public static IResult Problem(int status, string title, string text) => Page(
        title,
        Html.Of($"""
            <div class="message">
              <h1>{title}</h1>
              <p>{text}</p>
              <p><a class="button" href="/">Back to the shop</a></p>
            </div>
            """),
        status);

    public static Html StatusBadge(string status) => Html.Of($"""<span class="badge {status}">{status}</span>""");

    public static Html Time(long milliseconds, TimeProvider time, string format)
    {
        // The shop runs where its developer sits, so the server's zone is the reader's.
        var utc = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        var local = TimeZoneInfo.ConvertTime(utc, time.LocalTimeZone);
        return Html.Of($"""<time datetime="{utc.ToString("O")}">{local.ToString(format)}</time>""");
    }

    /// <summary>Gives answers such as 404 and 405, which have no body of their own, one that suits the asker.</summary>
    public static void UseErrorPages(this IApplicationBuilder app) => app.UseStatusCodePages(async pages =>
    {
        var context = pages.HttpContext;
        var status = context.Response.StatusCode;
        var reason = ReasonPhrases.GetReasonPhrase(status);

        var body =
            context.Request.Path.StartsWithSegments("/api") ? OrdersApi.Error(status, reason)
            : context.Request.Path.StartsWithSegments("/webhooks") ? Results.Text(reason, statusCode: status)
            : status == StatusCodes.Status404NotFound ? Problem(status, "Not here", "There is no such page in this shop.")
            : Problem(status, reason, "This is not something the shop can do.");
        await body.ExecuteAsync(context);
    });

    private static Html Document(string title, Html content) => Html.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>{title} – Merchant Demo</title>
          <link rel="icon" href="/favicon.svg" type="image/svg+xml">
          <link rel="stylesheet" href="/shop.css">
          <script src="/shop.js" defer></script>
        </head>
        <body>
          <a class="skip" href="#content">Skip to content</a>
          <header>
            <a class="brand" href="/"><img src="/favicon.svg" alt="" width="28" height="28">Merchant Demo</a>
            <nav aria-label="Main"><a href="/">Shop</a><a href="/orders">Orders</a></nav>
          </header>
          <main id="content">
        {content}
          </main>
          <footer>A demo merchant. No money moves: payments are simulated by PaymentSim on this machine.</footer>
        </body>
        </html>

        """);
}
