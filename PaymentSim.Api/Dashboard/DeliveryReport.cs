using System.Text.Json;
using System.Text.Json.Nodes;
using Hangfire.Dashboard;
using PaymentSim.Core;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Dashboard;

/// <summary>What is known of one delivery, on its own page and on that of its job: why it failed, and every request and answer.</summary>
internal static class DeliveryReport
{
    private static readonly JsonSerializerOptions Indented = new(CoreJson.Options) { WriteIndented = true };

    public static Markup Of(RazorPage page, ShownDelivery shown) => Markup.Of($"""
        <div class="ps-report">
          {Why(shown)}
          {Facts(page, shown)}
          {Replay(page, shown)}
          <h3>Attempts</h3>
          {(shown.Attempts.Count == 0 ? Markup.Of($"<p class=\"text-muted\">None yet.</p>") : Markup.Join(shown.Attempts.Reverse().Select((attempt, i) => Attempt(page, shown, attempt, isOpen: i == 0))))}
          {(shown.Payload is { } payload ? Markup.Of($"<h3>What is sent</h3>{Body(payload, "body")}") : Markup.Empty)}
        </div>
        """);

    private static Markup Why(ShownDelivery shown) => shown.Delivery switch
    {
        { Status: DeliveryStatus.Failed, LastError: { } error } =>
            Markup.Of($"<div class=\"alert alert-danger\"><strong>It failed for good:</strong> <span class=\"ps-break\">{error}</span></div>"),
        { IsHeld: true, LastError: { } reason } => Markup.Of($"<div class=\"alert alert-info ps-break\">{reason}</div>"),
        { Status: DeliveryStatus.Pending, LastError: { } error } =>
            Markup.Of($"<div class=\"alert alert-warning\"><strong>The latest attempt failed:</strong> <span class=\"ps-break\">{error}</span></div>"),
        { Status: DeliveryStatus.Canceled, LastError: { } error } => Markup.Of($"<div class=\"alert alert-info\">{error}</div>"),
        _ => Markup.Empty,
    };

    private static Markup Facts(RazorPage page, ShownDelivery shown)
    {
        var delivery = shown.Delivery;
        return Markup.Of($"""
            <dl class="ps-facts">
              {Fact("Event", Markup.Of($"<span class=\"ps-mono\">{delivery.EventId}</span>"))}
              {(shown.ObjectId is { } id ? Fact("About", Markup.Of($"<a class=\"ps-mono\" href=\"{page.Url.To(DeliveriesPage.Path)}?about={Uri.EscapeDataString(id)}\">{id}</a>")) : Markup.Empty)}
              {Fact("Endpoint", Endpoint(page, shown))}
              {Fact("Merchant", Markup.Of($"{shown.MerchantName ?? "(gone)"} <span class=\"text-muted ps-small ps-mono\">{delivery.MerchantId}</span>"))}
              {Fact("Made", Markup.Of($"{DashboardPage.Exactly(delivery.CreatedAt)}"))}
              {(delivery.CompletedAt is { } ended ? Fact("Ended", Markup.Of($"{DashboardPage.Exactly(ended)}")) : Markup.Empty)}
              {(delivery.NextAttemptAt is { } next ? Fact("Next attempt", Markup.Of($"{DashboardPage.Exactly(next)}")) : Markup.Empty)}
              {Fact("Delivery", Markup.Of($"<a class=\"ps-mono\" href=\"{page.Url.To($"{DeliveriesPage.Path}/{delivery.Id}")}\">{delivery.Id}</a>"))}
            </dl>
            """);
    }

    private static Markup Endpoint(RazorPage page, ShownDelivery shown) => shown.Endpoint is not { } endpoint
        ? Markup.Of($"(deleted) <span class=\"text-muted ps-small ps-mono\">{shown.Delivery.EndpointId}</span>")
        : Markup.Of($"<a class=\"ps-break\" href=\"{page.Url.To(DeliveriesPage.Path)}?endpoint={endpoint.Id}\">{endpoint.Url}</a> {(endpoint.Status == "enabled" ? Markup.Empty : DashboardPage.Label("disabled", "danger"))} <span class=\"ps-small\">{shown.DisabledReason}</span>");

    private static Markup Fact(string name, Markup value) => Markup.Of($"<dt>{name}</dt><dd>{value}</dd>");

    private static Markup Replay(RazorPage page, ShownDelivery shown) => page.IsReadOnly
        ? Markup.Empty
        : Markup.Of($"""
            <form method="post" action="{page.Url.To($"{DeliveriesPage.Path}/replay")}" class="ps-inline">{DashboardPage.Token(page.Context)}
              <input type="hidden" name="deliveries" value="{shown.Delivery.Id}">
              <input type="hidden" name="{PageCommand.Back}" value="{DeliveriesPage.Path}/{shown.Delivery.Id}">
              <button class="btn btn-primary" type="submit">{(shown.Delivery.Status == DeliveryStatus.Pending ? "Send now" : "Replay")}</button>
            </form>
            """);

