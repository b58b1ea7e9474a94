using PaymentSim.Core;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Api.Dashboard;

/// <summary>How all endpoints of all merchants are doing, those that need a person first.</summary>
internal sealed class WebhooksPage() : DashboardPage("Webhooks")
{
    public const string Path = "/webhooks";

    /// <summary>As many as a person reads; a search finds the others.</summary>
    private const int Most = 100;

    protected override Markup Body()
    {
        var summary = Get<WebhookFigures>().Summary();
        var search = Query("search")?.Trim() ?? "";
        var found = summary.Endpoints.Where(endpoint => search.Length == 0 || Matches(endpoint, search)).ToList();
        var failing = summary.Endpoints.Count(endpoint => endpoint.IsFailing);
        return Markup.Of($"""
            <h1 class="page-header">Webhooks</h1>
            {FaultsSaid()}
            <div class="ps-tiles">
              {Tile("Failing endpoints", Number(failing), failing > 0 ? "danger" : "success", null)}
              {Tile("Failed deliveries", Number(summary.Failed), summary.Failed.Count > 0 ? "danger" : "success", "status=failed")}
              {Tile("Pending deliveries", Number(summary.Pending), "info", "status=pending")}
              {Tile("Endpoints", Number(summary.Endpoints.Count), "default", null)}
            </div>
            <form method="get" action="{Url.To(Path)}" class="ps-search">
              <input class="form-control" type="search" name="search" value="{search}" placeholder="Part of a URL, of a merchant's name, or an id" aria-label="Search endpoints">
              <button class="btn btn-default" type="submit">Search</button>
            </form>
            {(found.Count == 0 ? Empty(search) : Table(found))}
            <p class="text-muted ps-note">Attempts, success and durations: of the last 24 hours{(summary.IsSample ? ", counted from the newest of very many" : "")}. {(found.Count > Most ? $"Showing {Most} of {Number(found.Count)}: search to see others." : "")}</p>
            """);
    }

    private static bool Matches(EndpointSummary endpoint, string text) =>
        new[] { endpoint.Url, endpoint.Id, endpoint.MerchantId, endpoint.MerchantName }.Any(value => value?.Contains(text, StringComparison.OrdinalIgnoreCase) == true);

    private static Markup Empty(string search) => search.Length > 0
        ? Markup.Of($"<div class=\"alert alert-info\">No endpoint has “{search}” in its URL, its id or its merchant's name.</div>")
        : Markup.Of($"<div class=\"alert alert-info\">No merchant has registered a webhook endpoint yet: <code>POST /v1/webhook_endpoints</code>.</div>");

    private Markup Tile(string name, string count, string kind, string? filter)
    {
        var inside = Markup.Of($"<strong>{count}</strong> <span>{name}</span>");
        return filter is null
            ? Markup.Of($"<div class=\"ps-tile ps-{kind}\">{inside}</div>")
            : Markup.Of($"<a class=\"ps-tile ps-{kind}\" href=\"{Url.To(DeliveriesPage.Path)}?{filter}\">{inside}</a>");
    }

    private Markup Table(IReadOnlyList<EndpointSummary> endpoints) => Markup.Of($"""
        <table class="table ps-table">
          <thead><tr><th>Endpoint</th><th>State</th><th class="ps-num">Success</th><th class="ps-num">p50</th><th class="ps-num">p95</th><th class="ps-num">Pending</th><th class="ps-num">Failed</th></tr></thead>
          <tbody>{Markup.Join(endpoints.Take(Most).Select(Row))}</tbody>
        </table>
        """);

