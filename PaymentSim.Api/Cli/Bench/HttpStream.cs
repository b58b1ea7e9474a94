using System.Buffers;
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
    private readonly ArrayBufferWriter<byte> _joined = new();
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>For those who wait for several connections at once.</summary>
    public Socket Socket => socket;

    /// <summary>A connection for which no thread but the caller's is woken, as long as only those calls are made that block.</summary>
    public static HttpStream Connect(Uri url)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(url.Host, url.Port);
            return new HttpStream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => socket.Dispose();

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[socket.Send(bytes, SocketFlags.None)..];
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None)..];
    }

    /// <summary>Takes in what has come, and waits only where nothing has.</summary>
    /// <returns>False as long as no message is whole.</returns>
    /// <exception cref="IOException">The other side closed the connection.</exception>
    public bool TryRead(out HttpMessage message)
    {
        if (TryTake(out message)) return true;
        var count = socket.Receive(Room().Span, SocketFlags.None);
        if (count == 0) throw new IOException("The server closed the connection.");
        _end += count;
        return TryTake(out message);
    }

    /// <summary>The next message, or null at the connection's end.</summary>
    public async ValueTask<HttpMessage?> ReadAsync()
    {
        HttpMessage message;
        while (!TryTake(out message))
        {
            var count = await socket.ReceiveAsync(Room(), SocketFlags.None);
            if (count == 0) return _start == _end ? null : throw new IOException("The connection ended in the middle of a message.");
            _end += count;
        }

        return message;
    }

    /// <summary>Where more can be received; the message that was read last is gone by then.</summary>
    private Memory<byte> Room()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
        return _buffer.AsMemory(_end);
    }

    private bool TryTake(out HttpMessage message)
    {
        message = default;
        ReadOnlyMemory<byte> come = _buffer.AsMemory(_start, _end - _start);
        if (come.Span.IndexOf("\r\n\r\n"u8) is var end && end < 0) return false;
        message = new HttpMessage(come[..(end + 4)], default);
        var rest = come[message.Head.Length..];
        int length;
        if (!message.Header("transfer-encoding:"u8).IsEmpty)
        {
            if (!TryJoin(rest.Span, out length)) return false;
            message = message with { Body = _joined.WrittenMemory };
        }
        else
        {
            length = Length(message);
            if (rest.Length < length) return false;
            message = message with { Body = rest[..length] };
        }

        _start += message.Head.Length + length;
        return true;
    }

    private static int Length(HttpMessage head) => Utf8Parser.TryParse(head.Header("content-length:"u8), out int length, out _) ? length : 0;

    /// <summary>Puts the chunks of a body together, if all have come; <paramref name="length"/> is that of the chunks.</summary>
    private bool TryJoin(ReadOnlySpan<byte> chunks, out int length)
    {
        _joined.ResetWrittenCount();
        for (length = 0; chunks[length..].IndexOf("\r\n"u8) is var line and >= 0;)
        {
            var size = int.Parse(chunks.Slice(length, line), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var data = length + line + 2;
            if (chunks.Length < data + size + 2) return false;
            _joined.Write(chunks.Slice(data, size));
            length = data + size + 2;
            if (size == 0) return true;
        }

        return false;
    }
}
