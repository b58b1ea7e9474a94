using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>Starts to receive; answers the URL for webhooks.</summary>
internal sealed record ListenOrder : BenchOrder;

/// <summary>Asks what was received so far.</summary>
/// <param name="WantsCharges">True: with the ids of the charges that webhooks told of.</param>
internal sealed record ReceivedOrder(bool WantsCharges) : BenchOrder;

/// <summary>Lets webhooks wait for their answers, or answers those that wait and all that follow.</summary>
internal sealed record HoldOrder(bool Hold) : BenchOrder;

/// <summary>Asks how fast new webhooks came since they were last let through, in so many parts of equal size: a second, each.</summary>
internal sealed record ArrivalsOrder(int Parts) : BenchOrder;

/// <param name="Webhooks">Different webhooks.</param>
/// <param name="Duplicates">Arrivals beyond each webhook's first.</param>
/// <param name="QuietSeconds">Since the last arrival of a new one.</param>
/// <param name="Charges">What they told of.</param>
internal sealed record ReceivedResult(int Webhooks, int Duplicates, double QuietSeconds, IReadOnlyList<string>? Charges);

/// <summary>A merchant's server that takes every webhook at once and remembers when it came.</summary>
internal sealed class Receiver : IDisposable
{
    /// <summary>Requests to this path are no webhooks: only the time of the last one is kept.</summary>
    public const string BarePath = "/bare";

    private static readonly byte[] Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray();
    private static readonly byte[] BareRequest = Encoding.ASCII.GetBytes($"POST {BarePath} ");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly HashSet<string> _webhooks = [];
    private readonly Dictionary<string, long> _charges = [];
    private readonly List<long> _arrivals = [];
    private TaskCompletionSource _open = NewGate(open: true);
    private int _duplicates;
    private long _lastNew = Stopwatch.GetTimestamp();
    private long _lastBare;

    public Receiver()
    {
        _listener.Start(backlog: 512);
        Url = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _ = AcceptAsync();
    }

    public string Url { get; }

    /// <summary>When the last bare request had come in whole.</summary>
    public long LastBare => Volatile.Read(ref _lastBare);

    public void Dispose() => _listener.Dispose();

    public ReceivedResult Received(bool wantsCharges)
    {
        lock (_lock)
        {
            return new ReceivedResult(
                _webhooks.Count, _duplicates, Stopwatch.GetElapsedTime(_lastNew).TotalSeconds, wantsCharges ? [.. _charges.Keys] : null);
        }
    }

    /// <summary>A server that takes requests and does not answer, until it is told to.</summary>
    public void Hold(bool hold)
    {
        lock (_lock)
        {
            if (hold) _open = NewGate(open: false);
            else _arrivals.Clear();
        }

        if (!hold) _open.TrySetResult();
    }

    /// <summary>How many new webhooks came a second in each of so many parts of equal size, from when they were let through.</summary>
    public IReadOnlyList<double> Rates(int parts)
    {
        lock (_lock)
        {
            var size = _arrivals.Count / parts;
            return size < 2 ? [] : [.. Enumerable.Range(0, parts).Select(part =>
                Math.Round((size - 1) / Stopwatch.GetElapsedTime(_arrivals[part * size], _arrivals[(part + 1) * size - 1]).TotalSeconds, 1))];
        }
    }

    /// <summary>When the first webhook about a charge had come in whole, or null.</summary>
    public long? ArrivalOf(string charge)
    {
        lock (_lock) return _charges.TryGetValue(charge, out var arrival) ? arrival : null;
    }

    private static TaskCompletionSource NewGate(bool open)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (open) gate.SetResult();
        return gate;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = TakeAllAsync(await _listener.AcceptSocketAsync());
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task TakeAllAsync(Socket socket)
    {
        socket.NoDelay = true;
        using var connection = new HttpStream(socket);
        try
        {
            while (await connection.ReadAsync() is { } request)
            {
                await _open.Task;
                Take(request, Stopwatch.GetTimestamp());
                await connection.SendAsync(Ok);
            }
        }
        catch (Exception broken) when (broken is IOException or SocketException)
        {
            // The sender went away.
        }
    }

    private void Take(HttpMessage request, long arrival)
    {
        if (request.Head.Span.StartsWith(BareRequest))
        {
            Volatile.Write(ref _lastBare, arrival);
            return;
        }

        // One event may be told to several endpoints here.
        var path = request.Head.Span[..request.Head.Span.IndexOf((byte)'\r')];
        var id = Encoding.ASCII.GetString(path) + Encoding.ASCII.GetString(request.Header("webhook-id:"u8));
        var charge = LoadGenerator.ChargeIdIn(request.Body.Span);
        lock (_lock)
        {
            if (!_webhooks.Add(id))
            {
                _duplicates++;
                return;
            }

            _lastNew = arrival;
            _arrivals.Add(arrival);
            if (charge is not null) _charges.TryAdd(charge, arrival);
        }
    }
}
