using System.Text.Json.Nodes;

namespace PaymentSim.Core;

/// <summary>Who asks, and under which ids: filled by the face that took the request, read by the use cases. One per scope.</summary>
public sealed class RequestContext
{
    private string? _merchantId;

    /// <summary>The merchant whose API key came with the request; every query is confined to it.</summary>
    /// <exception cref="InvalidOperationException">The face did not authenticate the request.</exception>
    public string MerchantId
    {
        get => _merchantId ?? throw new InvalidOperationException("The request has no merchant: its face did not authenticate it.");
        set => _merchantId = value;
    }

    /// <summary><c>req_…</c>; null for work that no request asked for, such as a bank's answer.</summary>
    public string? RequestId { get; set; }

    /// <summary>The key under which a repeated request gets the first one's result; null where none was given.</summary>
    public string? IdempotencyKey { get; set; }

    /// <summary>With a key: what the request is recognised by when it comes again.</summary>
    internal string? Fingerprint { get; set; }

    /// <summary>The API version that the request named; null: the default.</summary>
    public string? ApiVersion { get; set; }

    /// <summary>Set when an idempotency key's stored result answered: the id of the request that made it.</summary>
    public string? ReplayedFrom { get; set; }

    /// <summary>Set when the request asked to expand fields: the answer with them, in place of the result's own object.</summary>
    public JsonObject? Expanded { get; set; }
}
