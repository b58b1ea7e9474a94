using System.Net;
using System.Net.Sockets;
using System.Text;
using PaymentSim.Api.Cli.Bench;

namespace PaymentSim.Tests.Api.Cli;

/// <summary>The benchmark's own HTTP: a message is one however its bytes come.</summary>
public sealed class HttpStreamTests : IDisposable
{
    private const string Plain = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA\r\n, world 12\r\n0\r\n\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HttpStream _client;
    private readonly Socket _server;

    public HttpStreamTests()
    {
        _listener.Start();
        _client = HttpStream.Connect(new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}"));
        _server = _listener.AcceptSocket();
        _server.NoDelay = true;
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _listener.Dispose();
    }

    [Theory]
    [InlineData(Plain, "hello")]
    [InlineData(Chunked, "hello, world 12")]
    public void A_message_is_whole_when_its_last_byte_has_come(string text, string body)
    {
        foreach (var part in text[..^1])
        {
            Send(part.ToString());
            _client.TryRead(out _).ShouldBeFalse();
        }

        Send(text[^1..]);
        _client.TryRead(out var message).ShouldBeTrue();
        message.Status.ShouldBe(200);
        Text(message).ShouldBe(body);
    }

    [Theory]
    [InlineData(Plain, "hello")]
    [InlineData(Chunked, "hello, world 12")]
    public async Task Messages_that_come_at_once_are_read_one_by_one(string text, string body)
    {
        Send(text + text);
        _server.Shutdown(SocketShutdown.Send);

        Text((await _client.ReadAsync())!.Value).ShouldBe(body);
        Text((await _client.ReadAsync())!.Value).ShouldBe(body);
        (await _client.ReadAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_message_larger_than_the_buffer_is_read_whole()
    {
        var body = new string('x', 100_000);
        var sending = Task.Run(() => Send($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

        Text((await _client.ReadAsync())!.Value).ShouldBe(body);
        await sending;
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200")]
    public async Task An_end_in_the_middle_is_a_failure(string part)
    {
        Send(part);
        _server.Shutdown(SocketShutdown.Send);

        await Should.ThrowAsync<IOException>(async () => await _client.ReadAsync());
    }

    [Fact]
    public void A_closed_connection_is_a_failure_for_those_who_wait_for_an_answer()
    {
        _server.Shutdown(SocketShutdown.Send);

        Should.Throw<IOException>(() => _client.TryRead(out _)).Message.ShouldBe("The server closed the connection.");
    }

    private static string Text(HttpMessage message) => Encoding.ASCII.GetString(message.Body.Span);

    private void Send(string text) => _server.Send(Encoding.ASCII.GetBytes(text));
}
