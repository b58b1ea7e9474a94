using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>What kept an attempt from succeeding.</summary>
public enum SendErrorClass
{
    /// <summary>The endpoint answered, but not with 2xx.</summary>
    Status,

    /// <summary>No complete answer in time.</summary>
    Timeout,

    /// <summary>Nobody listens there.</summary>
    Refused,

    /// <summary>The connection broke before the answer.</summary>
    Reset,

    /// <summary>The host name is unknown.</summary>
    Dns,

    /// <summary>No secure connection could be made.</summary>
    Tls,

    /// <summary>What came back is no HTTP.</summary>
    Protocol,

    /// <summary>The simulator did not send it: its URL leads to where webhooks must not go, or a header cannot be sent.</summary>
    Blocked,

    /// <summary>It was not sent at all, because a fault of the endpoint's plan says so.</summary>
    Dropped,
}

/// <summary>A webhook that is ready to be sent: the same id and body at every attempt, a new time and new signatures at each.</summary>
public sealed record SignedWebhook(string Url, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>RFC 9110's token; a header's name is one.</summary>
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Space to tilde, and the tab: no line break can begin another header.</summary>
    private static readonly SearchValues<char> ValueCharacters = SearchValues.Create("\t" + string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c)));

    /// <summary>How long the endpoint may take to answer, from connecting to the last byte; null: <see cref="WebhookOptions.Timeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The connection is reset on purpose when so many bytes of the body have been sent; null: it is not.</summary>
    public int? AbortAfterBytes { get; init; }

    /// <summary>Its headers or body were changed on purpose since it was signed: then the attempt's log keeps them as they were sent.</summary>
    public bool IsAltered { get; init; }

    /// <summary>All headers for the log: as they stand on the wire, with those that HTTP itself asks for, but for the values that are the merchant's.</summary>
    public IReadOnlyDictionary<string, string> SentHeaders => new Dictionary<string, string>(ShownHeaders)
    {
        ["Host"] = HostOf(new Uri(Url)),
        ["Content-Length"] = Body.Length.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Why it must not be sent: a header would end where it should not, or be another one; null: it can be.</summary>
    public string? WhyMalformed()
    {
        foreach (var (name, value) in Headers)
        {
            if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(NameCharacters)) return "a header's name has characters that no name can have";
            if (value.AsSpan().ContainsAnyExcept(ValueCharacters)) return $"the header {name} has characters that no header can have";
        }

        return null;
    }

    private static string HostOf(Uri url)
    {
        var host = url.HostNameType == UriHostNameType.IPv6 ? $"[{url.IdnHost}]" : url.IdnHost;
        return url.IsDefaultPort ? host : $"{host}:{url.Port}";
    }

    /// <summary>The names of headers that are the merchant's own: their values may be keys of his.</summary>
    public IReadOnlySet<string>? OwnHeaders { get; init; }

    /// <summary>The headers as people may see them.</summary>
    public IReadOnlyDictionary<string, string> ShownHeaders => OwnHeaders is null
        ? Headers
        : Headers.ToDictionary(header => header.Key, header => OwnHeaders.Contains(header.Key) ? EndpointHeaders.Mask : header.Value);

    /// <summary>As an endpoint's policy wants it.</summary>
    /// <param name="endpoint">Where it goes to.</param>
    /// <param name="own">The headers that its merchant wants sent along.</param>
    internal SignedWebhook For(WebhookEndpoint endpoint, IReadOnlyDictionary<string, string>? own)
    {
        var webhook = endpoint.Timeout is { } timeout ? this with { Timeout = timeout } : this;
        return own is null ? webhook : webhook with
        {
            Headers = Headers.Concat(own).ToDictionary(),
            OwnHeaders = own.Keys.ToHashSet(),
        };
    }

    /// <param name="url">Where to.</param>
    /// <param name="id">The webhook's id: the same at every attempt.</param>
    /// <param name="body">The bytes to send.</param>
    /// <param name="secrets">The endpoint's active secrets.</param>
    /// <param name="now">The attempt's time.</param>
    public static SignedWebhook Sign(string url, string id, byte[] body, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        var timestamp = now.ToUnixTimeSeconds();
        return new SignedWebhook(url, body, new Dictionary<string, string>
        {
            ["Content-Type"] = "application/json; charset=utf-8",
            ["User-Agent"] = "PaymentSim/1.0 (webhooks)",
            ["Stripe-Signature"] = WebhookSignature.Stripe(secrets, timestamp, body),
            ["webhook-id"] = id,
            ["webhook-timestamp"] = timestamp.ToString(null, null),
            ["webhook-signature"] = WebhookSignature.StandardWebhooks(secrets, id, timestamp, body),
        });
    }
}

/// <summary>What came of an attempt.</summary>
public sealed record SendResult
{
    public int? Status { get; init; }

    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>The first 64 KB of it; what is no UTF-8 is replaced.</summary>
    public string? Body { get; init; }

    /// <summary>The body went on, or broke off.</summary>
    public bool IsTruncated { get; init; }

    public SendErrorClass? ErrorClass { get; init; }

