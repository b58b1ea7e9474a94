using System.Net;
using System.Net.Sockets;

namespace PaymentSim.Core.Deliveries;

/// <summary>A body that ends before its announced length, and takes the connection with it.</summary>
/// <param name="body">What is announced.</param>
/// <param name="sent">How many bytes of it are sent.</param>
internal sealed class BrokenContent(byte[] body, int sent) : HttpContent
{
    /// <summary>The receiver has what was sent before it is told that there will be no more.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private Socket? _connection;

    /// <summary>Whether a request failed because its body was to break off, and not before.</summary>
    public static bool IsOnPurpose(Exception? failure) => failure is not null && (failure is OnPurposeException || IsOnPurpose(failure.InnerException));

    /// <summary>For one request: nobody else's connection is reset.</summary>
    public static HttpClient NewClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectCallback = ConnectAsync })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (context.InitialRequestMessage.Content is BrokenContent broken) broken._connection = socket;
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(body.AsMemory(0, Math.Min(sent, body.Length)), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        await Task.Delay(Pause, cancellationToken);
        // Without an orderly end, as the stream's own would be.
        _connection?.Close(0);
        throw new OnPurposeException();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }

    private sealed class OnPurposeException() : IOException("The body breaks off on purpose.");
}
