using Hangfire;
using Hangfire.Common;
using Hangfire.Dashboard;
using MediatR;
using PaymentSim.Api.Hosting;
using PaymentSim.Api.Jobs;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Dashboard;

/// <summary>Hangfire's dashboard at /hangfire: QA sees there what failed and why, and replays it.</summary>
internal static class JobsDashboard
{
    public const string Path = "/hangfire";

    private const int DetailsOrder = 200;

    // Hangfire keeps pages, menus and renderers in statics, for all hosts of a process.
    static JobsDashboard()
    {
        GlobalConfiguration.Configuration.UseJobDetailsRenderer(DetailsOrder, DetailsOf);
        GlobalConfiguration.Configuration.UseDashboardMetrics(WebhookFigures.Failing, WebhookFigures.Failed, WebhookFigures.Pending);

        var routes = DashboardRoutes.Routes;
        routes.AddRazorPage(WebhooksPage.Path, _ => new WebhooksPage());
        routes.Add($"{WebhooksPage.Path}/faults", new PageCommand(FaultCommands.SetAsync));
        routes.Add($"{WebhooksPage.Path}/faults/clear", new PageCommand(FaultCommands.ClearAsync));
        routes.AddRazorPage(DeliveriesPage.Path, _ => new DeliveriesPage());
        routes.Add($"{DeliveriesPage.Path}/replay", new PageCommand(ReplayCommands.ReplayTickedAsync));
        routes.AddRazorPage(ReplayAllPage.Path, _ => new ReplayAllPage());
        routes.Add($"{ReplayAllPage.Path}/start", new PageCommand(ReplayCommands.ReplayAllAsync));
        routes.Add(ReplayPanel.Path, new ReplayPanel.Part());
        routes.Add($"{ReplayPanel.Path}/stop", new PageCommand(ReplayCommands.StopAsync));
        routes.AddRazorPage($"{DeliveriesPage.Path}/(?<Id>whd_[^/]+)", match => new DeliveryPage(match.Groups["Id"].Value));
        DashboardRoutes.AddStylesheet(typeof(JobsDashboard).Assembly, "Dashboard/dashboard.css");
        DashboardRoutes.AddJavaScript(typeof(JobsDashboard).Assembly, "Dashboard/dashboard.js");

        NavigationMenu.Items.Insert(0, page => new MenuItem("Deliveries", page.Url.To(DeliveriesPage.Path))
        {
            Active = page.RequestPath.StartsWith(DeliveriesPage.Path, StringComparison.Ordinal), Metric = WebhookFigures.Failed,
        });
        NavigationMenu.Items.Insert(0, page => new MenuItem("Webhooks", page.Url.To(WebhooksPage.Path))
        {
            Active = page.RequestPath.StartsWith(WebhooksPage.Path, StringComparison.Ordinal), Metric = WebhookFigures.Failing,
        });
    }

    public static IServiceCollection AddJobsDashboard(this IServiceCollection services) =>
        services.AddSingleton<WebhookFigures>().AddSingleton<ReplayRuns>();

    public static void MapJobsDashboard(this WebApplication app) => app.MapHangfireDashboard(Path, new DashboardOptions
    {
        Authorization = [new DashboardSignIn(app.Services.GetRequiredService<Settings>().Dashboard)],
        IsReadOnlyFunc = DashboardSignIn.IsReadOnly,
        AppPath = "/",
        DashboardTitle = "PaymentSim jobs",
        DisplayStorageConnectionString = false,
        DisplayNameFunc = (context, job) => NameOf(context.GetHttpContext().RequestServices, job),
    });

    /// <summary>"charge.succeeded evt_… → http://…" instead of a method's name.</summary>
    private static string NameOf(IServiceProvider services, Job job)
    {
        if (job.Type == typeof(SettlementJob)) return $"{(job.Method.Name == nameof(SettlementJob.Settle) ? "bank's answer to" : "end of")} {job.Args[1]}";
        if (job.Type == typeof(ReplayRunJob)) return $"replay of many webhooks ({job.Args[0]})";
        if (HangfireJobs.BatchOf(job) is { } batch) return $"{batch.Length} webhooks";
        if (HangfireJobs.DeliveryOf(job) is not { } id) return $"{job.Type.Name}.{job.Method.Name}";
        return Describe(services, [id]).FirstOrDefault()?.Name ?? $"webhook {id}";
    }

    /// <summary>What a webhook's job did, and the webhooks of a batch's job, on its page.</summary>
    private static NonEscapedString DetailsOf(JobDetailsRendererDto page)
    {
        var services = page.Page.Context.GetHttpContext().RequestServices;
        if (HangfireJobs.DeliveryOf(page.JobDetails.Job) is { } id)
        {
            var shown = services.GetRequiredService<IMediator>().Send(new ShowDelivery(id)).GetAwaiter().GetResult();
            return shown is null ? new NonEscapedString("") : DeliveryReport.Of(page.Page, shown).ToNonEscaped();
        }

        if (HangfireJobs.BatchOf(page.JobDetails.Job) is not { } batch) return new NonEscapedString("");
        var rows = Describe(services, batch).Select(delivery => Markup.Of(
            $"<tr><td><a href=\"{page.Page.Url.To($"{DeliveriesPage.Path}/{delivery.Id}")}\">{delivery.Name}</a></td><td>{DashboardPage.Label(delivery.Status)}</td><td>{delivery.Attempts}</td><td>{delivery.LastError}</td></tr>"));
        return Markup.Of(
            $"""<h3>Webhooks</h3><table class="table"><thead><tr><th>Webhook</th><th>Now</th><th>Attempts</th><th>Last error</th></tr></thead><tbody>{Markup.Join(rows)}</tbody></table>""").ToNonEscaped();
    }

    private static IReadOnlyList<DescribedDelivery> Describe(IServiceProvider services, string[] deliveryIds) =>
        services.GetRequiredService<IMediator>().Send(new DescribeDeliveries(deliveryIds)).GetAwaiter().GetResult();
}
