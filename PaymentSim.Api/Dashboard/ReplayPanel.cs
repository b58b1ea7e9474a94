using Hangfire.Dashboard;
using PaymentSim.Api.Jobs;

namespace PaymentSim.Api.Dashboard;

/// <summary>How far replays of many deliveries are. The page renews it by itself while one runs.</summary>
internal static class ReplayPanel
{
    public const string Path = "/deliveries/replays";

    /// <summary>The newest, and any that still run.</summary>
    public static Markup Of(RazorPage page) => Render(page.Context);

    /// <summary>The panel alone, for the page that shows it.</summary>
    public sealed class Part : IDashboardDispatcher
    {
        public Task Dispatch(DashboardContext context)
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            return context.Response.WriteAsync(Render(context).Html);
        }
    }

    private static Markup Render(DashboardContext context)
    {
        var runs = context.GetHttpContext().RequestServices.GetRequiredService<ReplayRuns>().Latest(10).ToList();
        var shown = runs.Where((run, i) => i == 0 || run.State == ReplayState.Running).ToList();
        var live = shown.Exists(run => run.State == ReplayState.Running);
        var url = new UrlHelper(context);
        return Markup.Of($"<div id=\"ps-replays\" data-url=\"{url.To(Path)}\" data-live=\"{(live ? "true" : "false")}\" aria-live=\"polite\">{Markup.Join(shown.Select(run => Of(context, url, run)))}</div>");
    }

    private static Markup Of(DashboardContext context, UrlHelper url, ReplayRun run)
    {
        var done = run.Replayed + run.Skipped;
        var percent = run.State == ReplayState.Finished ? 100 : run.Total == 0 ? 0 : Math.Min(100, done * 100 / run.Total);
        return Markup.Of($"""
            <div class="ps-replay" data-run="{run.Id}" data-state="{run.State.ToString().ToLowerInvariant()}">
              <div class="ps-replay-head"><span><strong>{Title(run.State)}</strong> {DashboardPage.Number(run.Replayed)} of {DashboardPage.Number(Math.Max(run.Total, done))} sent again{(run.Skipped > 0 ? $", {DashboardPage.Number(run.Skipped)} left out" : "")}</span>
                {(run.State == ReplayState.Running && !context.IsReadOnly ? Stop(context, url, run) : Markup.Empty)}</div>
              <div class="progress"><div class="progress-bar {Colour(run.State)}" role="progressbar" aria-valuenow="{percent}" aria-valuemin="0" aria-valuemax="100" style="width: {percent}%"></div></div>
              <div class="text-muted ps-small ps-break">{FilterQuery.Describe(run.Filter)}{(run.By is { } by ? $" · by {by}" : "")} · <a href="{url.JobDetails(run.JobId ?? "")}">job</a></div>
            </div>
            """);
    }

    private static Markup Stop(DashboardContext context, UrlHelper url, ReplayRun run) => Markup.Of(
        $"<form method=\"post\" action=\"{url.To($"{Path}/stop")}\" class=\"ps-inline\">{DashboardPage.Token(context)}<input type=\"hidden\" name=\"run\" value=\"{run.Id}\"><button class=\"btn btn-xs btn-default\" type=\"submit\">Stop</button></form>");

    private static string Title(ReplayState state) => state switch
    {
        ReplayState.Running => "Replaying:",
        ReplayState.Stopped => "Replay stopped:",
        ReplayState.Failed => "Replay failed; requeue its job to go on:",
        _ => "Replay finished:",
    };

    private static string Colour(ReplayState state) => state switch
    {
        ReplayState.Finished => "progress-bar-success",
        ReplayState.Running => "progress-bar-striped active",
        _ => "progress-bar-warning",
    };
}
