using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace PaymentSim.Api.Cli.Demo;

/// <summary>The demo shop as a process of its own, which ends when this one does, however this one ends.</summary>
internal sealed class ShopProcess : IAsyncDisposable
{
    private const string Project = "merchant-demo";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly ChildProcess _process;

    private ShopProcess(ProcessStartInfo start) => _process = new ChildProcess(start);

    /// <summary>Builds the shop and answers its program's path.</summary>
    /// <exception cref="DemoException">There is no shop here, or it does not build.</exception>
    public static async Task<string> BuildAsync(CancellationToken stop)
    {
        var folder = FindProject();
        var output = new List<string>();
        using var build = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { "build", Path.Combine(folder, Project + ".csproj"), "-c", Configuration, "-nologo", "-v", "quiet", "-nodeReuse:false" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        build.OutputDataReceived += (_, line) => Add(line.Data);
        build.ErrorDataReceived += (_, line) => Add(line.Data);
        build.BeginOutputReadLine();
        build.BeginErrorReadLine();
        try
        {
            await build.WaitForExitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            build.Kill(entireProcessTree: true);
            throw;
        }

        if (build.ExitCode != 0)
        {
            var errors = output.Where(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)).Distinct().Take(10).ToList();
            throw new DemoException($"The shop in {folder} does not build:{Environment.NewLine}{string.Join(Environment.NewLine, errors.Count > 0 ? errors : output.TakeLast(10))}");
        }

        var program = Path.Combine(folder, "bin", Configuration, $"net{Environment.Version.Major}.0", Project + ".dll");
        return File.Exists(program) ? program : throw new DemoException($"The shop was built, but {program} is not there.");

        void Add(string? line)
        {
            lock (output) if (line is not null) output.Add(line);
        }
    }

    /// <summary>Starts the shop and waits until it answers.</summary>
    /// <exception cref="DemoException">It ended, or did not answer in time; the message holds what it said.</exception>
    public static async Task<ShopProcess> StartAsync(
        string program, DemoOptions options, string apiKey, string webhookSecret, string dataDirectory, CancellationToken stop)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { program, "--urls", options.ShopUrl.GetLeftPart(UriPartial.Authority) },
        };
        // By the environment: command lines can be read by every user of the machine.
        start.Environment["Shop__DataDirectory"] = dataDirectory;
        start.Environment["Shop__PaymentSimUrl"] = options.Url.GetLeftPart(UriPartial.Authority);
        start.Environment["Shop__ApiKey"] = apiKey;
        start.Environment["Shop__WebhookSecret"] = webhookSecret;
        start.Environment["Shop__ExitWhenInputCloses"] = "true";

        var shop = new ShopProcess(start);
        try
        {
            await shop.WaitUntilReadyAsync(options.ShopUrl, stop);
            return shop;
        }
        catch
        {
            await shop.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="DemoException">Somebody listens there already.</exception>
    public static void RequireFree(Uri url, string what)
    {
        foreach (var address in url.IsLoopback ? new[] { IPAddress.Loopback, IPAddress.IPv6Loopback } : Dns.GetHostAddresses(url.Host))
        {
            try
            {
                using var listener = new TcpListener(address, url.Port);
                listener.Start();
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw new DemoException($"Port {url.Port}, which {what} needs, is already in use. Stop the program that uses it, or choose other ports with --url and --shop-url.");
            }
            catch (SocketException)
            {
                // No such address on this machine (IPv6 may be off): then nobody listens on it.
            }
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string Configuration =>
#if DEBUG
        "Debug";
#else
        "Release";
#endif

    private static string FindProject()
    {
        foreach (var start in new[] { Environment.CurrentDirectory, AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var candidate = Path.Combine(folder.FullName, Project);
                if (File.Exists(Path.Combine(candidate, Project + ".csproj"))) return candidate;
            }
        }

        throw new DemoException($"The demo needs the shop's source, the folder {Project} of the repository: run it from there.");
    }

    private async Task WaitUntilReadyAsync(Uri url, CancellationToken stop)
    {
        using var http = new HttpClient();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(StartTimeout);
        try
        {
            while (true)
            {
                if (_process.HasExited) throw new DemoException($"The shop ended at its start:{Environment.NewLine}{_process.LastLines}");
                try
                {
                    using var response = await http.GetAsync(new Uri(url, "/health"), timeout.Token);
                    if (response.IsSuccessStatusCode) return;
                }
                catch (HttpRequestException)
                {
                    // Not listening yet.
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), timeout.Token);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new DemoException($"The shop did not answer within {StartTimeout.TotalSeconds:0} s:{Environment.NewLine}{_process.LastLines}");
        }
    }
}