    private static Markup Attempt(RazorPage page, ShownDelivery shown, DeliveryAttempt attempt, bool isOpen) => Markup.Of($"""
        <details class="ps-attempt ps-{attempt.Outcome.Wire()}" {(isOpen ? "open" : "")}>
          <summary><strong>#{attempt.Number}</strong> {Outcome(attempt)} <span class="ps-what">{What(attempt)}</span> {(attempt.TriggerKind == DeliveryTrigger.Replay ? DashboardPage.Label("replay", "info") : Markup.Empty)} {(attempt.Fault is null ? Markup.Empty : DashboardPage.Label("fault", "default"))}
            <span class="text-muted ps-small ps-when" title="{DashboardPage.Exactly(attempt.StartedAt)}">{DashboardPage.Ago(page, attempt.StartedAt)}</span></summary>
          <div class="ps-attempt-body">
            {(attempt.Error is { } error ? Markup.Of($"<p><strong>{attempt.ErrorClass?.Wire() ?? "error"}</strong> <span class=\"ps-break\">{error}</span></p>") : Markup.Empty)}
            {(attempt.Fault is { } fault ? Markup.Of($"<p>Played on purpose: <strong class=\"ps-break\">{fault}</strong></p>") : Markup.Empty)}
            {Timing(attempt)}
            {(attempt.NextAttemptAt is { } next ? Markup.Of($"<p class=\"text-muted ps-small\">Next attempt, as planned then: {DashboardPage.Exactly(next)}</p>") : Markup.Empty)}
            <h4>Request {Copy(CurlCommand.Of(attempt.Url, attempt.RequestHeaders, attempt.RequestBody ?? shown.Payload), "as curl")}</h4>
            <p class="ps-mono ps-break">POST {attempt.Url}</p>
            {Headers(attempt.RequestHeaders)}
            {(attempt.RequestBody is { } other ? Markup.Of($"<p class=\"text-muted ps-small\">This was sent instead of the event:</p>{Body(other, "request")}") : Markup.Empty)}
            <h4>Response</h4>
            {(attempt.ResponseStatus is { } status ? Markup.Of($"<p class=\"ps-mono\">HTTP {status}</p>") : Markup.Of($"<p class=\"text-muted\">{(attempt.Outcome == AttemptOutcome.Interrupted ? "The simulator stopped before the answer: nobody knows whether it arrived." : attempt.Outcome == AttemptOutcome.Open ? "It is being sent." : "There was none.")}</p>"))}
            {Headers(attempt.ResponseHeaders)}
            {(attempt.ResponseBody is { Length: > 0 } body ? Body(body, "response") : Markup.Empty)}
            {(attempt.ResponseTruncated ? Markup.Of($"<p class=\"text-muted ps-small\">The answer went on, or broke off: this is what is kept of it.</p>") : Markup.Empty)}
          </div>
        </details>
        """);

    private static Markup Outcome(DeliveryAttempt attempt) => DashboardPage.Label(attempt.Outcome.Wire(), attempt.Outcome switch
    {
        AttemptOutcome.Succeeded => "success",
        AttemptOutcome.Failed => "danger",
        AttemptOutcome.Open => "info",
        _ => "default",
    });

    private static string What(DeliveryAttempt attempt) => attempt switch
    {
        { ResponseStatus: { } status, DurationMs: { } time } => $"HTTP {status} in {DashboardPage.Number(time)} ms",
        { ErrorClass: { } kind, DurationMs: { } time } => $"{kind.Wire()} after {DashboardPage.Number(time)} ms",
        _ => "",
    };

    private static Markup Timing(DeliveryAttempt attempt)
    {
        if (attempt.Timings is not { } timings)
            return attempt.DurationMs is { } took ? Markup.Of($"<p class=\"text-muted ps-small\">Took {DashboardPage.Number(took)} ms in total.</p>") : Markup.Empty;

        return Markup.Of(
            $"<dl class=\"ps-timing\">{Time("DNS", timings.Dns)}{Time("connect", timings.Connect)}{Time("TLS", timings.Tls)}{Time("first byte", timings.FirstByte)}{Time("total", timings.Total)}</dl>");

        static Markup Time(string name, double? milliseconds) =>
            milliseconds is { } value ? Markup.Of($"<div><dt>{name}</dt><dd>{value:0.#} ms</dd></div>") : Markup.Empty;
    }

    private static Markup Headers(IReadOnlyDictionary<string, string>? headers) => headers is not { Count: > 0 }
        ? Markup.Empty
        : Markup.Of($"<dl class=\"ps-headers\">{Markup.Join(headers.Select(header => Markup.Of($"<dt>{header.Key}</dt><dd class=\"ps-break\">{header.Value}</dd>")))}</dl>");

    /// <summary>Readable to the eye, and exact to the byte when it is copied.</summary>
    private static Markup Body(string exact, string what) => Markup.Of(
        $"<div class=\"ps-body\">{Copy(exact, what)}<pre>{Readable(exact)}</pre></div>");

    private static Markup Copy(string exact, string what) =>
        Markup.Of($"<button type=\"button\" class=\"btn btn-xs btn-default js-ps-copy\" data-exact=\"{exact}\">Copy {what}</button>");

    private static string Readable(string text)
    {
        try
        {
            return text.AsSpan().TrimStart() is ['{' or '[', ..] && JsonNode.Parse(text) is { } json ? json.ToJsonString(Indented) : text;
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
