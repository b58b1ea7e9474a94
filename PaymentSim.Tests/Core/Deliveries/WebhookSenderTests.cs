using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Deliveries;

public sealed class WebhookSenderTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    private readonly ManualClock _clock = new();

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(204)]
    [InlineData(299)]
    public async Task A_2xx_answer_is_success(int status)
    {
        await using var receiver = await Receiver.StartAsync(Answer(status));

        var result = await SendAsync(receiver.Url);

        (result.Status, result.ErrorClass, result.Error).ShouldBe((status, null, null));
    }

    [Theory]
    [InlineData(304)]
    [InlineData(400)]
    [InlineData(410)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(599)]
    public async Task Any_other_answer_is_a_failure_that_names_its_status(int status)
    {
        await using var receiver = await Receiver.StartAsync(Answer(status, "out of order"));

        var result = await SendAsync(receiver.Url);

        (result.Status, result.ErrorClass, result.Error).ShouldBe((status, SendErrorClass.Status, $"HTTP {status} from {receiver.Url}"));
        if (status != 304) result.Body.ShouldBe("out of order");
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });

        var result = await SendAsync(receiver.Url);

        (result.Status, result.ErrorClass).ShouldBe((status, SendErrorClass.Status));
        receiver.Requests.Select(request => request.Path).ShouldBe(["/"]);
    }

    [Fact]
    public async Task The_headers_and_the_body_arrive_to_the_byte()
    {
        await using var receiver = await Receiver.StartAsync();
        var body = Encoding.UTF8.GetBytes("{\"name\":\"Žofie\",\n \"emoji\":\"💳\"}\r\n");
        var webhook = SignedWebhook.Sign(
            receiver.Url + "hooks?a=1", "evt_1", body, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], DateTimeOffset.FromUnixTimeSeconds(1614265330));

        await SendAsync(webhook, Long);

        var request = (await receiver.WaitForAsync(1)).Single();
        (request.Method, request.Path).ShouldBe(("POST", "/hooks?a=1"));
        request.Body.ShouldBe(body);
        request.Headers.ShouldBe(
            new Dictionary<string, string>(webhook.Headers)
            {
                ["Host"] = $"127.0.0.1:{receiver.Port}",
                ["Content-Length"] = body.Length.ToString(CultureInfo.InvariantCulture),
            },
            ignoreOrder: true);
        webhook.SentHeaders.ShouldBe(request.Headers, ignoreOrder: true);
    }

    [Fact]
    public async Task A_cookie_is_not_sent_back()
    {
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.Cookies.Append("session", "1");
            return Task.CompletedTask;
        });
        using var sender = Sender(Long);

        await sender.SendAsync(Webhook(receiver.Url), CancellationToken.None);
        await sender.SendAsync(Webhook(receiver.Url), CancellationToken.None);

        receiver.Requests.Count.ShouldBe(2);
        receiver.Requests.ShouldAllBe(request => !request.Headers.ContainsKey("Cookie"));
    }

    [Fact]
    public async Task The_answers_headers_and_body_are_kept()
    {
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.Headers.Append("X-Trace", new(["a", "b"]));
            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync("zero \0 is replaced");
        });

        var result = await SendAsync(receiver.Url);

        result.Headers.ShouldNotBeNull()["x-trace"].ShouldBe("a, b");
        result.Headers!["Content-Type"].ShouldBe("text/plain");
        result.Body.ShouldBe("zero \uFFFD is replaced");
    }

    [Fact]
    public async Task A_silent_endpoint_times_out()
    {
        await using var receiver = await Receiver.StartAsync(Never);

        var result = await SendAsync(receiver.Url, Short);

        (result.Status, result.ErrorClass).ShouldBe((null, SendErrorClass.Timeout));
        result.Error.ShouldBe($"no answer within 300ms from {receiver.Url}");
        result.Duration.ShouldBeInRange(Short - TimeSpan.FromMilliseconds(20), Long);
    }

    [Theory]
    [InlineData(200, null)]
    [InlineData(500, SendErrorClass.Status)]
    public async Task A_body_that_dribbles_ends_at_the_time_out_yet_counts_by_its_status(int status, SendErrorClass? error)
    {
        await using var receiver = await Receiver.StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync("the beginning");
            await context.Response.Body.FlushAsync();
            await Never(context);
        });

        var result = await SendAsync(receiver.Url, Short);

        (result.Status, result.ErrorClass, result.Body, result.IsTruncated).ShouldBe((status, error, "the beginning", true));
        result.Duration.ShouldBeLessThan(Long);
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_refuses()
    {
        var receiver = await Receiver.StartAsync();
        var url = receiver.Url;
        await receiver.DisposeAsync();

        var result = await SendAsync(url);

        (result.Status, result.ErrorClass, result.Error).ShouldBe((null, SendErrorClass.Refused, $"connection refused: {url}"));
    }

    [Theory]
    [InlineData("", SendErrorClass.Reset)]
    [InlineData("HTTP/1.1 20", SendErrorClass.Reset)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le", SendErrorClass.Reset)]
    [InlineData("220 mail.example.com ESMTP\r\n\r\n", SendErrorClass.Protocol)]
    public async Task An_answer_that_breaks_off_before_its_headers_end_or_is_no_HTTP_is_a_failure(string answer, SendErrorClass expected)
    {
        var url = AnswerOnce(answer, out var served);

        var result = await SendAsync(url);

        await served;
        (result.Status, result.ErrorClass).ShouldBe((null, expected));
        result.Error.ShouldNotBeNull().ShouldEndWith($": {url}");
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_kept_as_far_as_it_came()
    {
        var url = AnswerOnce("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", out var served);

        var result = await SendAsync(url);

        await served;
        (result.Status, result.ErrorClass, result.Body, result.IsTruncated).ShouldBe((200, null, "half", true));
    }

    [Fact]
    public async Task An_endpoint_without_encryption_under_an_https_address_fails_as_tls()
    {
        await using var receiver = await Receiver.StartAsync();

        var result = await SendAsync(receiver.Url.Replace("http:", "https:", StringComparison.Ordinal));

        (result.Status, result.ErrorClass).ShouldBe((null, SendErrorClass.Tls));
    }

    // RFC 6761 reserves .invalid: no resolver may know a name in it.
    [Fact]
    public async Task An_unknown_host_fails_as_dns()
    {
        var result = await SendAsync("http://nobody.invalid/");

        (result.Status, result.ErrorClass, result.Error).ShouldBe((null, SendErrorClass.Dns, "unknown host: http://nobody.invalid/"));
    }

    [Theory]
    [InlineData(429, "120", 120)]
    [InlineData(502, "7", 7)]
    [InlineData(503, "0", 0)]
    [InlineData(504, "3600", 3600)]
    [InlineData(503, "Sun, 15 Jun 2025 12:02:00 GMT", 120)]
    [InlineData(503, "Sun, 15 Jun 2025 11:59:00 GMT", -60)]
    [InlineData(503, "soon", null)]
    [InlineData(503, null, null)]
    [InlineData(500, "120", null)]
    [InlineData(200, "120", null)]
    public async Task Retry_After_is_read_in_seconds_or_as_a_date_where_the_status_slows_down(int status, string? header, int? seconds)
    {
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            if (header is not null) context.Response.Headers.RetryAfter = header;
            return Task.CompletedTask;
        });

        var result = await SendAsync(receiver.Url);

        result.RetryAfter.ShouldBe(seconds is { } s ? TimeSpan.FromSeconds(s) : null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_the_simulator_stops_the_sending_is_broken_off_and_no_result_made_up(bool duringBody)
    {
        var answering = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = await Receiver.StartAsync(async context =>
        {
            if (duringBody)
            {
                await context.Response.WriteAsync("the beginning");
                await context.Response.Body.FlushAsync();
            }

            answering.SetResult();
            await Never(context);
        });
        using var sender = Sender(Long);
        using var stopping = new CancellationTokenSource();

        var sending = sender.SendAsync(Webhook(receiver.Url), stopping.Token);
        await answering.Task;
        await stopping.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(sending);
    }

    [Fact]
    public async Task A_connection_serves_the_next_webhook_too()
    {
        var connections = new HashSet<string>();
        await using var receiver = await Receiver.StartAsync(context =>
        {
            lock (connections) connections.Add(context.Connection.Id);
            return context.Response.WriteAsync("ok");
        });
        using var sender = Sender(Long);

        for (var i = 0; i < 5; i++) (await sender.SendAsync(Webhook(receiver.Url), CancellationToken.None)).Status.ShouldBe(200);

        connections.Count.ShouldBe(1);
    }

    private WebhookSender Sender(TimeSpan timeout, NetworkPolicy? network = null) =>
        new(new WebhookOptions(RetrySchedule.Parse(""), timeout, TimeSpan.FromSeconds(5)), network ?? Networks.All, _clock);

    private Task<SendResult> SendAsync(string url, TimeSpan? timeout = null) => SendAsync(Webhook(url), timeout ?? Long);

    private async Task<SendResult> SendAsync(SignedWebhook webhook, TimeSpan timeout)
    {
        using var sender = Sender(timeout);
        var started = Stopwatch.GetTimestamp();
        var result = await sender.SendAsync(webhook, CancellationToken.None);
        result.Duration.ShouldBeInRange(TimeSpan.Zero, Stopwatch.GetElapsedTime(started));
        return result;
    }

    private static SignedWebhook Webhook(string url) =>
        SignedWebhook.Sign(url, "evt_1", "{}"u8.ToArray(), ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], ManualClock.Start);

    /// <summary>A status without the body that some statuses must not have.</summary>
    private static Func<HttpContext, Task> Answer(int status, string body = "") =>
        status is 204 or 304 ? Receiver.Status(status) : Receiver.Status(status, body);

    private static async Task Never(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    /// <summary>A server that reads one request, answers these bytes and hangs up.</summary>
    private static string AnswerOnce(string answer, out Task served)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        served = Serve();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";

        async Task Serve()
        {
            using var client = await listener.AcceptTcpClientAsync();
            listener.Stop();
            var stream = client.GetStream();
            var (request, buffer) = (new StringBuilder(), new byte[4096]);
            while (!request.ToString().EndsWith("\r\n\r\n{}", StringComparison.Ordinal))
            {
                var read = await stream.ReadAsync(buffer);
                if (read == 0) break;
                request.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }

            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer));
        }
    }
}
