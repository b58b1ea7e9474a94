using System.Globalization;
using System.Net.Sockets;
using System.Text;
using PaymentSim.Core;

namespace PaymentSim.Api.Cli.Check;

/// <summary>What probes have in common: the handler that they talk to, and what they send.</summary>
internal sealed class ProbeSession : IDisposable
{
    private const int LongestText = 100;

    /// <summary>How much longer than usual the slow probe may take: what its pauses take, and as much again.</summary>
    private static readonly TimeSpan SlowExtra = 2 * SlowContent.Pauses;

    private readonly TimeProvider _clock;
    private readonly CancellationToken _stop;

    // As webhooks are sent: no redirects, no cookies, no proxy.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private bool _reached;

    public ProbeSession(CheckOptions options, TimeProvider clock, CancellationToken stop)
    {
        (Options, _clock, _stop) = (options, clock, stop);
        Events = new SampleEvents(new Ids(clock, new Randomness()), clock, options.ApiVersion, options.Object);
        First = Events.New(options.Event);
    }

    public CheckOptions Options { get; }

    public SampleEvents Events { get; }

    /// <summary>The event of the first probe, which others repeat.</summary>
    public SampleEvent First { get; }

    public DateTimeOffset Now => _clock.GetUtcNow();

    public void Dispose() => _http.Dispose();

    /// <summary>An event of the type that was asked for, that nobody has seen.</summary>
    public SampleEvent NewEvent() => Events.New(Options.Event);

    /// <summary>Signed as the simulator does it.</summary>
    /// <param name="at">When; now unless told.</param>
    public ProbeRequest Sign(SampleEvent sample, DateTimeOffset? at = null) => Sign(sample.Id, sample.Body, at);

    public ProbeRequest Sign(string id, byte[] body, DateTimeOffset? at = null) => ProbeRequest.Sign(id, body, [Options.Secret], at ?? Now);

    /// <exception cref="OperationCanceledException">The check is being stopped.</exception>
    /// <exception cref="CheckException">There never was anybody to talk to; one that is gone in the middle is another matter.</exception>
    public async Task<ProbeAnswer> SendAsync(ProbeRequest probe)
    {
        var answer = await TrySendAsync(probe);
        if (answer.NoConnection && !_reached) throw new CheckException($"{Options.Url} cannot be reached: {answer.Text}.");
        _reached = true;
        return answer;
    }

    private async Task<ProbeAnswer> TrySendAsync(ProbeRequest probe)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        deadline.CancelAfter(Options.Timeout + (probe.Slowly ? SlowExtra : TimeSpan.Zero));
        try
        {
            using var request = Build(probe);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            var status = (int)response.StatusCode;
            return new ProbeAnswer(status, $"{status} {await BeginningAsync(response, deadline.Token)}".TrimEnd());
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return new ProbeAnswer(null, $"no answer within {Duration.Format(Options.Timeout)}");
        }
        catch (HttpRequestException failure)
        {
            return Unanswered(failure);
        }
    }

    private HttpRequestMessage Build(ProbeRequest probe)
    {
        var request = new HttpRequestMessage(probe.Method, Options.Url);
        if (probe.Method == HttpMethod.Post) request.Content = probe.Slowly ? new SlowContent(probe.Body, _clock) : new ByteArrayContent(probe.Body);
        foreach (var (name, value) in probe.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static ProbeAnswer Unanswered(HttpRequestException failure) => failure.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => new ProbeAnswer(null, "the host name is unknown") { NoConnection = true },
        HttpRequestError.SecureConnectionError => new ProbeAnswer(null, "no secure connection could be made: is the certificate valid?") { NoConnection = true },
        HttpRequestError.ConnectionError => new ProbeAnswer(
            null, failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? "nobody listens there" : "no connection could be made") { NoConnection = true },
        _ => new ProbeAnswer(null, "the connection broke before an answer came"),
    };

    /// <summary>What the answer says, as far as one line can show it: never the secret, and nothing that a terminal or an XML file would choke on.</summary>
    private async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken deadline)
    {
        var buffer = new byte[4 * LongestText];
        var length = 0;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(deadline);
            length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, deadline);
        }
        catch (Exception cut) when (cut is IOException or HttpRequestException || (cut is OperationCanceledException && !_stop.IsCancellationRequested))
        {
            // The status has decided already.
        }

        var text = Encoding.UTF8.GetString(buffer, 0, length).Trim();
        if (text.StartsWith('<')) return "(a page)";
        text = text.Replace(Options.Secret, "whsec_…", StringComparison.Ordinal).Replace(Options.Secret["whsec_".Length..], "…", StringComparison.Ordinal);
        var line = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length >= LongestText) return line.Append('…').ToString();
            line.Append(Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                ? " "
                : rune.ToString());
        }

        return line.ToString();
    }

    /// <summary>A body as a slow connection brings it.</summary>
    private sealed class SlowContent(byte[] body, TimeProvider clock) : HttpContent
    {
        private const int Pieces = 8;

        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

        public static TimeSpan Pauses => Pieces * Pause;

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context, CancellationToken cancellationToken)
        {
            foreach (var piece in body.Chunk(body.Length / Pieces + 1))
            {
                await stream.WriteAsync(piece, cancellationToken);
                await stream.FlushAsync(cancellationToken);
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = body.Length;
            return true;
        }
    }
}
