using PaymentSim.Core;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Dashboard;

/// <summary>The deliveries of all merchants, by a filter, page by page; and how to replay them, singly and all that the filter finds.</summary>
internal sealed class DeliveriesPage() : DashboardPage("Deliveries")
{
    public const string Path = "/deliveries";

    protected override Markup Body()
    {
        var filter = FilterQuery.Read(Query);
        var page = Ask(new ListDeliveries(filter) { Behind = FilterQuery.DeliveryId(Query("behind")) });
        return Markup.Of($"""
            <h1 class="page-header">Deliveries</h1>
            {Said()}
            {ReplayPanel.Of(this)}
            {FilterForm(filter)}
            {(page.Rows.Count == 0 ? Nothing(page) : List(filter, page))}
            {Older(filter, page)}
            """);
    }

    private Markup FilterForm(DeliveryFilter filter) => Markup.Of($"""
        <form method="get" action="{Url.To(Path)}" class="ps-filter">
          <label class="ps-wide">Charge, object, event or delivery<input class="form-control" type="search" name="about" value="{filter.About}" placeholder="ch_…, pi_…, evt_…, whd_…"></label>
          <label>Event type<input class="form-control" type="search" name="type" value="{filter.EventType}" placeholder="charge.*"></label>
          <label>Status<select class="form-control" name="status"><option value="">any</option>{Markup.Join(Enum.GetValues<DeliveryStatus>().Select(Option))}</select></label>
          <label>Endpoint<input class="form-control" type="search" name="endpoint" value="{filter.Endpoint}" placeholder="we_… or a part of its URL"></label>
          <label>Merchant<input class="form-control" type="search" name="merchant" value="{filter.Merchant}" placeholder="acct_… or a part of its name"></label>
          <label>From (UTC)<input class="form-control" type="datetime-local" step="1" name="from" value="{FilterQuery.Format(filter.From)}"></label>
          <label>To (UTC)<input class="form-control" type="datetime-local" step="1" name="to" value="{FilterQuery.Format(filter.To)}"></label>
          <div class="ps-buttons"><button class="btn btn-primary" type="submit">Search</button> <a class="btn btn-default" href="{Url.To(Path)}">Clear</a></div>
        </form>
        """);

    private Markup Option(DeliveryStatus status) =>
        Markup.Of($"<option value=\"{status.Wire()}\" {(Query("status") == status.Wire() ? "selected" : "")}>{status.Wire()}</option>");

    private static Markup Nothing(DeliveryList page) => Markup.Of($"<div class=\"alert alert-info\">{(page.Next is null ? "No delivery matches." : "No delivery matches so far.")}</div>");

    private Markup List(DeliveryFilter filter, DeliveryList page)
    {
        var table = Markup.Of($"""
            <table class="table ps-table ps-ticks">
              <thead><tr>{(IsReadOnly ? Markup.Empty : Markup.Of($"<th class=\"min-width\"><input type=\"checkbox\" class=\"js-ps-all\" aria-label=\"Tick all of this page\"></th>"))}<th>Event</th><th>To</th><th>Status</th><th class="ps-num">Attempts</th><th>Made</th></tr></thead>
              <tbody>{Markup.Join(page.Rows.Select(Row))}</tbody>
            </table>
            """);
        if (IsReadOnly) return table;

        var query = FilterQuery.Write(filter);
        return Form($"{Path}/replay", Markup.Of($"""
            {Back(Path + (query.Length == 0 ? "" : "?" + query))}
            <div class="ps-toolbar">
              <button class="btn btn-sm btn-primary js-ps-some" type="submit">Replay ticked</button>
              <a class="btn btn-sm btn-default" href="{Url.To(ReplayAllPage.Path)}?{query}">Replay all that match…</a>
            </div>
            {table}
            """), "ps-list");
    }

    private Markup Row(ListedDelivery delivery) => Markup.Of($"""
        <tr>
          {(IsReadOnly ? Markup.Empty : Markup.Of($"<td class=\"ps-tick\"><input type=\"checkbox\" name=\"deliveries\" value=\"{delivery.Id}\" aria-label=\"Tick {delivery.EventType} {delivery.EventId}\"></td>"))}
          <td class="ps-main"><a href="{Url.To($"{Path}/{delivery.Id}")}">{delivery.EventType}</a>
            <div class="text-muted ps-small ps-mono">{delivery.EventId}</div>
            {(delivery.ObjectId is { } id ? Markup.Of($"<div class=\"ps-small ps-mono\"><a class=\"text-muted\" href=\"{Url.To(Path)}?about={Uri.EscapeDataString(id)}\">{id}</a></div>") : Markup.Empty)}</td>
          <td><span class="ps-break">{delivery.Url ?? "(endpoint deleted)"}</span><div class="text-muted ps-small">{delivery.MerchantName ?? delivery.MerchantId}</div></td>
          <td>{Label(delivery.Status, delivery.IsHeld)}{Why(delivery)}{Next(delivery)}</td>
          <td data-name="Attempts" class="ps-num">{delivery.Attempts}</td>
          <td class="ps-when">{Ago(this, delivery.CreatedAt)}</td>
        </tr>
        """);

    private static Markup Why(ListedDelivery delivery) => delivery switch
    {
        { LastError: { } reason, IsHeld: true } => Markup.Of($"<div class=\"text-muted ps-small ps-break\">{reason}</div>"),
        { LastError: { } error } => Markup.Of($"<div class=\"ps-small ps-reason ps-break\">{error}</div>"),
        { ResponseStatus: { } status } => Markup.Of($"<div class=\"text-muted ps-small\">HTTP {status} in {delivery.DurationMs} ms</div>"),
        _ => Markup.Empty,
    };

    private Markup Next(ListedDelivery delivery) => delivery is { Status: DeliveryStatus.Pending, NextAttemptAt: { } next, Attempts: > 0 }
        ? Markup.Of($"<div class=\"text-muted ps-small\">next attempt {Ago(this, next)}</div>")
        : Markup.Empty;

    private Markup Older(DeliveryFilter filter, DeliveryList page)
    {
        var query = FilterQuery.Write(filter);
        var first = FilterQuery.DeliveryId(Query("behind")) is not null
            ? Markup.Of($"<a class=\"btn btn-sm btn-default\" href=\"{Url.To(Path)}?{query}\">{(filter.OldestFirst ? "Oldest" : "Newest")}</a> ")
            : Markup.Empty;
        if (page.Next is null) return Markup.Of($"<div class=\"ps-pager\">{first}</div>");

        var note = page.SearchedTo is { } to
            ? Markup.Of($"<span class=\"text-muted ps-note\">Searched {(filter.OldestFirst ? "up" : "back")} to {Exactly(to)}.</span> ")
            : Markup.Empty;
        var text = page.SearchedTo is not null ? "Search further" : filter.OldestFirst ? "Newer" : "Older";
        return Markup.Of($"<div class=\"ps-pager\">{note}{first}<a class=\"btn btn-sm btn-default\" rel=\"next\" href=\"{Url.To(Path)}?{query}&amp;behind={page.Next}\">{text} ›</a></div>");
    }
}
