using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Dashboard;

/// <summary>Asks, before all deliveries that a filter finds are replayed, and says how many they are.</summary>
internal sealed class ReplayAllPage() : DashboardPage("Replay all that match")
{
    public const string Path = "/deliveries/replay-all";

    /// <summary>Only those that failed, unless the filter says otherwise: whoever wants to send again what has arrived must say so.</summary>
    public static DeliveryFilter Of(DeliveryFilter filter) => filter with { Status = filter.Status ?? DeliveryStatus.Failed };

    protected override Markup Body()
    {
        var filter = Of(FilterQuery.Read(Query));
        var count = Ask(new CountDeliveries(filter));
        var back = $"{Url.To(DeliveriesPage.Path)}?{FilterQuery.Write(filter)}";
        var what = Markup.Of($"<p class=\"lead\">{Number(count)} {FilterQuery.Describe(filter)}</p>");
        return Markup.Of($"""
            <h1 class="page-header">Replay all that match</h1>
            {what}
            {(count is { Count: 0, IsAtLeast: false }
                ? Markup.Of($"<p>There is nothing to replay. <a href=\"{back}\">Back to the list</a></p>")
                : Markup.Of($"""
                    <p>Each is sent again now, with the same webhook id, a new signature and a full new retry budget. It happens in the background, and can be stopped.</p>
                    {(IsReadOnly ? Markup.Of($"<div class=\"alert alert-warning\">You may look at everything here, and replay nothing.</div>") : Markup.Empty)}
                    {Form($"{Path}/start", Markup.Of($"{Fields(filter)}<button class=\"btn btn-primary\" type=\"submit\">Replay {Webhooks(count)}</button>"))}
                    <a class="btn btn-default" href="{back}">Cancel</a>
                    """))}
            """);
    }

    private static Markup Fields(DeliveryFilter filter) =>
        Markup.Join(FilterQuery.Fields(filter).Select(field => Markup.Of($"<input type=\"hidden\" name=\"{field.Name}\" value=\"{field.Value}\">")));
}
