namespace MerchantDemo.Pages;

internal static class OrderListPage
{
    public static Html Content(IReadOnlyList<Order> orders, TimeProvider time) => Html.Of($"""
        <h1>Orders</h1>
        {(orders.Count == 0 ? Nothing() : List(orders, time))}
        """);

    private static Html Nothing() => Html.Of($"""
        <div class="empty">
          <p>Nobody has bought anything yet.</p>
          <p><a class="button" href="/">Be the first</a></p>
        </div>
        """);

    private static Html List(IReadOnlyList<Order> orders, TimeProvider time) => Html.Of($"""
        <ul class="orders">
          {orders.Select(order => Row(order, time))}
        </ul>
        """);

    private static Html Row(Order order, TimeProvider time) => Html.Of($"""
        <li>
          <a href="/orders/{order.Id}">
            <span class="name">{order.Product}</span>
            <span class="detail">{Layout.Time(order.Created, time, "d MMM, HH:mm:ss")} · {TestCards.NameOf(order.Source)}</span>
            <span class="price">{Money.Format(order.Amount, order.Currency)}</span>
            {(order.CanRetry ? Html.Of($"""<span class="badge problem">not charged</span>""") : Layout.StatusBadge(order.Status))}
          </a>
        </li>
        """);
}
