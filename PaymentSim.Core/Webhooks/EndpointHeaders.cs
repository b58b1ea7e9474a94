using System.Text.Json;
using System.Text.RegularExpressions;

namespace PaymentSim.Core.Webhooks;

/// <summary>Headers that a merchant wants sent along with webhooks. Their values may be keys, so they are kept sealed and shown masked.</summary>
internal static partial class EndpointHeaders
{
    public const string Mask = "********";

    private const int Most = 20;
    private const int LongestName = 100;
    private const int LongestValue = 2000;

    /// <summary>What webhooks have of their own, and what is between two hops and not between sender and receiver.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Content-Type", "Content-Length", "User-Agent", "Stripe-Signature", "Host", "Connection", "Keep-Alive", "Proxy-Authenticate",
        "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect",
    };

    /// <summary>Why a header cannot be sent along, or null.</summary>
    /// <param name="value">Empty: it is to be removed.</param>
    public static string? Refuse(string name, string value) =>
        name.Length is 0 or > LongestName || !Token().IsMatch(name) ? $"A header's name has 1 to {LongestName} letters, digits and hyphens."
        : Reserved.Contains(name) || name.StartsWith("webhook-", StringComparison.OrdinalIgnoreCase) ? $"The header {name} cannot be chosen: the simulator sets it, or it belongs to the connection."
        : value.Length > LongestValue ? $"A header's value has at most {LongestValue} characters."
        : value.Any(c => c is < ' ' or > '~') ? "A header's value holds no line breaks, control characters or anything beyond ASCII."
        : value.Length > 0 && value != value.Trim() ? "A header's value does not begin or end with a space."
        : null;

    /// <summary>What an update leaves: given ones are set, those given with an empty value are removed, the rest stays; an empty map removes all.</summary>
    /// <returns>Sealed; null: none.</returns>
    /// <exception cref="ProblemException">They would be too many.</exception>
    public static string? Merge(string? current, IReadOnlyDictionary<string, string>? update, SecretBox box)
    {
        if (update is null) return current;
        var merged = update.Count == 0 || current is null ? Named() : Open(current, box);
        foreach (var (name, value) in update)
        {
            // Removed first, so that it is spelled as it was given last.
            merged.Remove(name);
            if (!string.IsNullOrEmpty(value)) merged[name] = value;
        }

        if (merged.Count > Most) throw new ProblemException(Problem.Invalid($"An endpoint can have up to {Most} headers; this update would make {merged.Count}.", "headers"));
        return merged.Count == 0 ? null : box.Seal(JsonSerializer.Serialize(merged, CoreJson.Options));
    }

    /// <summary>In the order of their names.</summary>
    public static SortedDictionary<string, string> Open(string sealedHeaders, SecretBox box)
    {
        var named = Named();
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(box.Open(sealedHeaders), CoreJson.Options)!) named[name] = value;
        return named;
    }

    private static SortedDictionary<string, string> Named() => new(StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex(@"^[A-Za-z0-9!#$%&'*+.^_`|~-]+\z")]
    private static partial Regex Token();
}

/// <summary>What is sealed of an endpoint, opened to send to it.</summary>
/// <param name="Secrets">Those that are in force, the newest first.</param>
/// <param name="Headers">Its merchant's own; null: none.</param>
internal sealed record OpenedEndpoint(IReadOnlyList<string> Secrets, IReadOnlyDictionary<string, string>? Headers)
{
    public static OpenedEndpoint Of(WebhookEndpoint endpoint, SecretBox box, DateTimeOffset now) => new(
        endpoint.PreviousSecret is { } previous && endpoint.PreviousSecretUntil > now ? [box.Open(endpoint.Secret), box.Open(previous)] : [box.Open(endpoint.Secret)],
        endpoint.Headers is { } headers ? EndpointHeaders.Open(headers, box) : null);
}
