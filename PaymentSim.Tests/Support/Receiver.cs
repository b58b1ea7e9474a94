using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PaymentSim.Tests.Support;

/// <summary>A request that a <see cref="Receiver"/> got.</summary>
/// <param name="Headers">By name in any case; several values of one name are joined by a comma.</param>
/// <param name="Body">The bytes as they came.</param>
public sealed record ReceivedRequest(
    string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body, DateTimeOffset At)
{
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>A merchant's server: real HTTP on 127.0.0.1, answers as it is told and remembers every request.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(2);

    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly List<ReceivedRequest> _requests = [];
    private readonly List<ReceivedRequest> _broken = [];
    private TaskCompletionSource _arrived = NewSignal();

    private Receiver(Func<HttpContext, Task> answer, int port, X509Certificate2? certificate)
    {
        Answer = answer;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                if (certificate is not null) listen.UseHttps(certificate);
            });
            kestrel.Limits.MaxRequestBodySize = null;
        });
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        _app = builder.Build();
        _app.Run(ReceiveAsync);
    }

    /// <summary>How requests are answered from now on; they are remembered before it runs.</summary>
    public Func<HttpContext, Task> Answer { get; set; }

    /// <summary>Where it listens: <c>http://127.0.0.1:40123/</c>.</summary>
    public string Url { get; private set; } = "";

    public int Port => new Uri(Url).Port;

    /// <summary>The requests so far, oldest first.</summary>
    public IReadOnlyList<ReceivedRequest> Requests
    {
        get
        {
            lock (_lock) return [.. _requests];
        }
    }

    /// <summary>Requests that broke off in the middle of their bodies, as far as they came.</summary>
    public IReadOnlyList<ReceivedRequest> Broken
    {
        get
        {
            lock (_lock) return [.. _broken];
        }
    }

    /// <summary>Starts a receiver.</summary>
    /// <param name="answer">How requests are answered; 200 and nothing else unless told.</param>
    /// <param name="port">0: any free one.</param>
    /// <param name="certificate">Encrypts.</param>
    public static async Task<Receiver> StartAsync(
        Func<HttpContext, Task>? answer = null, int port = 0, X509Certificate2? certificate = null)
    {
        var receiver = new Receiver(answer ?? Status(200), port, certificate);
        await receiver._app.StartAsync();
        var addresses = receiver._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        receiver.Url = addresses.Single() + "/";
        return receiver;
    }

    /// <summary>An answer of this status and body.</summary>
    public static Func<HttpContext, Task> Status(int status, string body = "") => context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    };

    /// <summary>503, and the wait that it asks for: seconds or a date.</summary>
    public static Func<HttpContext, Task> Busy(string retryAfter) => context =>
    {
        context.Response.Headers.RetryAfter = retryAfter;
        return Status(503)(context);
    };

    /// <summary>Waits until that many requests have come, and answers them all.</summary>
    public Task<IReadOnlyList<ReceivedRequest>> WaitForAsync(int count, TimeSpan? timeout = null) =>
        WaitForAsync(requests => requests.Count >= count, timeout, $"{count} requests");

    /// <summary>Waits until the requests so far fulfil a condition, and answers them all.</summary>
    /// <exception cref="TimeoutException">They did not in time; the message says what came.</exception>
    public async Task<IReadOnlyList<ReceivedRequest>> WaitForAsync(
        Func<IReadOnlyList<ReceivedRequest>, bool> condition, TimeSpan? timeout = null, string what = "the condition")
    {
        var limit = timeout ?? DefaultTimeout;
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            Task next;
            IReadOnlyList<ReceivedRequest> requests;
            lock (_lock) (next, requests) = (_arrived.Task, [.. _requests]);
            if (condition(requests)) return requests;

            var left = limit - Stopwatch.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || await Task.WhenAny(next, Task.Delay(left)) != next)
            {
                throw new TimeoutException($"Waited {limit} for {what}, but got {requests.Count} requests: "
                    + string.Join("; ", requests.Select(request => $"{request.Method} {request.Path} ({request.Body.Length} bytes)")));
            }
        }
    }

    /// <summary>Stops listening: from now on connections are refused.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        var body = new MemoryStream();
        var isWhole = await ReadAsync(context, body);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var request = new ReceivedRequest(
            context.Request.Method, context.Request.Path + context.Request.QueryString, headers, body.ToArray(), DateTimeOffset.UtcNow);
        TaskCompletionSource signal;
        lock (_lock)
        {
            (isWhole ? _requests : _broken).Add(request);
            (signal, _arrived) = (_arrived, NewSignal());
        }

        signal.SetResult();
        if (isWhole) await Answer(context);
    }

    /// <summary>False: the connection ended before the body did.</summary>
    private static async Task<bool> ReadAsync(HttpContext context, MemoryStream body)
    {
        try
        {
            await context.Request.Body.CopyToAsync(body);
            return true;
        }
        catch (Exception cut) when (cut is IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
