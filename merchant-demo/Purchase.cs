using System.Diagnostics.CodeAnalysis;

namespace MerchantDemo;

/// <summary>What a customer asked for, checked.</summary>
internal sealed record Purchase(Product Product, string Source, int FailWebhooks)
{
    private const int MaxFailWebhooks = 20;
    private const int MaxSourceLength = 200;

    /// <param name="error">Names the field that is wrong.</param>
    public static bool TryCreate(
        string? productId,
        string? source,
        int failWebhooks,
        [NotNullWhen(true)] out Purchase? purchase,
        [NotNullWhen(false)] out string? error)
    {
        var product = Products.Find(productId);
        source = source?.Trim();

        error =
            string.IsNullOrEmpty(productId) ? "product_id: choose a product."
            : product is null ? $"product_id: there is no product '{productId}'."
            : string.IsNullOrEmpty(source) ? "source: choose a card."
            : source.Length > MaxSourceLength ? $"source: at most {MaxSourceLength} characters."
            : failWebhooks is < 0 or > MaxFailWebhooks ? $"fail_webhooks: a whole number from 0 to {MaxFailWebhooks}."
            : null;

        // Which sources exist is for the processor to say.
        purchase = error is null ? new Purchase(product!, source!, failWebhooks) : null;
        return purchase is not null;
    }
}
