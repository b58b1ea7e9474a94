using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>Where an attempt's time went, each in milliseconds.</summary>
public sealed record AttemptTimings
{
    /// <summary>Until the host's name was looked up; null where that was not needed: an address, or a connection that was open already.</summary>
    public double? Dns { get; init; }

    /// <summary>Making the connection; null on one that was open already.</summary>
    public double? Connect { get; init; }

    /// <summary>Agreeing on encryption; null without, and on a connection that was open already.</summary>
    public double? Tls { get; init; }

    /// <summary>From the attempt's start until the answer's status and headers were there; null without an answer.</summary>
    public double? FirstByte { get; init; }

    /// <summary>The whole attempt.</summary>
    public required double Total { get; init; }
}

/// <summary>Measures one attempt. What it says of the connection is of the one that was made for it, on whatever thread that was.</summary>
internal sealed class AttemptTrace
{
    public static readonly HttpRequestOptionsKey<AttemptTrace> Key = new("PaymentSim.AttemptTrace");

    private readonly long _started = Stopwatch.GetTimestamp();
    private long _dns = -1, _connect = -1, _connected = -1, _tls = -1, _answered = -1;

    /// <summary>The connection that was made for this attempt.</summary>
    public Socket? Socket { get; private set; }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    public void LookedUp(long since) => Volatile.Write(ref _dns, Stopwatch.GetTimestamp() - since);

    public void Connected(Socket socket, long since)
    {
        var now = Stopwatch.GetTimestamp();
        Socket = socket;
        Volatile.Write(ref _connected, now);
        Volatile.Write(ref _connect, now - since);
    }

    public void Secured() => Volatile.Write(ref _tls, Stopwatch.GetTimestamp() - Volatile.Read(ref _connected));

    public void Answered() => _answered = Stopwatch.GetTimestamp() - _started;

    public AttemptTimings Read() => new()
    {
        Dns = Milliseconds(Volatile.Read(ref _dns)),
        Connect = Milliseconds(Volatile.Read(ref _connect)),
        Tls = Milliseconds(Volatile.Read(ref _tls)),
        FirstByte = Milliseconds(_answered),
        Total = Math.Round(Elapsed.TotalMilliseconds, 3),
    };

    private static double? Milliseconds(long ticks) => ticks < 0 ? null : Math.Round(ticks * 1000d / Stopwatch.Frequency, 3);
}

/// <summary>Why no connection was made.</summary>
internal sealed class ConnectionFailure(SendErrorClass kind, string what, Exception? inner = null) : IOException(what, inner)
{
    public SendErrorClass Kind => kind;
}

/// <summary>
/// Makes the connections that webhooks are sent over. A host's addresses are looked up, checked and dialled here, in this order: the address that
/// was checked is the one that is called, whatever its name leads to a moment later.
/// </summary>
internal sealed class WebhookConnections(NetworkPolicy network)
{
    /// <summary>In KB; what has longer headers is no answer.</summary>
    public const int MaxHeaders = 64;

    /// <summary>No redirects, no cookies, no proxy, nothing added to the request but what HTTP itself asks for.</summary>
    public HttpMessageInvoker NewClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        MaxResponseHeadersLength = MaxHeaders,
        // What is not read of an answer is not waited for either: its connection is dropped.
        MaxResponseDrainSize = 0,
        ConnectCallback = ConnectAsync,
        PlaintextStreamFilter = SecuredAsync,
    });

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        context.InitialRequestMessage.Options.TryGetValue(AttemptTrace.Key, out var trace);
        var addresses = await ResolveAsync(context.DnsEndPoint.Host, trace, cancellationToken);
        var (open, refused) = await network.FilterAsync(context.DnsEndPoint.Host, addresses, cancellationToken);
        if (open.Count == 0 && refused is not null)
            throw new ConnectionFailure(SendErrorClass.Blocked, $"not sent, for the URL leads to {refused}, and webhooks go to public ones alone");

        var since = Stopwatch.GetTimestamp();
        var socket = await DialAsync(open, context.DnsEndPoint.Port, cancellationToken);
        trace?.Connected(socket, since);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private async Task<IPAddress[]> ResolveAsync(string host, AttemptTrace? trace, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        try
        {
            return await network.ResolveAsync(host, cancellationToken);
        }
        catch (SocketException unknown)
        {
            throw new ConnectionFailure(SendErrorClass.Dns, "unknown host", unknown);
        }
        finally
        {
            if (!IPAddress.TryParse(host, out _)) trace?.LookedUp(since);
        }
    }

    /// <summary>One address after the other, until one takes the connection.</summary>
    private static async Task<Socket> DialAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        SocketException? last = null;
        foreach (var address in addresses)
        {
            Socket? socket = null;
            try
            {
                socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(address, port, cancellationToken);
                return socket;
            }
            catch (Exception failure)
            {
                socket?.Dispose();
                if (failure is not SocketException refused) throw;
                last = refused;
            }
        }

        throw last?.SocketErrorCode switch
        {
            null => new ConnectionFailure(SendErrorClass.Dns, "a host without an address"),
            SocketError.ConnectionRefused => new ConnectionFailure(SendErrorClass.Refused, "connection refused", last),
            SocketError.ConnectionReset or SocketError.ConnectionAborted => new ConnectionFailure(SendErrorClass.Reset, "the connection broke", last),
            SocketError.TimedOut => new ConnectionFailure(SendErrorClass.Timeout, "no connection in time", last),
            _ => new ConnectionFailure(SendErrorClass.Refused, $"no connection ({last.Message})", last),
        };
    }

    /// <summary>What encrypts, if anything does, is ready.</summary>
    private static ValueTask<Stream> SecuredAsync(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellationToken)
    {
        var request = context.InitialRequestMessage;
        if (request.RequestUri?.Scheme == Uri.UriSchemeHttps && request.Options.TryGetValue(AttemptTrace.Key, out var trace)) trace.Secured();
        return ValueTask.FromResult(context.PlaintextStream);
    }
}
