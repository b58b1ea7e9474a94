namespace MerchantDemo.Pages;

/// <summary><c>/orders</c> and what lies below it, for people.</summary>
internal static class OrderPages
{
    private const int ListLength = 100;

    public static void MapOrderPages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/orders", (OrderStore orders, TimeProvider time) =>
            Layout.Page("Orders", OrderListPage.Content(orders.Newest(ListLength), time)));

        routes.MapGet("/orders/{id}", (string id, OrderStore orders, TimeProvider time) =>
            orders.Find(id) is { } order
                ? Layout.Page($"Order {id}", OrderPage.Content(order, orders.Deliveries(id), time))
                : Unknown(id));

        // No antiforgery token: the shop knows no signed-in customer in whose name a foreign page could buy.
        routes.MapPost("/orders", BuyAsync).DisableAntiforgery();

        routes.MapPost("/orders/{id}/retry", async (string id, OrderStore orders, Checkout checkout) =>
        {
            if (orders.Find(id) is not { } order)
                return Unknown(id);

            await checkout.RetryAsync(order);
            return SeeOrder(id);
        });
    }

    private static async Task<IResult> BuyAsync(IFormCollection form, Checkout checkout)
    {
        // An empty field means none; anything that is not a number is as wrong as one that is out of range.
        var failWebhooks = string.IsNullOrEmpty(form["fail_webhooks"]) ? 0
            : int.TryParse(form["fail_webhooks"], out var number) ? number
            : -1;

        return Purchase.TryCreate(form["product_id"], form["source"], failWebhooks, out var purchase, out var error)
            ? SeeOrder(await checkout.BuyAsync(purchase))
            : Layout.Problem(StatusCodes.Status400BadRequest, "That did not work", error);
    }

    // 303 and not 302: reloading the order page must not post the purchase again.
    private static IResult SeeOrder(string id) => new SeeOther($"/orders/{Uri.EscapeDataString(id)}");

    private static IResult Unknown(string id) =>
        Layout.Problem(StatusCodes.Status404NotFound, "No such order", $"The shop has no order '{id}'.");

    private sealed class SeeOther(string location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = location;
            return Task.CompletedTask;
        }
    }
}
