using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PaymentSim.Tests.Support;

/// <summary>A server below HTTP: a TCP listener that does with each connection what a test tells.</summary>
public sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    private RawServer(IPAddress address, Func<RawConnection, Task> serve)
    {
        _listener = new TcpListener(address, 0);
        _listener.Start();
        _accepting = AcceptAsync(serve);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Where it listens: <c>http://127.0.0.1:40123/</c>.</summary>
    public string Url => $"http://{((IPEndPoint)_listener.LocalEndpoint).Address}:{Port}/";

    /// <param name="serve">What becomes of a connection; when it ends, the connection is closed.</param>
    /// <param name="address">127.0.0.1 unless told.</param>
    public static RawServer Start(Func<RawConnection, Task> serve, IPAddress? address = null) => new(address ?? IPAddress.Loopback, serve);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Func<RawConnection, Task> serve)
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stopping.Token), serve));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket, Func<RawConnection, Task> serve)
    {
        using (socket)
        {
            try
            {
                await serve(new RawConnection(socket, _stopping.Token));
            }
            catch (Exception over) when (over is OperationCanceledException or SocketException)
            {
                // The client hung up, or the test is over.
            }
        }
    }
}

/// <summary>One connection of a <see cref="RawServer"/>.</summary>
public sealed class RawConnection(Socket socket, CancellationToken stopping)
{
    private readonly StringBuilder _received = new();

    /// <summary>What came so far.</summary>
    public string Received => _received.ToString();

    /// <summary>Reads until a text has come, or until the client ends.</summary>
    /// <exception cref="SocketException">It broke off.</exception>
    public async Task<string> ReadUntilAsync(string text)
    {
        var buffer = new byte[4096];
        while (!Received.EndsWith(text, StringComparison.Ordinal))
        {
            var read = await socket.ReceiveAsync(buffer, stopping);
            if (read == 0) break;
            _received.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return Received;
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    public async Task WriteAsync(byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;) sent += await socket.SendAsync(bytes.AsMemory(sent), stopping);
    }

    /// <summary>Writes this for ever, a byte at a time with a pause after each.</summary>
    public async Task DribbleAsync(string text)
    {
        while (true)
        {
            foreach (var character in text)
            {
                await WriteAsync(character.ToString());
                await Task.Delay(20, stopping);
            }
        }
    }

    /// <summary>Ends it without an orderly end.</summary>
    public void Reset() => socket.Close(0);
}
