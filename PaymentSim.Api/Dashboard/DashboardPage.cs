using System.Globalization;
using Hangfire.Dashboard;
using Hangfire.Dashboard.Pages;
using MediatR;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Extensions.Options;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Dashboard;

/// <summary>A page of ours among Hangfire's: the same frame, and what our pages share.</summary>
internal abstract class DashboardPage(string title) : RazorPage
{
    public override void Execute()
    {
        Layout = new LayoutPage(title);
        WriteLiteral(Markup.Of($"<div class=\"ps-page\">{Body()}</div>").Html);
    }

    protected HttpContext Http => Context.GetHttpContext();

    protected abstract Markup Body();

    protected T Get<T>()
        where T : notnull => Http.RequestServices.GetRequiredService<T>();

    /// <summary>Pages of Hangfire's are not asynchronous.</summary>
    protected T Ask<T>(IRequest<T> query) => Get<IMediator>().Send(query).GetAwaiter().GetResult();

    /// <summary>A form that does something: with the page's token, and nothing for those who may only look.</summary>
    protected Markup Form(string path, Markup content, string css = "ps-inline") => IsReadOnly
        ? Markup.Empty
        : Markup.Of($"<form method=\"post\" action=\"{Url.To(path)}\" class=\"{css}\">{Token(Context)}{content}</form>");

    /// <summary>What shows a page's command to be the page's.</summary>
    internal static Markup Token(DashboardContext context) => Markup.Of(
        $"<input type=\"hidden\" name=\"{context.GetHttpContext().RequestServices.GetRequiredService<IOptions<AntiforgeryOptions>>().Value.FormFieldName}\" value=\"{context.AntiforgeryToken}\">");

    /// <summary>Where a command leads back to: below the dashboard's own address.</summary>
    protected static Markup Back(string path) => Markup.Of($"<input type=\"hidden\" name=\"{PageCommand.Back}\" value=\"{path}\">");

    /// <summary>What became of the command that led to this page.</summary>
    protected Markup Said()
    {
        if (!long.TryParse(Query("replayed"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return Markup.Empty;
        var left = long.TryParse(Query("left"), NumberStyles.None, CultureInfo.InvariantCulture, out var some) && some > 0
            ? Markup.Of($"<div class=\"alert alert-warning\" role=\"alert\">{Webhooks(new DeliveryCount(some, IsAtLeast: false))} left out: nothing is sent to an endpoint that is disabled or was deleted.</div>")
            : Markup.Empty;
        var sent = count == 0
            ? left.Html.Length > 0 ? Markup.Empty : Markup.Of($"<div class=\"alert alert-info\" role=\"status\">Nothing was ticked.</div>")
            : Markup.Of($"<div class=\"alert alert-success\" role=\"status\">{Webhooks(new DeliveryCount(count, IsAtLeast: false))} will be sent again now.</div>");
        return Markup.Of($"{sent}{left}");
    }

    /// <summary>"5 minutes ago", with the time itself when pointed at.</summary>
    internal static Markup Ago(RazorPage page, DateTimeOffset time) => Markup.Of($"{page.Html.RelativeTime(time.UtcDateTime)}");

    internal static string Exactly(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture);

    internal static Markup Label(DeliveryStatus status) => Label(status.ToString().ToLowerInvariant(), status switch
    {
        DeliveryStatus.Succeeded => "success",
        DeliveryStatus.Failed => "danger",
        DeliveryStatus.Pending => "info",
        _ => "default",
    });

    /// <summary>One that is held back waits for another webhook, and not for its time.</summary>
    internal static Markup Label(DeliveryStatus status, bool isHeld) => isHeld ? Label("held back", "default") : Label(status);

    internal static Markup Label(string text, string kind) => Markup.Of($"<span class=\"label ps-label ps-{kind}\">{text}</span>");

    /// <summary>"12,345".</summary>
    internal static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"12,345", or "100,000+" where the counting stopped there.</summary>
    internal static string Number(DeliveryCount count) => Number(count.Count) + (count.IsAtLeast ? "+" : "");

    internal static string Webhooks(DeliveryCount count) => $"{Number(count)} {(count is { Count: 1, IsAtLeast: false } ? "webhook" : "webhooks")}";
}
