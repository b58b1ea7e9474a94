using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

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

    /// <summary>It was not sent at all, because a fault of the endpoint's plan says so.</summary>
    Dropped,
}

/// <summary>A webhook that is ready to be sent: the same id and body at every attempt, a new time and new signatures at each.</summary>
public sealed record SignedWebhook(string Url, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The connection is reset on purpose when so many bytes of the body were sent; null: all of it is sent.</summary>
    public int? AbortAfterBytes { get; init; }

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

    public string? Body { get; init; }

    public SendErrorClass? ErrorClass { get; init; }

    /// <summary>One line for people: "HTTP 500 from http://…"; null on success.</summary>
    public string? Error { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>How long the endpoint asked to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>Sends webhooks: no redirects, no cookies, no proxy; the answer's body is read up to a limit, all within the time-out.</summary>
internal sealed class WebhookSender(WebhookOptions options, TimeProvider clock) : IDisposable
{
    private const int MaxBody = 16 * 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        MaxResponseHeadersLength = 64,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public void Dispose() => _http.Dispose();

    /// <exception cref="OperationCanceledException">The simulator is being stopped.</exception>
    public async Task<SendResult> SendAsync(SignedWebhook webhook, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Timeout);
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url)
            {
                Content = webhook.AbortAfterBytes is { } sent ? new BrokenContent(webhook.Body, sent) : new ByteArrayContent(webhook.Body),
            };
            foreach (var (name, value) in webhook.Headers)
            {
                if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content.Headers.TryAddWithoutValidation(name, value);
            }

            using var breaking = webhook.AbortAfterBytes is null ? null : BrokenContent.NewClient();
            using var response = await (breaking ?? _http).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            var body = await ReadBodyAsync(response, deadline.Token, cancellationToken);
            var status = (int)response.StatusCode;
            return new SendResult
            {
                Status = status,
                Headers = Flatten(response.Headers.Concat(response.Content.Headers)),
                Body = body,
                ErrorClass = response.IsSuccessStatusCode ? null : SendErrorClass.Status,
                Error = response.IsSuccessStatusCode ? null : $"HTTP {status} from {webhook.Url}",
                Duration = Stopwatch.GetElapsedTime(started),
                RetryAfter = AsksToWait(response.StatusCode) ? Wait(response.Headers.RetryAfter) : null,
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(SendErrorClass.Timeout, $"no answer within {Duration.Format(options.Timeout)} from {webhook.Url}");
        }
        catch (HttpRequestException failure) when (BrokenContent.IsOnPurpose(failure))
        {
            return Failed(SendErrorClass.Reset, $"connection reset on purpose after {webhook.AbortAfterBytes} bytes of the body: {webhook.Url}");
        }
        catch (HttpRequestException failure)
        {
            var (kind, what) = Classify(failure);
            return Failed(kind, $"{what}: {webhook.Url}");
        }

        SendResult Failed(SendErrorClass kind, string error) =>
            new() { ErrorClass = kind, Error = error, Duration = Stopwatch.GetElapsedTime(started) };
    }

    /// <summary>The status has decided already: a body that breaks off or comes too slowly is kept as far as it came.</summary>
    private static async Task<string> ReadBodyAsync(HttpResponseMessage response, CancellationToken deadline, CancellationToken stopping)
    {
        var buffer = new byte[MaxBody];
        var length = 0;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(deadline);
            while (length < buffer.Length)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length), deadline);
                if (read == 0) break;
                length += read;
            }
        }
        catch (Exception cut) when (cut is IOException or HttpRequestException || (cut is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            return Text(length) + "… (cut off)";
        }

        return Text(length);

        // NUL is the one character that not every database takes as text.
        string Text(int count) => Encoding.UTF8.GetString(buffer, 0, count).Replace('\0', '\uFFFD');
    }

    private static (SendErrorClass Class, string What) Classify(HttpRequestException failure) => failure.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => (SendErrorClass.Dns, "unknown host"),
        HttpRequestError.SecureConnectionError => (SendErrorClass.Tls, "no secure connection"),
        HttpRequestError.ConnectionError when failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
            (SendErrorClass.Refused, "connection refused"),
        HttpRequestError.ConnectionError => (SendErrorClass.Refused, "no connection"),
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.ConfigurationLimitExceeded =>
            (SendErrorClass.Protocol, "the answer is no HTTP"),
        _ => (SendErrorClass.Reset, "the connection broke"),
    };

    private static bool AsksToWait(HttpStatusCode status) => status
        is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private TimeSpan? Wait(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } seconds } => seconds,
        { Date: { } date } => date - clock.GetUtcNow(),
        _ => null,
    };

    private static Dictionary<string, string> Flatten(IEnumerable<KeyValuePair<string, IEnumerable<string>>> headers) =>
        headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
}
