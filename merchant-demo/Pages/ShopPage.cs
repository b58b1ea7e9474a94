using MerchantDemo.Webhooks;

namespace MerchantDemo.Pages;

/// <summary><c>GET /</c>: choose a product, a card and, to see retries, some trouble.</summary>
internal static class ShopPage
{
    public static void MapShopPage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/", (WebhookRegistration registration, ShopSettings settings) =>
            Layout.Page("Shop", Content(registration.Secret is not null, settings.PaymentSimUrl)));

    private static Html Content(bool canReceiveWebhooks, Uri paymentSimUrl) => Html.Of($"""
        <h1>Choose something nice</h1>
        {(canReceiveWebhooks ? Html.Empty : NotRegistered(paymentSimUrl))}
        <form class="checkout" method="post" action="/orders" data-checkout>
          <fieldset class="products">
            <legend>Product</legend>
            {Products.All.Select(ProductTile)}
          </fieldset>
          <div class="panel">
            <fieldset class="cards">
              <legend>Pay with</legend>
              {TestCards.All.Select(CardRow)}
            </fieldset>
            <label class="field" for="fail_webhooks">Webhook trouble</label>
            <select id="fail_webhooks" name="fail_webhooks" aria-describedby="trouble-hint">
              <option value="0">None</option>
              <option value="2">My server answers 500 twice first</option>
              <option value="4">My server answers 500 four times first</option>
            </select>
            <p class="hint" id="trouble-hint">Shows how a webhook is retried until the shop accepts it.</p>
            <button class="button primary" type="submit">Buy</button>
          </div>
        </form>
        """);

    private static Html ProductTile(Product product, int index) => Html.Of($"""
        <label class="product hue-{index}">
          <input type="radio" name="product_id" value="{product.Id}" required{(index == 0 ? Html.Of($" checked") : Html.Empty)}
                 data-label="Buy for {Money.Format(product.Amount, product.Currency)}">
          <span class="picture" aria-hidden="true">{Initials(product.Name)}</span>
          <span class="name">{product.Name}</span>
          <span class="price">{Money.Format(product.Amount, product.Currency)}</span>
        </label>
        """);

    private static string Initials(string name) => string.Concat(name.Split(' ').Select(word => word[0]));

    private static Html CardRow(TestCard card, int index) => Html.Of($"""
        <label class="card">
          <input type="radio" name="source" value="{card.Token}" required{(index == 0 ? Html.Of($" checked") : Html.Empty)}>
          <span class="name">{card.Name}</span>
          <span class="outcome">{card.Outcome}</span>
        </label>
        """);

    private static Html NotRegistered(Uri paymentSimUrl) => Html.Of($"""
        <p class="notice" role="status">
          The shop has no webhook secret yet, so no order can become paid. It registers itself as soon as PaymentSim
          answers at {paymentSimUrl.AbsoluteUri.TrimEnd('/')}.
        </p>
        """);
}
