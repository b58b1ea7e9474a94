namespace MerchantDemo.Pages;

/// <summary>
/// One order. The parts marked <c>data-live</c> are exchanged by shop.js when a webhook arrives; without JavaScript
/// the page shows the same after a reload.
/// </summary>
internal static class OrderPage
{
    public static Html Content(Order order, IReadOnlyList<WebhookDelivery> deliveries, TimeProvider time) => Html.Of($"""
        <article data-events="/orders/{order.Id}/events">
          <h1>{order.Product}</h1>
          <p class="lead">{Money.Format(order.Amount, order.Currency)} · {TestCards.NameOf(order.Source)}</p>

          <div id="status" class="live" role="status" data-live>{Status(order)}</div>

          <section id="details" data-live aria-label="Details">
            <dl>
              <div><dt>Order</dt><dd><code>{order.Id}</code></dd></div>
              <div><dt>Charge</dt><dd>{(order.ChargeId is null ? Html.Of($"none yet") : Html.Of($"<code>{order.ChargeId}</code>"))}</dd></div>
              <div><dt>Idempotency key</dt><dd><code>{order.IdempotencyKey}</code></dd></div>
              <div><dt>Ordered</dt><dd>{Layout.Time(order.Created, time, "d MMM yyyy, HH:mm:ss")}</dd></div>
            </dl>
          </section>

          <section id="webhooks" data-live aria-labelledby="webhooks-title">
            <h2 id="webhooks-title">Webhooks received</h2>
            {(order.FailWebhooksLeft > 0 ? TroubleAhead(order.FailWebhooksLeft) : Html.Empty)}
            {(deliveries.Count == 0 ? NoWebhooks(order) : Deliveries(deliveries, time))}
          </section>
        </article>
        """);

    private static Html Status(Order order) => order switch
    {
        { CanRetry: true } => Html.Of($"""
            <div class="status problem">
              <strong>Not charged yet</strong>
              <p>{order.ApiProblem}</p>
              <form method="post" action="/orders/{order.Id}/retry"><button class="button primary" type="submit">Retry</button></form>
            </div>
            """),
        { Status: OrderStatus.Paid } => Box(order.Status, "Paid", "Confirmed by the webhook charge.succeeded."),
        { Status: OrderStatus.Failed } => Box(order.Status, "Payment failed", order.FailureMessage),
        { ChargeId: null } => Box(order.Status, "Pending", "The charge is being made."),
        _ => Box(order.Status, "Pending", "The charge was made. The order changes when its webhook arrives."),
    };

    private static Html Box(string status, string title, string? text) => Html.Of($"""
        <div class="status {status}">
          <strong>{title}</strong>
          <p>{text}</p>
        </div>
        """);

    private static Html TroubleAhead(long left) => Html.Of($"""
        <p class="notice">The shop answers 500 to the next {(left == 1 ? "webhook" : $"{left} webhooks")} of this order, on purpose.</p>
        """);

    private static Html NoWebhooks(Order order) => Html.Of($"""
        <div class="empty"><p>{(order.CanRetry
            ? "None yet: there is no charge to announce."
            : "None yet. PaymentSim sends one when the payment completes or fails.")}</p></div>
        """);

    private static Html Deliveries(IReadOnlyList<WebhookDelivery> deliveries, TimeProvider time) => Html.Of($"""
        <table>
          <thead><tr><th scope="col">Time</th><th scope="col">Type</th><th scope="col">Webhook id</th><th scope="col">Answered</th></tr></thead>
          <tbody>
            {deliveries.Select(delivery => Row(delivery, time))}
          </tbody>
        </table>
        """);

    private static Html Row(WebhookDelivery delivery, TimeProvider time) => Html.Of($"""
        <tr>
          <td data-label="Time">{Layout.Time(delivery.Received, time, "HH:mm:ss.fff")}</td>
          <td data-label="Type"><code>{delivery.Type}</code></td>
          <td data-label="Webhook id"><code>{delivery.Id}</code></td>
          <td data-label="Answered"><span class="badge {Tone(delivery.Answer)}">{delivery.Answer}</span></td>
        </tr>
        """);

    private static string Tone(string answer) => answer switch
    {
        "200" => "paid",
        "500 on purpose" or "amount mismatch" => "failed",
        _ => "quiet",
    };
}
