using System.Buffers.Text;
using System.Text;
using System.Text.RegularExpressions;
using MediatR;
using Microsoft.Net.Http.Headers;
using PaymentSim.Api.Hosting;
using PaymentSim.Core;
using PaymentSim.Core.Events;
using PaymentSim.Core.Merchants;

namespace PaymentSim.Api.Rest;

/// <summary>
/// What every request under /v1 gets: its id and version in the headers, its merchant by its key, and errors in the wire's shape
/// whatever happens.
/// </summary>
internal sealed partial class RestMiddleware(
    RequestDelegate next, AccessPolicy access, ApiVersionOptions versions, Ids ids, ILogger<RestMiddleware> logger)
{
    public const string IdempotencyKeyHeader = "Idempotency-Key";
    public const string IdempotentReplayedHeader = "Idempotent-Replayed";
    public const string OriginalRequestHeader = "Original-Request";
    public const string RequestIdHeader = "Request-Id";
    public const string AccountHeader = "Stripe-Account";
    public const string VersionHeader = "Stripe-Version";
    private const int LongestIdempotencyKey = 255;

    public async Task InvokeAsync(HttpContext http, RequestContext context, IMediator mediator)
    {
        context.RequestId = ids.New("req");
        context.BaseUrl = $"{http.Request.Scheme}://{http.Request.Host}";
        http.Response.Headers[RequestIdHeader] = context.RequestId;
        try
        {
            if (!CrossOrigin.IsPreflight(http.Request))
            {
                var key = KeyOf(http.Request);
                CrossOrigin.LetPagesRead(http, key);
                ReadHeaders(http, context);
                await AuthenticateAsync(http, context, mediator, key);
            }

            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed, ContentType: null })
                await WriteNoSuchUrlAsync(http);
        }
        catch (Exception failure) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            await WriteAsync(http, failure);
        }
    }

    private void ReadHeaders(HttpContext http, RequestContext context)
    {
        var version = http.Request.Headers[VersionHeader].ToString();
        if (version.Length > 0 && !VersionShape().IsMatch(version))
        {
            http.Response.Headers[VersionHeader] = versions.Default;
            throw new ProblemException(Problem.Invalid($"Invalid {VersionHeader} header: a version looks like {versions.Default}."));
        }

        context.ApiVersion = version.Length > 0 ? version : null;
        http.Response.Headers[VersionHeader] = context.ApiVersion ?? versions.Default;

        if (!HttpMethods.IsPost(http.Request.Method) || !http.Request.Headers.TryGetValue(IdempotencyKeyHeader, out var keys)) return;
        var key = keys.ToString();
        if (key.Length is 0 or > LongestIdempotencyKey || key.Any(char.IsControl))
            throw new ProblemException(Problem.Invalid($"Invalid {IdempotencyKeyHeader} header: a key has 1 to {LongestIdempotencyKey} characters."));
        context.IdempotencyKey = key;
        http.Response.Headers[IdempotencyKeyHeader] = key;
        http.Response.OnStarting(() =>
        {
            if (context.ReplayedFrom is not { } original) return Task.CompletedTask;
            http.Response.Headers[IdempotentReplayedHeader] = "true";
            http.Response.Headers[OriginalRequestHeader] = original;
            return Task.CompletedTask;
        });
    }

    private async Task AuthenticateAsync(HttpContext http, RequestContext context, IMediator mediator, string? key)
    {
        var account = AccountOf(http);
        if (key?.StartsWith(PublishableKey.Prefix, StringComparison.Ordinal) != true)
        {
            context.MerchantId = await mediator.Send(new AuthenticateKey(key, access.Current, account), http.RequestAborted);
            return;
        }

        context.MerchantId = await mediator.Send(new AuthenticatePublishableKey(key, account), http.RequestAborted);
        context.IsPublishable = true;
        http.Features.Set(PublishableCaller.Instance);
    }

    /// <summary>The connected account that the request is made for, if any; the answer says the same.</summary>
    private static string? AccountOf(HttpContext http)
    {
        var account = http.Request.Headers[AccountHeader].ToString();
        if (account.Length == 0) return null;
        if (!AccountShape().IsMatch(account)) throw new ProblemException(Problem.Invalid($"Invalid {AccountHeader} header: an account's id looks like acct_123."));
        http.Response.Headers[AccountHeader] = account;
        return account;
    }

    private static string? KeyOf(HttpRequest request)
    {
        if (!AuthenticationHeader.TryParse(request.Headers.Authorization, out var scheme, out var value)) return null;
        if (scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) return value;
        if (!scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) || !Base64.IsValid(value)) return null;
        var pair = Encoding.UTF8.GetString(Convert.FromBase64String(value));
        return pair.Split(':', 2)[0];
    }

    private static Task WriteNoSuchUrlAsync(HttpContext http) => ErrorResponse.WriteAsync(
        http,
        Problem.Invalid(http.Response.StatusCode == StatusCodes.Status405MethodNotAllowed
            ? $"{http.Request.Path} does not take {http.Request.Method}; it takes {http.Response.Headers[HeaderNames.Allow]}."
            : $"Unrecognized request URL ({http.Request.Method}: {http.Request.Path}). The reference is at /docs."),
        http.Response.StatusCode);

    private Task WriteAsync(HttpContext http, Exception failure)
    {
        if (failure is ProblemException refused)
        {
            if (refused.Problem.Kind == ProblemKind.Unauthorized) http.Response.Headers.WWWAuthenticate = "Bearer realm=\"PaymentSim\"";
            return ErrorResponse.WriteAsync(http, refused.Problem);
        }

        if (failure is BadHttpRequestException bad)
        {
            var message = bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The request's body is too large: 1 MB at most." : "The request is malformed.";
            return ErrorResponse.WriteAsync(http, Problem.Invalid(message), bad.StatusCode);
        }

        LogFailed(failure, http.Request.Method, http.Request.Path);
        return ErrorResponse.WriteAsync(http, new Problem(ProblemKind.Api, null, "PaymentSim failed to handle this request; its log says why."));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogFailed(Exception failure, string method, string path);

    [GeneratedRegex(@"^[A-Za-z0-9_]{1,64}\z")]
    private static partial Regex AccountShape();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.[a-z]{1,30})?(; ?[a-z0-9_=; ]{1,200})?\z")]
    private static partial Regex VersionShape();

    private static class AuthenticationHeader
    {
        public static bool TryParse(string? header, out string scheme, out string value)
        {
            (scheme, value) = ("", "");
            if (header?.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is not [var first, var second]) return false;
            (scheme, value) = (first, second);
            return true;
        }
    }
}
