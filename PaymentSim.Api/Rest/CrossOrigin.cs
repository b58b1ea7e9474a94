using Microsoft.AspNetCore.Cors.Infrastructure;
using PaymentSim.Core.Merchants;

namespace PaymentSim.Api.Rest;

/// <summary>
/// What pages of any origin may do here: ask for what publishable keys may, and read the answers to those keys. A secret key gains nothing:
/// browsers keep the answers to it from pages of other origins, and everything else is not even asked for.
/// </summary>
internal sealed class CrossOrigin : ICorsPolicyProvider
{
    private const string Any = "*";

    private static readonly CorsPolicy Preflight = new CorsPolicyBuilder().AllowAnyOrigin().AllowAnyMethod()
        .WithHeaders(
            "Authorization", "Content-Type", RestMiddleware.IdempotencyKeyHeader, RestMiddleware.AccountHeader, RestMiddleware.VersionHeader, "X-Stripe-Client-User-Agent")
        .SetPreflightMaxAge(TimeSpan.FromMinutes(5))
        .Build();

    private static readonly string Readable =
        string.Join(", ", RestMiddleware.RequestIdHeader, RestMiddleware.IdempotentReplayedHeader, RestMiddleware.OriginalRequestHeader, RestMiddleware.VersionHeader);

    /// <summary>Whether a browser asks what a page may do; that question has no key.</summary>
    public static bool IsPreflight(HttpRequest request) => HttpMethods.IsOptions(request.Method)
        && request.Headers.ContainsKey(CorsConstants.Origin) && request.Headers.ContainsKey(CorsConstants.AccessControlRequestMethod);

    /// <summary>Lets pages read the answer, unless it is one to a secret key.</summary>
    public static void LetPagesRead(HttpContext http, string? key)
    {
        if (!http.Request.Headers.ContainsKey(CorsConstants.Origin)) return;
        if (key?.StartsWith(PublishableKey.Prefix, StringComparison.Ordinal) == false) return;
        http.Response.Headers.AccessControlAllowOrigin = Any;
        http.Response.Headers.AccessControlExposeHeaders = Readable;
    }

    /// <summary>Of endpoints with <see cref="AllowsPublishableKeyAttribute"/>; the answers themselves are <see cref="LetPagesRead"/>'s.</summary>
    Task<CorsPolicy?> ICorsPolicyProvider.GetPolicyAsync(HttpContext context, string? policyName)
    {
        var isAllowed = context.GetEndpoint()?.Metadata.GetMetadata<AllowsPublishableKeyAttribute>() is not null;
        return Task.FromResult(isAllowed && IsPreflight(context.Request) ? Preflight : null);
    }
}
