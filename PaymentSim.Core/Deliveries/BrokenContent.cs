using System.Net;
using System.Net.Sockets;

namespace PaymentSim.Core.Deliveries;

/// <summary>A request's body that announces its whole length, sends a part, and then resets the connection.</summary>
/// <param name="body">The whole.</param>
/// <param name="after">How many bytes are sent; with all of them the request arrives whole, but cannot be answered.</param>
/// <param name="connection">What it is sent over.</param>
internal sealed class BrokenContent(byte[] body, int after, Func<Socket?> connection) : HttpContent
{
    public int Sent { get; } = Math.Clamp(after, 0, body.Length);

    /// <summary>The connection has been reset.</summary>
    public bool IsBroken { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(body.AsMemory(0, Sent), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        IsBroken = true;
        // Without waiting for anything to be sent: the other side gets a reset instead of an orderly end.
        connection()?.Close(0);
        throw new IOException("The connection was broken on purpose.");
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
