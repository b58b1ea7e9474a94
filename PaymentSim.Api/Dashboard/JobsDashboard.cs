using System.Net;
using Hangfire;
using Hangfire.Common;
using Hangfire.Dashboard;
using MediatR;
using PaymentSim.Api.Jobs;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Dashboard;

/// <summary>Hangfire's dashboard at /hangfire: QA sees there what failed and why, and replays it.</summary>
internal static class JobsDashboard
{
    public const string Path = "/hangfire";

    public static void MapJobsDashboard(this WebApplication app) => app.MapHangfireDashboard(Path, new DashboardOptions
    {
        Authorization = [new LocalRequestsOnly()],
        AppPath = "/",
        DashboardTitle = "PaymentSim jobs",
        DisplayStorageConnectionString = false,
        DisplayNameFunc = (context, job) => NameOf(context.GetHttpContext().RequestServices, job),
    });

    /// <summary>"charge.succeeded evt_… → http://…" instead of a method's name.</summary>
    private static string NameOf(IServiceProvider services, Job job)
    {
        if (job.Type == typeof(SettlementJob)) return $"bank's answer to {job.Args[1]}";
        if (job.Type != typeof(WebhookJob)) return $"{job.Type.Name}.{job.Method.Name}";
        var id = (string)job.Args[0];
        return services.GetRequiredService<IMediator>().Send(new DescribeDelivery(id)).GetAwaiter().GetResult() ?? $"webhook {id}";
    }

    /// <summary>
    /// Only a browser on this machine that asked for this machine by name: a proxy in between, or a page that points its own host name at
    /// 127.0.0.1, makes the connection look local without being so.
    /// </summary>
    private sealed class LocalRequestsOnly : IDashboardAuthorizationFilter
    {
        public bool Authorize(DashboardContext context)
        {
            var http = context.GetHttpContext();
            var host = http.Request.Host.Host;
            return http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
                && (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)))
                && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded");
        }
    }
}
