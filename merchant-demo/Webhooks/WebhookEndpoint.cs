using Microsoft.AspNetCore.Mvc;

namespace MerchantDemo.Webhooks;

/// <summary>Verify, parse, apply, answer — in this order, and quickly: slow work belongs after the answer.</summary>
internal static class WebhookEndpoint
{
    private const int MaxBodyBytes = 1024 * 1024;

    public static void MapWebhooks(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/webhooks", ReceiveAsync).WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));

    private static async Task<IResult> ReceiveAsync(
        HttpRequest request,
        WebhookRegistration registration,
        SignatureVerifier verifier,
        WebhookInbox inbox,
        ILogger<WebhookInbox> log)
    {
        if (!request.HasJsonContentType())
            return Refuse(StatusCodes.Status415UnsupportedMediaType, "The body must be application/json.");

        // 503 and not 400: without a secret nothing can be judged, and the sender should try again later.
        if (registration.Secret is not { } secret)
            return Refuse(StatusCodes.Status503ServiceUnavailable, "The shop has no webhook secret yet. Try again later.");

        byte[] body;
        try
        {
            using var buffer = new MemoryStream();
            await request.Body.CopyToAsync(buffer, request.HttpContext.RequestAborted);
            body = buffer.ToArray();
        }
        catch (BadHttpRequestException problem)
        {
            return Refuse(problem.StatusCode, problem.Message);
        }

        var id = request.Headers["webhook-id"].ToString();
        var timestamp = request.Headers["webhook-timestamp"].ToString();
        var signatures = request.Headers["webhook-signature"].ToString();
        if (!verifier.IsGenuine(secret, id, timestamp, signatures, body, out var reason))
            return Refuse(StatusCodes.Status400BadRequest, reason);

        if (!WebhookEvent.TryParse(body, out var received))
            return Refuse(StatusCodes.Status400BadRequest, "The body is not an event.");

        var answer = inbox.Receive(id, received);
        log.LogInformation(
            "Webhook {WebhookId} {Type} for {OrderId}: {StatusCode} {Answer}",
            id, received.Type, received.OrderId ?? "no order", answer.StatusCode, answer.Text);
        return Results.Text(answer.Text, statusCode: answer.StatusCode);

        IResult Refuse(int statusCode, string why)
        {
            log.LogWarning("Webhook refused: {StatusCode} {Reason}", statusCode, why);
            return Results.Text(why, statusCode: statusCode);
        }
    }
}
