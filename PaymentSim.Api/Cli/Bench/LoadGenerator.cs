using System.Diagnostics;
using System.Text;
using System.Text.Json.Serialization;
using PaymentSim.Core;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>What idempotency keys a load's requests have: random ones, as the official SDKs make them.</summary>
internal enum LoadKeys
{
    None,

    /// <summary>Each its own.</summary>
    Unique,

    /// <summary>All the same: one charge is made, and answered again and again. It warms a server up and leaves its database small.</summary>
    Same,
}

/// <summary>Makes charges as fast as the server answers, each connection one after the other.</summary>
/// <param name="Urls">The servers; the connections are spread over them.</param>
/// <param name="ApiKey">The merchant's key.</param>
/// <param name="Connections">How many.</param>
internal sealed record LoadOrder(IReadOnlyList<string> Urls, string ApiKey, int Connections) : BenchOrder
{
    /// <summary>For how long, unless <see cref="Requests"/> are made before.</summary>
    public double Seconds { get; init; }

    public int? Requests { get; init; }

    public LoadKeys Keys { get; init; }

    /// <summary>True: the charges' ids are answered.</summary>
    public bool WantsIds { get; init; }
}

/// <summary>What a load came to. Latencies are from the request's first byte to the answer's last.</summary>
internal sealed record LoadResult
{
    /// <summary>Those that were answered with 200; the figures are theirs.</summary>
    public required int Requests { get; init; }

    public required double Seconds { get; init; }

    public required double PerSecond { get; init; }

    public required double P50Ms { get; init; }

    public required double P99Ms { get; init; }

    /// <summary>Those that were answered otherwise.</summary>
    public required int Refused { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FirstRefusal { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Ids { get; init; }
}

/// <summary>One load: a loop a connection, the request's bytes made before, latencies in an array that is there before.</summary>
internal sealed class LoadGenerator
{
    private const int MostPerSecond = 40_000;

    private readonly LoadOrder _order;
    private readonly string _key = Ids.IdempotencyKey();
    private readonly long[] _latencies;
    private readonly List<string>? _ids;
    private int _started;
    private int _answered;
    private int _refused;
    private string? _firstRefusal;
    private long _deadline;

    private LoadGenerator(LoadOrder order)
    {
        _order = order;
        _latencies = new long[order.Requests ?? (int)(order.Seconds * MostPerSecond)];
        _ids = order.WantsIds ? new List<string>(_latencies.Length / 16) : null;
    }

    public static Task<LoadResult> RunAsync(LoadOrder order) => new LoadGenerator(order).RunAsync();

    /// <summary>The bytes of a request for a charge.</summary>
    public static byte[] Request(Uri url, string apiKey, string? idempotencyKey = null)
    {
        const string Body = "amount=2000&currency=usd&source=tok_visa";
        return Encoding.ASCII.GetBytes(
            $"POST {url.AbsolutePath.TrimEnd('/')}/v1/charges HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Bearer {apiKey}\r\n"
            + (idempotencyKey is null ? "" : $"Idempotency-Key: {idempotencyKey}\r\n")
            + $"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
    }

    /// <summary>The first charge's id in a JSON text, or null.</summary>
    public static string? ChargeIdIn(ReadOnlySpan<byte> json)
    {
        var before = "\"id\":\""u8;
        var at = json.IndexOf("\"id\":\"ch_"u8);
        if (at < 0) return null;
        var id = json[(at + before.Length)..];
        return Encoding.ASCII.GetString(id[..id.IndexOf((byte)'"')]);
    }

    private async Task<LoadResult> RunAsync()
    {
        var urls = _order.Urls.Select(url => new Uri(url)).ToList();
        var connections = new List<HttpStream>();
        try
        {
            for (var i = 0; i < _order.Connections; i++) connections.Add(await HttpStream.ConnectAsync(urls[i % urls.Count]));
            var start = Stopwatch.GetTimestamp();
            _deadline = start + (long)(_order.Seconds * Stopwatch.Frequency);
            await Task.WhenAll(connections.Select((connection, i) => Task.Run(() => LoopAsync(connection, urls[i % urls.Count]))));
            return Result(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        finally
        {
            foreach (var connection in connections) connection.Dispose();
        }
    }

    private async Task LoopAsync(HttpStream connection, Uri url)
    {
        var key = _order.Keys == LoadKeys.None ? null : _key;
        var request = Request(url, _order.ApiKey, key);
        var written = key is null ? default : request.AsMemory(request.AsSpan().IndexOf(Encoding.ASCII.GetBytes(key)), key.Length);
        while (Stopwatch.GetTimestamp() < _deadline)
        {
            var number = Interlocked.Increment(ref _started);
            if (number > _latencies.Length) return;
            if (_order.Keys == LoadKeys.Unique) Encoding.ASCII.GetBytes(Ids.IdempotencyKey(), written.Span);

            var sent = Stopwatch.GetTimestamp();
            await connection.SendAsync(request);
            var answer = await connection.ReadAsync() ?? throw new IOException("The server closed the connection.");
            Take(answer, Stopwatch.GetTimestamp() - sent);
        }
    }

    private void Take(HttpMessage answer, long latency)
    {
        if (answer.Status != StatusCodes.Status200OK)
        {
            if (Interlocked.Increment(ref _refused) == 1) _firstRefusal = $"{answer.Status} {Encoding.UTF8.GetString(answer.Body.Span)}";
            return;
        }

        _latencies[Interlocked.Increment(ref _answered) - 1] = latency;
        if (_ids is not null && ChargeIdIn(answer.Body.Span) is { } id)
        {
            lock (_ids) _ids.Add(id);
        }
    }

    private LoadResult Result(double seconds)
    {
        var latencies = Latencies.Of(_latencies.AsSpan(0, _answered));
        return new LoadResult
        {
            Requests = _answered,
            Seconds = Math.Round(seconds, 3),
            PerSecond = Math.Round(_answered / seconds, 1),
            P50Ms = latencies.P50Ms,
            P99Ms = latencies.P99Ms,
            Refused = _refused,
            FirstRefusal = _firstRefusal,
            Ids = _ids,
        };
    }
}

/// <summary>Half, and 99 of 100, took at most this long.</summary>
internal sealed record Latencies(double P50Ms, double P99Ms)
{
    /// <param name="ticks">In the stopwatch's units; they are put in order.</param>
    public static Latencies Of(Span<long> ticks)
    {
        ticks.Sort();
        return new Latencies(At(ticks, 0.50), At(ticks, 0.99));
    }

    private static double At(ReadOnlySpan<long> sorted, double share) => sorted.IsEmpty
        ? 0
        : Math.Round(sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)] * 1000.0 / Stopwatch.Frequency, 3);
}
