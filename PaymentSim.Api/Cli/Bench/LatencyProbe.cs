using System.Diagnostics;
using System.Text;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>Makes charges at a steady rate, and takes their webhooks, in one process: both ends are read off one clock.</summary>
internal sealed record LatencyOrder(string Url, string ApiKey, int PerSecond, double Seconds) : BenchOrder;

/// <param name="Charges">How many were made.</param>
/// <param name="Webhook">From the charge's answer, read by the client, to its webhook, read by the receiver.</param>
/// <param name="BarePost">From before a POST of a webhook's size is sent to when the receiver has read it: what the machine itself takes.</param>
/// <param name="Lost">Charges whose webhook did not come.</param>
/// <param name="Duplicates">Webhooks that came again.</param>
internal sealed record LatencyResult(int Charges, Latencies Webhook, Latencies BarePost, int Lost, int Duplicates);

/// <summary>Measures how soon a webhook follows its charge, and between any two charges how long a bare POST takes.</summary>
internal static class LatencyProbe
{
    private const int WebhookBytes = 2200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<LatencyResult> RunAsync(LatencyOrder order)
    {
        using var receiver = new Receiver();
        await SimulatorClient.RegisterEndpointAsync(order.Url, order.ApiKey, receiver.Url);
        var (url, receiverUrl) = (new Uri(order.Url), new Uri(receiver.Url));
        using var merchant = HttpStream.Connect(url);
        using var sender = HttpStream.Connect(receiverUrl);
        var charge = LoadGenerator.Request(url, order.ApiKey);
        var bare = BareRequest(receiverUrl);

        var warmUp = Math.Max(5, (int)(order.PerSecond * Math.Min(2, order.Seconds / 2)));
        var count = Math.Max(5, (int)(order.PerSecond * order.Seconds));
        var answered = new List<(string Id, long At)>();
        var posts = new List<long>();
        var start = Stopwatch.GetTimestamp();
        var half = Stopwatch.Frequency / order.PerSecond / 2;
        for (var i = 0; i < warmUp + count; i++)
        {
            await UntilAsync(start + 2 * i * half);
            answered.Add(await ChargeAsync(merchant, charge));
            await UntilAsync(start + (2 * i + 1) * half);
            posts.Add(await PostAsync(sender, bare, receiver));
        }

        await WaitForAllAsync(receiver, answered.Count);
        var arrivals = answered.Select(made => (made.At, Arrival: receiver.ArrivalOf(made.Id))).ToList();
        return new LatencyResult(
            count,
            Latencies.Of(arrivals.Skip(warmUp).Where(made => made.Arrival is not null).Select(made => made.Arrival!.Value - made.At).ToArray()),
            Latencies.Of(posts.Skip(warmUp).ToArray()),
            arrivals.Count(made => made.Arrival is null),
            receiver.Received(false).Duplicates);
    }

    private static async Task<(string Id, long At)> ChargeAsync(HttpStream merchant, byte[] request)
    {
        await merchant.SendAsync(request);
        var answer = await merchant.ReadAsync() ?? throw new IOException("The server closed the connection.");
        var now = Stopwatch.GetTimestamp();
        return answer.Status == StatusCodes.Status200OK && LoadGenerator.ChargeIdIn(answer.Body.Span) is { } id
            ? (id, now)
            : throw new BenchException($"A charge was answered with {answer.Status}: {Encoding.UTF8.GetString(answer.Body.Span)}");
    }

    private static async Task<long> PostAsync(HttpStream sender, byte[] request, Receiver receiver)
    {
        var sent = Stopwatch.GetTimestamp();
        await sender.SendAsync(request);
        _ = await sender.ReadAsync() ?? throw new IOException("The receiver closed the connection.");
        return receiver.LastBare - sent;
    }

    private static async Task UntilAsync(long time)
    {
        var left = (time - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency;
        if (left > 0) await Task.Delay((int)left);
    }

    private static async Task WaitForAllAsync(Receiver receiver, int count)
    {
        var started = Stopwatch.GetTimestamp();
        while (receiver.Received(false).Webhooks < count && Stopwatch.GetElapsedTime(started) < Patience) await Task.Delay(20);
    }

    private static byte[] BareRequest(Uri url) => Encoding.ASCII.GetBytes(
        $"POST {Receiver.BarePath} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json\r\nContent-Length: {WebhookBytes}\r\n\r\n{new string('x', WebhookBytes)}");
}
