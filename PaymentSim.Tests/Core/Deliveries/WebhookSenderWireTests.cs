using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Deliveries;

/// <summary>The sender against servers that are slow, broken, huge or where they must not be, over real sockets.</summary>
public sealed class WebhookSenderWireTests
{
    private const string Body = """{"id":"evt_1"}""";

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Headers_that_dribble_end_at_the_time_out()
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadUntilAsync(Body);
            await connection.WriteAsync("HTTP/1.1 200 OK\r\n");
            await connection.DribbleAsync("X-Slow: a\r\n");
        });

        var result = await SendAsync(server.Url, timeout: Short);

        (result.Status, result.ErrorClass, result.Error).ShouldBe((null, SendErrorClass.Timeout, $"no answer within 300ms from {server.Url}"));
        (result.Timings.ShouldNotBeNull().FirstByte, result.Headers).ShouldBe((null, null));
    }

    [Theory]
    [InlineData(200, null)]
    [InlineData(503, SendErrorClass.Status)]
    public async Task A_body_of_a_byte_at_a_time_ends_at_the_time_out(int status, SendErrorClass? error)
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadUntilAsync(Body);
            await connection.WriteAsync($"HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\n\r\n");
            await connection.DribbleAsync("1\r\nx\r\n");
        });

        var result = await SendAsync(server.Url, timeout: Short);

        (result.Status, result.ErrorClass, result.IsTruncated).ShouldBe((status, error, true));
        result.Body.ShouldNotBeNull().Trim('x').ShouldBe("");
    }

    [Fact]
    public async Task A_webhooks_own_time_out_is_stronger_than_the_simulators()
    {
        await using var server = RawServer.Start(connection => connection.ReadUntilAsync("never"));

        var result = await SendAsync(server.Url, webhook => webhook with { Timeout = Short }, timeout: Long);

        (result.ErrorClass, result.Error).ShouldBe((SendErrorClass.Timeout, $"no answer within 300ms from {server.Url}"));
    }

    [Fact]
    public async Task Headers_of_more_than_64_KB_are_no_answer()
    {
        await using var server = Answering($"HTTP/1.1 200 OK\r\nX-Large: {new string('x', 70_000)}\r\nContent-Length: 0\r\n\r\n");

        var result = await SendAsync(server.Url);

        (result.Status, result.ErrorClass, result.Error).ShouldBe((null, SendErrorClass.Protocol, $"the answer's headers have more than 64 KB: {server.Url}"));
    }

    [Fact]
    public async Task A_body_without_end_is_not_read_to_its_end_and_its_connection_is_dropped()
    {
        var dropped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = RawServer.Start(async connection =>
        {
            try
            {
                await connection.ReadUntilAsync(Body);
                await connection.WriteAsync("HTTP/1.1 200 OK\r\n\r\n");
                while (true) await connection.WriteAsync(new string('x', 8192));
            }
            catch (SocketException)
            {
                dropped.SetResult();
            }
        });

        var result = await SendAsync(server.Url);

        (result.Status, result.Body, result.IsTruncated).ShouldBe((200, new string('x', 65_536), true));
        await dropped.Task.WaitAsync(Long);
    }

    [Theory]
    [InlineData(65_535, false)]
    [InlineData(65_536, false)]
    [InlineData(65_537, true)]
    public async Task Of_a_body_64_KB_are_kept(int length, bool truncated)
    {
        await using var receiver = await Receiver.StartAsync(context => context.Response.WriteAsync(new string('x', length)));

        var result = await SendAsync(receiver.Url);

        (result.Body!.Length, result.IsTruncated).ShouldBe((Math.Min(length, 65_536), truncated));
    }

    [Fact]
    public async Task A_character_in_the_middle_of_which_64_KB_end_is_left_out()
    {
        await using var receiver = await Receiver.StartAsync(context => context.Response.WriteAsync("x" + new string('é', 40_000)));

        var result = await SendAsync(receiver.Url);

        (result.Body, result.IsTruncated).ShouldBe(("x" + new string('é', 32_767), true));
    }

    [Fact]
    public async Task What_is_no_text_is_replaced()
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadUntilAsync(Body);
            await connection.WriteAsync([.. "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 6\r\n\r\na"u8, 0x00, 0xFF, 0xFE, 0xC3, .. "z"u8]);
        });

        (await SendAsync(server.Url)).Body.ShouldBe("a\uFFFD\uFFFD\uFFFD\uFFFDz");
    }

    [Fact]
    public async Task A_connection_that_is_reset_before_the_answer_fails_as_reset()
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadUntilAsync(Body);
            connection.Reset();
        });

        var result = await SendAsync(server.Url);

        (result.Status, result.ErrorClass, result.Error).ShouldBe((null, SendErrorClass.Reset, $"the connection broke: {server.Url}"));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_fails_as_tls_and_says_why()
    {
        using var certificate = SelfSigned();
        await using var receiver = await Receiver.StartAsync(certificate: certificate);

        var result = await SendAsync(receiver.Url);

        receiver.Url.ShouldStartWith("https:");
        (result.Status, result.ErrorClass).ShouldBe((null, SendErrorClass.Tls));
        var error = result.Error.ShouldNotBeNull();
        error.ShouldStartWith("no secure connection (The remote certificate is invalid");
        error.ShouldContain("UntrustedRoot");
        error.ShouldEndWith($"): {receiver.Url}");
        receiver.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_time_is_split_and_an_open_connection_takes_none_to_make()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(200, "ok"));
        using var sender = Sender(Long);

        var first = (await sender.SendAsync(Webhook(receiver.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)), CancellationToken.None)).Timings.ShouldNotBeNull();
        var second = (await sender.SendAsync(Webhook(receiver.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)), CancellationToken.None)).Timings.ShouldNotBeNull();
        var literal = (await sender.SendAsync(Webhook(receiver.Url), CancellationToken.None)).Timings.ShouldNotBeNull();

        (first.Dns > 0, first.Connect > 0, first.Tls, first.FirstByte > first.Connect, first.Total >= first.FirstByte).ShouldBe((true, true, null, true, true));
        (second.Dns, second.Connect, second.Tls, second.FirstByte > 0, second.Total >= second.FirstByte).ShouldBe((null, null, null, true, true));
        (literal.Dns, literal.Connect > 0).ShouldBe((null, true));
    }

    [Theory]
    [InlineData("X-Evil", "a\r\nX-Injected: b")]
    [InlineData("X-Evil", "a\nb")]
    [InlineData("X-Evil", "a\0b")]
    [InlineData("X-Evil", "a\u007f")]
    [InlineData("X-Evil", "Žofie")]
    [InlineData("X-Evil: a\r\nX-Injected", "b")]
    [InlineData("X Evil", "b")]
    [InlineData("", "b")]
    public async Task A_header_that_could_be_another_is_not_sent(string name, string value)
    {
        await using var receiver = await Receiver.StartAsync();

        var result = await SendAsync(receiver.Url, webhook => webhook with { Headers = new Dictionary<string, string>(webhook.Headers) { [name] = value } });

        (result.Status, result.ErrorClass).ShouldBe((null, SendErrorClass.Blocked));
        result.Error.ShouldNotBeNull().ShouldStartWith("not sent, for ");
        receiver.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/", "a loopback address")]
    [InlineData("http://localhost:{0}/", "a loopback address")]
    [InlineData("http://127.1:{0}/", "a loopback address")]
    [InlineData("http://2130706433:{0}/", "a loopback address")]
    [InlineData("http://0x7f000001:{0}/", "a loopback address")]
    [InlineData("http://0177.0.0.1:{0}/", "a loopback address")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/", "a loopback address")]
    [InlineData("http://0.0.0.0:{0}/", "an unspecified address")]
    [InlineData("http://169.254.169.254/latest/meta-data/", "a link-local address")]
    public async Task Where_only_this_machine_can_go_nothing_is_sent(string url, string reason)
    {
        await using var receiver = await Receiver.StartAsync();
        url = string.Format(CultureInfo.InvariantCulture, url, receiver.Port);

        var result = await SendAsync(url, network: Networks.Public());

        (result.Status, result.ErrorClass).ShouldBe((null, SendErrorClass.Blocked));
        result.Error.ShouldBe($"not sent, for the URL leads to {reason}, and webhooks go to public ones alone: {url}");
        receiver.Requests.ShouldBeEmpty();
        (await SendAsync(receiver.Url)).Status.ShouldBe(200, "it does answer");
    }

    [Fact]
    public async Task The_address_that_was_checked_is_the_one_that_is_called()
    {
        await using var receiver = await Receiver.StartAsync();
        var url = $"http://hooks.test:{receiver.Port}/";

        // No resolver knows the name: it is not asked again.
        var result = await SendAsync(url, network: Networks.Public("127.0.0.1", Networks.Changing("hooks.test", "127.0.0.1")));

        (result.Status, result.Error).ShouldBe((200, null));
        receiver.Requests.ShouldHaveSingleItem().Headers["Host"].ShouldBe($"hooks.test:{receiver.Port}");
    }

    [Fact]
    public async Task Of_several_addresses_only_those_that_are_allowed_are_called()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var other = RawServer.Start(async connection =>
        {
            await connection.ReadUntilAsync(Body);
            await connection.WriteAsync("HTTP/1.1 202 OK\r\nContent-Length: 0\r\n\r\n");
        }, IPAddress.Parse("127.0.0.2"));

        var names = Networks.Changing("hooks.test", "127.0.0.1 127.0.0.2");

        (await SendAsync($"http://hooks.test:{other.Port}/", network: Networks.Public("127.0.0.2", names))).Status.ShouldBe(202);
        (await SendAsync($"http://hooks.test:{receiver.Port}/", network: Networks.Public("127.0.0.2", names))).ErrorClass.ShouldBe(SendErrorClass.Refused);
        receiver.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_that_is_allowed_may_lead_anywhere()
    {
        await using var receiver = await Receiver.StartAsync();

        var result = await SendAsync($"http://localhost:{receiver.Port}/", network: Networks.Public("LocalHost"));

        result.Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(14)]
    [InlineData(99)]
    public async Task A_request_is_broken_off_on_purpose_after_so_many_bytes(int bytes)
    {
        var ended = new TaskCompletionSource<(string Received, bool WasReset)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = RawServer.Start(async connection =>
        {
            var reset = false;
            try
            {
                await connection.ReadUntilAsync("never");
            }
            catch (SocketException)
            {
                reset = true;
            }

            ended.SetResult((connection.Received, reset));
        });

        var result = await SendAsync(server.Url, webhook => webhook with { AbortAfterBytes = bytes });

        var sent = Math.Min(bytes, Body.Length);
        (result.Status, result.ErrorClass, result.Error).ShouldBe(
            (null, SendErrorClass.Reset, $"the simulator broke the connection on purpose after {sent} of {Body.Length} bytes: {server.Url}"));
        var (received, wasReset) = await ended.Task.WaitAsync(Long);
        received.ShouldContain($"Content-Length: {Body.Length}\r\n");
        received.Split("\r\n\r\n")[1].ShouldBe(Body[..sent]);
        wasReset.ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_takes_no_broken_request_for_a_whole_one_and_gets_the_next_one_whole()
    {
        await using var receiver = await Receiver.StartAsync();
        using var sender = Sender(Long);

        (await sender.SendAsync(Webhook(receiver.Url) with { AbortAfterBytes = 5 }, CancellationToken.None)).ErrorClass.ShouldBe(SendErrorClass.Reset);

        receiver.Requests.ShouldBeEmpty();
        (await sender.SendAsync(Webhook(receiver.Url), CancellationToken.None)).Status.ShouldBe(200);
        receiver.Requests.ShouldHaveSingleItem().Text.ShouldBe(Body);
    }

    [Fact]
    public async Task A_broken_request_to_nobody_is_refused_like_any_other()
    {
        var receiver = await Receiver.StartAsync();
        await receiver.DisposeAsync();

        (await SendAsync(receiver.Url, webhook => webhook with { AbortAfterBytes = 5 })).ErrorClass.ShouldBe(SendErrorClass.Refused);
    }

    private static RawServer Answering(string answer) => RawServer.Start(async connection =>
    {
        await connection.ReadUntilAsync(Body);
        await connection.WriteAsync(answer);
        await connection.ReadUntilAsync("never");
    });

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static WebhookSender Sender(TimeSpan timeout, NetworkPolicy? network = null) =>
        new(new WebhookOptions(RetrySchedule.Parse(""), timeout, TimeSpan.FromSeconds(5)), network ?? Networks.All, new ManualClock());

    private static async Task<SendResult> SendAsync(
        string url, Func<SignedWebhook, SignedWebhook>? alter = null, TimeSpan? timeout = null, NetworkPolicy? network = null)
    {
        using var sender = Sender(timeout ?? Long, network);
        return await sender.SendAsync((alter ?? (webhook => webhook))(Webhook(url)), CancellationToken.None);
    }

    private static SignedWebhook Webhook(string url) =>
        SignedWebhook.Sign(url, "evt_1", Encoding.UTF8.GetBytes(Body), ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], ManualClock.Start);
}