    private Markup Row(EndpointSummary endpoint) => Markup.Of($"""
        <tr class="{(endpoint.IsFailing ? "ps-failing" : "")}">
          <td class="ps-main"><a href="{Deliveries(endpoint)}" class="ps-break">{endpoint.Url}</a>
            <div class="text-muted ps-small">{endpoint.MerchantName ?? endpoint.MerchantId} · <span class="ps-mono">{endpoint.Id}</span></div>
            {(endpoint.DisabledReason is { } reason ? Markup.Of($"<div class=\"ps-small ps-reason\">{reason}</div>") : Markup.Empty)}
            {Faults(endpoint)}</td>
          <td data-name="State">{StateOf(endpoint)}</td>
          <td data-name="Success" class="ps-num">{Success(endpoint)}</td>
          <td data-name="p50" class="ps-num">{Milliseconds(endpoint.P50)}</td>
          <td data-name="p95" class="ps-num">{Milliseconds(endpoint.P95)}</td>
          <td data-name="Pending" class="ps-num">{Count(endpoint, endpoint.Pending, DeliveryStatus.Pending)}</td>
          <td data-name="Failed" class="ps-num">{Count(endpoint, endpoint.Failed, DeliveryStatus.Failed)}</td>
        </tr>
        """);

    /// <summary>For those who may do more than look: has its next webhooks go wrong.</summary>
    private Markup Faults(EndpointSummary endpoint)
    {
        if (IsReadOnly) return Markup.Empty;
        var which = Markup.Of($"{Back($"{Path}?search={endpoint.Id}")}<input type=\"hidden\" name=\"merchant\" value=\"{endpoint.MerchantId}\"><input type=\"hidden\" name=\"endpoint\" value=\"{endpoint.Id}\">");
        var kinds = Markup.Join(Enum.GetValues<FaultKind>().Select(kind => Markup.Of($"<option>{kind.Wire()}</option>")));
        return Markup.Of($"""
            <details class="ps-faults">
              <summary>Break on purpose</summary>
              {Form($"{Path}/faults", Markup.Of($"""
                {which}
                <select class="form-control input-sm" name="kind" aria-label="What goes wrong">{kinds}</select>
                <input class="form-control input-sm" type="number" name="next" value="1" min="1" aria-label="With how many of the next webhooks">
                <button class="btn btn-xs btn-default" type="submit">Break the next webhooks</button>
                """))}
              {Form($"{Path}/faults/clear", Markup.Of($"{which}<button class=\"btn btn-xs btn-default\" type=\"submit\">No more faults</button>"))}
            </details>
            """);
    }

    private Markup FaultsSaid() => Query(FaultCommands.Refused) is { Length: > 0 } refused
        ? Markup.Of($"<div class=\"alert alert-warning\" role=\"alert\">{refused}</div>")
        : Query(FaultCommands.Said) switch
        {
            "set" => Markup.Of($"<div class=\"alert alert-success\" role=\"status\">The endpoint's next webhooks will go wrong as you wished; each attempt's log says which fault was played.</div>"),
            "cleared" => Markup.Of($"<div class=\"alert alert-success\" role=\"status\">Nothing goes wrong on purpose any more.</div>"),
            _ => Markup.Empty,
        };

    private static Markup StateOf(EndpointSummary endpoint) => endpoint switch
    {
        { Status: WebhookEndpointStatus.Disabled } => Label("disabled", endpoint.DisabledReason is null ? "default" : "danger"),
        { IsFailing: true } => Label("failing", "danger"),
        _ => Label("enabled", "success"),
    };

    private static Markup Success(EndpointSummary endpoint) => endpoint.SuccessRate is not { } rate
        ? Markup.Of($"<span class=\"text-muted\">–</span>")
        // Down, so that only all of them are 100 %.
        : Markup.Of($"{Math.Floor(rate * 1000) / 10:0.#} %<div class=\"text-muted ps-small\">{Number(endpoint.Succeeded)} of {Number(endpoint.Succeeded + endpoint.FailedAttempts)}</div>");

    private static Markup Milliseconds(long? value) => value is null ? Markup.Of($"<span class=\"text-muted\">–</span>") : Markup.Of($"{Number(value.Value)} ms");

    private Markup Count(EndpointSummary endpoint, long count, DeliveryStatus status) => count == 0
        ? Markup.Of($"<span class=\"text-muted\">0</span>")
        : Markup.Of($"<a href=\"{Deliveries(endpoint)}&amp;status={status.Wire()}\" class=\"{(status == DeliveryStatus.Failed ? "ps-bad" : "")}\">{Number(count)}</a>");

    private string Deliveries(EndpointSummary endpoint) => $"{Url.To(DeliveriesPage.Path)}?endpoint={endpoint.Id}";
}
