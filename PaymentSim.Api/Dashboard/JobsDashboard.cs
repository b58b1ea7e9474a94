using System.Net;
using Hangfire;
using Hangfire.Common;
using Hangfire.Dashboard;
using MediatR;
using PaymentSim.Api.Jobs;
using PaymentSim.Core;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Dashboard;

/// <summary>Hangfire's dashboard at /hangfire: QA sees there what failed and why, and replays it.</summary>
internal static class JobsDashboard
{
    public const string Path = "/hangfire";

    private const int DetailsOrder = 200;

    // Hangfire keeps renderers in a static, for all hosts of a process.
    static JobsDashboard() => GlobalConfiguration.Configuration.UseJobDetailsRenderer(DetailsOrder, DetailsOf);

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
        if (job.Type == typeof(SettlementJob)) return $"{(job.Method.Name == nameof(SettlementJob.Settle) ? "bank's answer to" : "end of")} {job.Args[1]}";
        if (HangfireJobs.BatchOf(job) is { } batch) return $"{batch.Length} webhooks";
        if (HangfireJobs.DeliveryOf(job) is not { } id) return $"{job.Type.Name}.{job.Method.Name}";
        return Describe(services, [id]).FirstOrDefault()?.Name ?? $"webhook {id}";
    }

    /// <summary>The webhooks of a batch's job, on its page.</summary>
    private static NonEscapedString DetailsOf(JobDetailsRendererDto page)
    {
        if (HangfireJobs.BatchOf(page.JobDetails.Job) is not { } batch) return new NonEscapedString("");
        var rows = Describe(page.Page.Context.GetHttpContext().RequestServices, batch).Select(delivery =>
            $"<tr><td>{WebUtility.HtmlEncode(delivery.Name)}</td><td>{delivery.Status.Wire()}</td><td>{delivery.Attempts}</td><td>{WebUtility.HtmlEncode(delivery.LastError)}</td></tr>");
        return new NonEscapedString(
            $"""<h3>Webhooks</h3><table class="table"><thead><tr><th>Webhook</th><th>Now</th><th>Attempts</th><th>Last error</th></tr></thead><tbody>{string.Concat(rows)}</tbody></table>""");
    }

    private static IReadOnlyList<DescribedDelivery> Describe(IServiceProvider services, string[] deliveryIds) =>
        services.GetRequiredService<IMediator>().Send(new DescribeDeliveries(deliveryIds)).GetAwaiter().GetResult();

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
