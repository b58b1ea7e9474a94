using PaymentSim.Core.Storage;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>The simulator under test: <c>serve</c> on a free port, in a process of its own.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private const string Ready = "PaymentSim is ready at ";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChildProcess _process;
    private readonly StorageOptions _storage;

    private BenchServer(string folder, ServerStart how, IEnumerable<string> settings)
    {
        _storage = new StorageOptions(folder);
        _process = new ChildProcess(how.With([BenchCommand.Name, BenchCommand.Server, "--urls=http://127.0.0.1:0", .. settings]), line =>
        {
            if (line.StartsWith(Ready, StringComparison.Ordinal)) _ready.TrySetResult(line[Ready.Length..].Split(',')[0]);
        });
    }

    public string Url { get; private set; } = "";

    /// <summary>In bytes.</summary>
    public long Memory => _process.ResidentBytes;

    /// <summary>What it has had of the processors so far.</summary>
    public TimeSpan ProcessorTime => _process.ProcessorTime;

    /// <summary>The database and its log, in bytes.</summary>
    public long FileSize => new[] { _storage.DatabaseFile, _storage.DatabaseFile + "-wal" }.Select(file => new FileInfo(file)).Where(file => file.Exists).Sum(file => file.Length);

    /// <param name="folder">For its data; the settings say so too.</param>
    /// <param name="how">This program, or another.</param>
    /// <param name="stop">Gives up.</param>
    /// <param name="settings">Its command line.</param>
    /// <exception cref="BenchException">It ended, or was not ready in time; the message holds what it said.</exception>
    public static async Task<BenchServer> StartAsync(string folder, ServerStart how, CancellationToken stop, params string[] settings)
    {
        var server = new BenchServer(folder, how, settings);
        try
        {
            var ready = server._ready.Task;
            if (await Task.WhenAny(ready, server._process.WaitForExitAsync(stop), Task.Delay(StartTimeout, stop)) != ready)
            {
                stop.ThrowIfCancellationRequested();
                throw new BenchException($"The simulator did not start:{Environment.NewLine}{server._process.LastLines}");
            }

            server.Url = await ready;
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>The server's side: the verb <c>serve</c>, that ends with its input.</summary>
    public static Task<int> ServeAsync(IEnumerable<string> settings)
    {
        ParentInput.Watch();
        return CommandLine.RunAsync([ServeCommand.Name, .. settings]);
    }
}
