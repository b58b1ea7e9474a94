using System.Text.Json;
using MerchantDemo.Webhooks;

namespace MerchantDemo;

/// <summary>What the pages show, for programs.</summary>
internal static class OrdersApi
{
    private const int ListLength = 100;

    public static void MapOrdersApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", (WebhookRegistration registration) =>
            new { Status = "ok", WebhookSecret = registration.Secret is not null });

        routes.MapGet("/api/products", () => Products.All);

        routes.MapGet("/api/orders", (OrderStore orders) =>
        {
            var newest = orders.Newest(ListLength);
            var deliveries = orders.Deliveries([.. newest.Select(order => order.Id)]);
            return newest.Select(order => OrderJson.Of(order, [.. deliveries[order.Id]]));
        });

        routes.MapGet("/api/orders/{id}", (string id, OrderStore orders) =>
            orders.Find(id) is { } order
                ? Results.Ok(OrderJson.Of(order, orders.Deliveries(id)))
                : Error(StatusCodes.Status404NotFound, $"There is no order '{id}'."));

        routes.MapPost("/api/orders", BuyAsync);
    }

    public static IResult Error(int status, string message) => Results.Json(new { Error = message }, statusCode: status);

    private static async Task<IResult> BuyAsync(HttpRequest request, Checkout checkout, OrderStore orders)
    {
        if (!request.HasJsonContentType())
            return Error(StatusCodes.Status415UnsupportedMediaType, "The body must be application/json.");

        NewOrder? body;
        try
        {
            body = await request.ReadFromJsonAsync<NewOrder>();
        }
        catch (JsonException problem)
        {
            var field = problem.Path?.TrimStart('$', '.');
            return Error(StatusCodes.Status400BadRequest,
                string.IsNullOrEmpty(field) ? "The body is not a JSON object." : $"{field}: a value of this kind cannot be used here.");
        }

        if (!Purchase.TryCreate(body?.ProductId, body?.Source, body?.FailWebhooks ?? 0, out var purchase, out var error))
            return Error(StatusCodes.Status400BadRequest, error);

        var id = await checkout.BuyAsync(purchase);
        return Results.Created($"/api/orders/{id}", OrderJson.Of(orders.Find(id)!, orders.Deliveries(id)));
    }

    private sealed record NewOrder(string? ProductId, string? Source, int? FailWebhooks);
}

/// <summary>An order as programs see it. Amounts are cents, times Unix milliseconds.</summary>
internal sealed record OrderJson(
    string Id,
    string Product,
    long Amount,
    string Currency,
    string Source,
    string Status,
    string? ChargeId,
    string? FailureMessage,
    string? ApiProblem,
    long FailWebhooksLeft,
    long Created,
    long Updated,
    IReadOnlyList<WebhookDelivery> Webhooks)
{
    public static OrderJson Of(Order order, IReadOnlyList<WebhookDelivery> deliveries) => new(
        order.Id, order.Product, order.Amount, order.Currency, order.Source, order.Status, order.ChargeId,
        order.FailureMessage, order.ApiProblem, order.FailWebhooksLeft, order.Created, order.Updated, deliveries);
}
