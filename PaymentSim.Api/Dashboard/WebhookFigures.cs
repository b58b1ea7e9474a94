using System.Diagnostics;
using Hangfire.Dashboard;
using MediatR;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Dashboard;

/// <summary>How the endpoints are doing, for the page and for the figures in the menu: those are asked for every two seconds by every open page.</summary>
internal sealed class WebhookFigures(IServiceScopeFactory scopes)
{
    public static readonly TimeSpan Window = TimeSpan.FromHours(24);

    /// <summary>The machine's own time: that of the simulation may stand still.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private EndpointsSummary? _summary;
    private long _read;

    public static readonly DashboardMetric Failing = new("paymentsim:failing-endpoints", "Failing endpoints", page =>
        Of(page).Summary() is var summary && summary.Endpoints.Count(endpoint => endpoint.IsFailing) is > 0 and var count
            ? new Metric(DashboardPage.Number(count)) { IntValue = count, Style = MetricStyle.Danger, Highlighted = true, Title = "Endpoints whose latest attempt failed" }
            : null!);

    public static readonly DashboardMetric Failed = new("paymentsim:failed-deliveries", "Failed deliveries", page =>
        Of(page).Summary().Failed is { Count: > 0 } found
            ? new Metric(DashboardPage.Number(found)) { IntValue = found.Count, Style = MetricStyle.Danger, Highlighted = true, Title = "Deliveries whose retries are used up" }
            : null!);

    public static readonly DashboardMetric Pending = new("paymentsim:pending-deliveries", "Pending deliveries", page =>
    {
        var found = Of(page).Summary().Pending;
        return new Metric(DashboardPage.Number(found)) { IntValue = found.Count, Style = found.Count > 0 ? MetricStyle.Info : MetricStyle.Default, Title = "Deliveries that are still to be sent" };
    });

    /// <summary>At most a few seconds old.</summary>
    public EndpointsSummary Summary()
    {
        lock (_lock)
        {
            if (_summary is not null && Stopwatch.GetElapsedTime(_read) < GoodFor) return _summary;

            using var scope = scopes.CreateScope();
            _summary = scope.ServiceProvider.GetRequiredService<IMediator>().Send(new SummarizeEndpoints(Window)).GetAwaiter().GetResult();
            _read = Stopwatch.GetTimestamp();
            return _summary;
        }
    }

    /// <summary>What has just been changed is to be seen at once.</summary>
    public void Forget()
    {
        lock (_lock) _summary = null;
    }

    public static WebhookFigures Of(RazorPage page) => page.Context.GetHttpContext().RequestServices.GetRequiredService<WebhookFigures>();
}
