using System.Buffers.Text;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>A message's head (first line and headers) and body: parts of a buffer that the next read overwrites.</summary>
internal readonly record struct HttpMessage(ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Body)
{
    /// <summary>An answer's status.</summary>
    public int Status => Utf8Parser.TryParse(Head.Span["HTTP/1.1 ".Length..], out int status, out _) ? status : 0;

    /// <summary>A header's value, or nothing.</summary>
    /// <param name="name">In any case, with its colon.</param>
    public ReadOnlySpan<byte> Header(ReadOnlySpan<byte> name)
    {
        var rest = Head.Span;
        while (rest.IndexOf("\r\n"u8) is var end and >= 0)
        {
            var line = rest[..end];
            if (line.Length >= name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name)) return line[name.Length..].Trim((byte)' ');
            rest = rest[(end + 2)..];
        }

        return default;
    }
}

/// <summary>
/// One keep-alive connection that speaks as much HTTP/1.1 as the benchmark needs: bytes that were made before go out, messages come in. A
/// client library would take more of the processor than the server that is measured can spare.
/// </summary>
internal sealed class HttpStream(Socket socket) : IDisposable
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    public static async Task<HttpStream> ConnectAsync(Uri url)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(url.Host, url.Port);
            return new HttpStream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => socket.Dispose();

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None)..];
    }

    /// <summary>The next message, or null at the connection's end.</summary>
    public async ValueTask<HttpMessage?> ReadAsync()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);

        int headLength;
        while ((headLength = _buffer.AsSpan(0, _end).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync()) return null;
        }

        headLength += 4;
        var head = new HttpMessage(_buffer.AsMemory(0, headLength), default);
        var length = head.Header("transfer-encoding:"u8).IsEmpty
            ? await ReadPlainAsync(headLength, Length(head))
            : await ReadChunksAsync(headLength);
        return new HttpMessage(_buffer.AsMemory(0, headLength), _buffer.AsMemory(headLength, length));
    }

    private static int Length(HttpMessage head) => Utf8Parser.TryParse(head.Header("content-length:"u8), out int length, out _) ? length : 0;

    private async ValueTask<int> ReadPlainAsync(int from, int length)
    {
        await RequireAsync(from + length);
        _start = from + length;
        return length;
    }

    /// <summary>Puts the chunks together where the first one begins.</summary>
    private async ValueTask<int> ReadChunksAsync(int from)
    {
        var (read, written) = (from, from);
        while (true)
        {
            int line;
            while ((line = _buffer.AsSpan(read, _end - read).IndexOf("\r\n"u8)) < 0) await RequireAsync(_end + 1);
            var size = int.Parse(_buffer.AsSpan(read, line), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            read += line + 2;
            await RequireAsync(read + size + 2);
            _buffer.AsSpan(read, size).CopyTo(_buffer.AsSpan(written));
            read += size + 2;
            written += size;
            if (size > 0) continue;
            _start = read;
            return written - from;
        }
    }

    private async ValueTask RequireAsync(int end)
    {
        while (_end < end)
        {
            if (!await FillAsync()) throw new IOException("The connection ended in the middle of a message.");
        }
    }

    private async ValueTask<bool> FillAsync()
    {
        if (_end == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
        var count = await socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None);
        _end += count;
        return count > 0;
    }
}