    /// <summary>One line for people: "HTTP 500 from http://…"; null on success.</summary>
    public string? Error { get; init; }

    public required TimeSpan Duration { get; init; }

    public AttemptTimings? Timings { get; init; }

    /// <summary>What was sent, where that is not what was signed.</summary>
    public SignedWebhook? Altered { get; init; }

    /// <summary>How long the endpoint asked to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>Sends webhooks, each within its time-out, to where they may go; of the answer it reads no more than the log keeps.</summary>
internal sealed class WebhookSender : IDisposable
{
    private readonly WebhookOptions _options;
    private readonly TimeProvider _clock;
    private readonly WebhookConnections _connections;
    private readonly HttpMessageInvoker _http;

    public WebhookSender(WebhookOptions options, NetworkPolicy network, TimeProvider clock)
    {
        (_options, _clock, _connections) = (options, clock, new WebhookConnections(network));
        _http = _connections.NewClient();
    }

    public void Dispose() => _http.Dispose();

    /// <exception cref="OperationCanceledException">The simulator is being stopped.</exception>
    public async Task<SendResult> SendAsync(SignedWebhook webhook, CancellationToken cancellationToken)
    {
        if (webhook.AbortAfterBytes is null) return await SendAsync(_http, webhook, cancellationToken);

        // A connection of its own: nobody else's is reset, and none that was reset is used again.
        using var http = _connections.NewClient();
        return await SendAsync(http, webhook, cancellationToken);
    }

    private async Task<SendResult> SendAsync(HttpMessageInvoker http, SignedWebhook webhook, CancellationToken cancellationToken)
    {
        var trace = new AttemptTrace();
        if (webhook.WhyMalformed() is { } malformed) return Failed(SendErrorClass.Blocked, $"not sent, for {malformed}");

        var timeout = webhook.Timeout ?? _options.Timeout;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        using var request = Request(webhook, trace);
        try
        {
            using var response = await http.SendAsync(request, deadline.Token);
            trace.Answered();
            var body = await ResponseBody.ReadAsync(response, deadline.Token, cancellationToken);
            var status = (int)response.StatusCode;
            return new SendResult
            {
                Status = status,
                Headers = Flatten(response),
                Body = body.Text,
                IsTruncated = body.IsTruncated,
                ErrorClass = response.IsSuccessStatusCode ? null : SendErrorClass.Status,
                Error = response.IsSuccessStatusCode ? null : $"HTTP {status} from {webhook.Url}",
                Duration = trace.Elapsed,
                Timings = trace.Read(),
                Altered = webhook.IsAltered ? webhook : null,
                RetryAfter = AsksToWait(response.StatusCode) ? Wait(response.Headers.RetryAfter) : null,
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(SendErrorClass.Timeout, $"no answer within {Duration.Format(timeout)} from {webhook.Url}");
        }
        catch (Exception) when (request.Content is BrokenContent { IsBroken: true } broken)
        {
            return Failed(SendErrorClass.Reset, $"the simulator broke the connection on purpose after {broken.Sent} of {webhook.Body.Length} bytes: {webhook.Url}");
        }
        catch (HttpRequestException failure)
        {
            var (kind, what) = Classify(failure);
            return Failed(kind, $"{what}: {webhook.Url}");
        }

        SendResult Failed(SendErrorClass kind, string error) => new()
        {
            ErrorClass = kind, Error = error, Duration = trace.Elapsed, Timings = trace.Read(), Altered = webhook.IsAltered ? webhook : null,
        };
    }

    private static HttpRequestMessage Request(SignedWebhook webhook, AttemptTrace trace)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url)
        {
            Content = webhook.AbortAfterBytes is { } bytes ? new BrokenContent(webhook.Body, bytes, () => trace.Socket) : new ByteArrayContent(webhook.Body),
        };
        request.Options.Set(AttemptTrace.Key, trace);
        foreach (var (name, value) in webhook.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static (SendErrorClass Class, string What) Classify(HttpRequestException failure) => failure.HttpRequestError switch
    {
        _ when failure.InnerException is ConnectionFailure refused => (refused.Kind, refused.Message),
        HttpRequestError.SecureConnectionError => (SendErrorClass.Tls, $"no secure connection ({failure.GetBaseException().Message.TrimEnd('.')})"),
        HttpRequestError.ConfigurationLimitExceeded => (SendErrorClass.Protocol, $"the answer's headers have more than {WebhookConnections.MaxHeaders} KB"),
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => (SendErrorClass.Protocol, "the answer is no HTTP"),
        _ => (SendErrorClass.Reset, "the connection broke"),
    };

    private static bool AsksToWait(HttpStatusCode status) => status
        is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private TimeSpan? Wait(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } seconds } => seconds,
        { Date: { } date } => date - _clock.Reality().GetUtcNow(),
        _ => null,
    };

    /// <summary>As they came: nothing of them is parsed.</summary>
    private static Dictionary<string, string> Flatten(HttpResponseMessage response)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in response.Headers.NonValidated) headers[name] = values.ToString();
        foreach (var (name, values) in response.Content.Headers.NonValidated) headers[name] = values.ToString();
        return headers;
    }
}
