using MediatR;
using PaymentSim.Api.Jobs;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Dashboard;

/// <summary>What the buttons of our pages do.</summary>
internal static class ReplayCommands
{
    /// <summary>More than a page shows.</summary>
    private const int MostTicked = 1000;

    /// <summary>Sends the ticked deliveries again.</summary>
    public static async Task<string> ReplayTickedAsync(HttpContext http, IFormCollection form)
    {
        var (replayed, left) = (0, 0);
        foreach (var id in form["deliveries"].Select(FilterQuery.DeliveryId).OfType<string>().Take(MostTicked))
        {
            if (ReplayRunJob.IsSent(await http.RequestServices.GetRequiredService<IMediator>().Send(new ReplayDelivery(id), http.RequestAborted))) replayed++;
            else left++;
        }

        http.RequestServices.GetRequiredService<WebhookFigures>().Forget();
        return PageCommand.BackTo(form, $"replayed={replayed}{(left > 0 ? $"&left={left}" : "")}");
    }

    /// <summary>Begins to send again all that a filter finds.</summary>
    public static async Task<string> ReplayAllAsync(HttpContext http, IFormCollection form)
    {
        var filter = ReplayAllPage.Of(FilterQuery.Read(name => form[name]));
        var count = await http.RequestServices.GetRequiredService<IMediator>().Send(new CountDeliveries(filter), http.RequestAborted);
        http.RequestServices.GetRequiredService<ReplayRuns>().Start(filter, count.Count, DashboardSignIn.NameOf(http));
        return $"{DeliveriesPage.Path}?{FilterQuery.Write(filter)}";
    }

    public static Task<string> StopAsync(HttpContext http, IFormCollection form)
    {
        http.RequestServices.GetRequiredService<ReplayRuns>().Stop(form["run"].ToString());
        return Task.FromResult(DeliveriesPage.Path);
    }
}
