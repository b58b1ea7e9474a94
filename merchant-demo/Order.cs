using System.Security.Cryptography;

namespace MerchantDemo;

/// <summary>One row of <c>orders</c>. Amounts are cents, times Unix milliseconds unless a comment says otherwise.</summary>
internal sealed class Order
{
    public required string Id { get; init; }
    public required string ProductId { get; init; }
    public required string Product { get; init; }
    public required long Amount { get; init; }
    public required string Currency { get; init; }

    /// <summary>The card or bank account that is charged.</summary>
    public required string Source { get; init; }

    /// <summary>Fixed for the life of the order: however often the charge is tried, it is made once.</summary>
    public required string IdempotencyKey { get; init; }

    public required string Status { get; init; }
    public string? ChargeId { get; init; }
    public string? FailureMessage { get; init; }

    /// <summary>Why the charge could not be made at all; null once it was.</summary>
    public string? ApiProblem { get; init; }

    /// <summary>How many webhooks for this order the shop still answers with 500, to show how they are retried.</summary>
    public required long FailWebhooksLeft { get; init; }

    /// <summary>Unix seconds: when the newest event that was applied was created.</summary>
    public long LastEventCreated { get; init; }

    public required long Created { get; init; }
    public required long Updated { get; init; }

    public bool CanRetry => ApiProblem is not null && ChargeId is null && Status == OrderStatus.Pending;

    public static Order Create(Purchase purchase, DateTimeOffset now)
    {
        var id = "ord_" + RandomNumberGenerator.GetHexString(16, lowercase: true);
        return new Order
        {
            Id = id,
            ProductId = purchase.Product.Id,
            Product = purchase.Product.Name,
            Amount = purchase.Product.Amount,
            Currency = purchase.Product.Currency,
            Source = purchase.Source,
            IdempotencyKey = $"order-{id}",
            Status = OrderStatus.Pending,
            FailWebhooksLeft = purchase.FailWebhooks,
            Created = now.ToUnixTimeMilliseconds(),
            Updated = now.ToUnixTimeMilliseconds(),
        };
    }
}

internal static class OrderStatus
{
    public const string Pending = "pending";
    public const string Paid = "paid";
    public const string Failed = "failed";

    public static bool IsFinal(string status) => status != Pending;

    /// <summary>
    /// Orders events of the same second. Money that has moved has the last word, so that whatever the order of
    /// arrival the shop ends with the same status.
    /// </summary>
    public static int Rank(string status) => status switch { Paid => 2, Failed => 1, _ => 0 };
}

/// <summary>One delivery of a webhook, as the order page shows it.</summary>
internal sealed class WebhookDelivery
{
    public required string Id { get; init; }
    public required string Type { get; init; }
    public required long Received { get; init; }
    public required string Answer { get; init; }
}
