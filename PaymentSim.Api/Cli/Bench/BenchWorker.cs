using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using PaymentSim.Core;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>Something for a worker to do: a line of JSON on its input, answered by one on its output.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "order")]
[JsonDerivedType(typeof(LoadOrder), "load")]
[JsonDerivedType(typeof(LatencyOrder), "latency")]
[JsonDerivedType(typeof(StorageOrder), "storage")]
[JsonDerivedType(typeof(StorageTurnOrder), "storage_turn")]
[JsonDerivedType(typeof(JobsOrder), "jobs")]
[JsonDerivedType(typeof(ListenOrder), "listen")]
[JsonDerivedType(typeof(ReceivedOrder), "received")]
[JsonDerivedType(typeof(HoldOrder), "hold")]
[JsonDerivedType(typeof(ArrivalsOrder), "arrivals")]
[JsonDerivedType(typeof(BareServerOrder), "bare_server")]
internal abstract record BenchOrder;

/// <summary>A worker's answer: a result, or why there is none.</summary>
internal sealed record BenchReply(JsonElement? Result, string? Error);

/// <summary>A part of the benchmark as a process of its own, so that its garbage and its threads are not those of what it measures.</summary>
internal sealed class BenchWorker : IAsyncDisposable
{
    private static readonly TimeSpan InterruptGrace = TimeSpan.FromMilliseconds(300);

    private readonly ChildProcess _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    private BenchWorker() => _process = new ChildProcess(
        ChildProcess.ThisProgram(BenchCommand.Name, BenchCommand.Worker), line => _lines.Writer.TryWrite(line));

    public static BenchWorker Start() => new();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>Gives an order and waits for what comes of it.</summary>
    /// <exception cref="BenchException">The worker could not do it, or ended.</exception>
    public async Task<TResult> AskAsync<TResult>(BenchOrder order, CancellationToken stop)
    {
        await _process.WriteLineAsync(JsonSerializer.Serialize(order, CoreJson.Options));
        var answer = _lines.Reader.ReadAsync(stop).AsTask();
        if (await Task.WhenAny(answer, _process.WaitForExitAsync(stop)) != answer && !answer.IsCompleted)
        {
            // Ctrl-C reaches all processes at once, and this one may hear of it last.
            await Task.Delay(InterruptGrace, stop);
            throw new BenchException($"The process for {order.GetType().Name} ended:{Environment.NewLine}{_process.LastLines}");
        }

        var reply = JsonSerializer.Deserialize<BenchReply>(await answer, CoreJson.Options)!;
        return reply.Error is { } error
            ? throw new BenchException($"{order.GetType().Name} failed: {error}")
            : reply.Result!.Value.Deserialize<TResult>(CoreJson.Options)!;
    }

    /// <summary>The worker's side: does what its input says, and ends with it, whatever it is doing then.</summary>
    public static async Task<int> ServeAsync()
    {
        var orders = Channel.CreateUnbounded<string>();
        ParentInput.Watch(line => orders.Writer.TryWrite(line));
        Receiver? receiver = null;
        StorageProbe? storage = null;
        await foreach (var line in orders.Reader.ReadAllAsync())
        {
            BenchReply reply;
            try
            {
                var result = await DoAsync(JsonSerializer.Deserialize<BenchOrder>(line, CoreJson.Options)!);
                reply = new BenchReply(JsonSerializer.SerializeToElement(result, result.GetType(), CoreJson.Options), null);
            }
            catch (Exception failure)
            {
                reply = new BenchReply(null, failure is BenchException or IOException or SocketException ? failure.Message : failure.ToString());
            }

            await System.Console.Out.WriteLineAsync(JsonSerializer.Serialize(reply, CoreJson.Options));
        }

        return 0;

        async Task<object> DoAsync(BenchOrder order) => order switch
        {
            LoadOrder load => await LoadGenerator.RunAsync(load),
            LatencyOrder latency => await LatencyProbe.RunAsync(latency),
            StorageOrder open => await OpenAsync(open),
            StorageTurnOrder turn => await storage!.TakeTurnAsync(turn),
            JobsOrder jobs => await JobsProbe.RunAsync(jobs),
            ListenOrder => (receiver ??= new Receiver()).Url,
            ReceivedOrder { WantsCharges: var charges } => receiver!.Received(charges),
            HoldOrder { Hold: var hold } => Hold(hold),
            ArrivalsOrder { Parts: var parts } => receiver!.Rates(parts),
            BareServerOrder => await BareServer.StartAsync(),
            _ => throw new BenchException($"No worker does {order.GetType().Name}."),
        };

        async Task<object> OpenAsync(StorageOrder order)
        {
            if (storage is not null) await storage.DisposeAsync();
            storage = await StorageProbe.OpenAsync(order);
            return true;
        }

        object Hold(bool hold)
        {
            receiver!.Hold(hold);
            return hold;
        }
    }
}

/// <summary>The standard input of a process that must not outlive the one that started it.</summary>
internal static class ParentInput
{
    /// <summary>Hands on every line, and ends this process with its input: that closes however the parent ends.</summary>
    public static void Watch(Action<string>? line = null) => new Thread(() =>
    {
        while (System.Console.In.ReadLine() is { } text) line?.Invoke(text);
        Environment.Exit(0);
    })
    {
        IsBackground = true,
    }.Start();
}
