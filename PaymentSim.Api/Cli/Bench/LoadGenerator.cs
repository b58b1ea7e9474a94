using System.Diagnostics;
using System.Net.Sockets;
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

    /// <summary>Several loads of the same kind as one; its latencies are the middle ones of theirs.</summary>
    public static LoadResult Together(IReadOnlyList<LoadResult> loads)
    {
        var (requests, seconds) = (loads.Sum(load => load.Requests), loads.Sum(load => load.Seconds));
        return new LoadResult
        {
            Requests = requests,
            Seconds = Math.Round(seconds, 3),
            PerSecond = Math.Round(requests / seconds, 1),
            P50Ms = Spread.Of([.. loads.Select(load => load.P50Ms)]).Median,
            P99Ms = Spread.Of([.. loads.Select(load => load.P99Ms)]).Median,
            Refused = loads.Sum(load => load.Refused),
            FirstRefusal = loads.FirstOrDefault(load => load.FirstRefusal is not null)?.FirstRefusal,
        };
    }
}

/// <summary>
/// One load. A single thread serves all connections, as the generators written in C do: it waits for any of them, reads its answer and sends its next request,
/// whose bytes were made before; latencies go into an array that is there before. A loop for each connection came to three fifths as many requests.
/// </summary>
internal sealed class LoadGenerator
{
    private const int MostPerSecond = 100_000;

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

    public static Task<LoadResult> RunAsync(LoadOrder order) => Task.Run(() => new LoadGenerator(order).Run());

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

    private LoadResult Run()
    {
        var urls = _order.Urls.Select(url => new Uri(url)).ToList();
        var connections = new List<Connection>();
        try
        {
            for (var i = 0; i < _order.Connections; i++) connections.Add(Connect(urls[i % urls.Count]));
            var start = Stopwatch.GetTimestamp();
            _deadline = start + (long)(_order.Seconds * Stopwatch.Frequency);
            Serve(connections);
            return Result(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        finally
        {
            foreach (var connection in connections) connection.Stream.Dispose();
        }
    }

    private Connection Connect(Uri url)
    {
        var key = _order.Keys == LoadKeys.None ? null : _key;
        var request = Request(url, _order.ApiKey, key);
        var changing = _order.Keys == LoadKeys.Unique ? request.AsMemory(request.AsSpan().IndexOf(Encoding.ASCII.GetBytes(_key)), _key.Length) : default;
        return new Connection(HttpStream.Connect(url), request, changing);
    }

    /// <summary>Until each connection has read its last answer.</summary>
    private void Serve(IEnumerable<Connection> connections)
    {
        var waiting = connections.Where(TrySend).ToDictionary(connection => connection.Stream.Socket);
        var ready = new List<Socket>();
        while (waiting.Count > 0)
        {
            ready.Clear();
            ready.AddRange(waiting.Keys);
            Socket.Select(ready, null, null, Timeout.InfiniteTimeSpan);
            foreach (var socket in ready)
            {
                var connection = waiting[socket];
                if (!connection.Stream.TryRead(out var answer)) continue;
                Take(answer, Stopwatch.GetTimestamp() - connection.Sent);
                if (!TrySend(connection)) waiting.Remove(socket);
            }
        }
    }

    /// <summary>False: the load is over.</summary>
    private bool TrySend(Connection connection)
    {
        if (Stopwatch.GetTimestamp() >= _deadline || _started == _latencies.Length) return false;
        _started++;
        if (!connection.Key.IsEmpty) Encoding.ASCII.GetBytes(Ids.IdempotencyKey(), connection.Key.Span);
        connection.Sent = Stopwatch.GetTimestamp();
        connection.Stream.Send(connection.Request);
        return true;
    }

    private void Take(HttpMessage answer, long latency)
    {
        if (answer.Status != StatusCodes.Status200OK)
        {
            if (_refused++ == 0) _firstRefusal = $"{answer.Status} {Encoding.UTF8.GetString(answer.Body.Span)}";
            return;
        }

        _latencies[_answered++] = latency;
        if (_ids is not null && ChargeIdIn(answer.Body.Span) is { } id) _ids.Add(id);
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

    /// <param name="Stream">To the server.</param>
    /// <param name="Request">What is sent again and again.</param>
    /// <param name="Key">The part of it that is another each time, where one is.</param>
    private sealed record Connection(HttpStream Stream, byte[] Request, Memory<byte> Key)
    {
        /// <summary>When the request was begun that waits for its answer.</summary>
        public long Sent { get; set; }
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
