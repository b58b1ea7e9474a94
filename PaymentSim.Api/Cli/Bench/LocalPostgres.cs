using System.Diagnostics;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>
/// A throw-away PostgreSQL server, started from this machine's binaries behind a socket in a folder of its own. It ends with this process, however that
/// ends, and its data with it.
/// </summary>
internal sealed class LocalPostgres : IAsyncDisposable
{
    /// <summary>Why there can be none.</summary>
    public const string Missing = "There is no PostgreSQL on this machine: its programs initdb, postgres and pg_ctl were looked for on the PATH and in /usr/lib/postgresql.";

    /// <summary>Runs until its input closes, and does what each line of it says. It is given the binaries' folder, its own, and settings.</summary>
    private const string Script =
        """
        trap '' INT TERM HUP
        bin=$1 folder=$2 settings=$3
        control() { "$bin/pg_ctl" -w -D "$folder/data" -l "$folder/log" "$@" </dev/null >/dev/null; }
        start() { control start -o "-c listen_addresses= -c unix_socket_directories='$folder' $settings"; }
        "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1 &&
        start && echo done || { cat "$folder/log"; exit 1; }
        while read -r verb mode; do
            case $verb in
                start) start ;;
                *) control "$verb" -m "$mode" ;;
            esac && echo done || cat "$folder/log"
        done
        control stop -m immediate
        rm -rf "$folder"
        """;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;
    private TaskCompletionSource _done = NewSignal();

    private LocalPostgres(string binaries, string folder, string settings)
    {
        ConnectionString = $"Host={folder};Username=postgres;Database=postgres";
        // The server refuses to run as root. Not by runuser: that kills what it started where a signal reaches both.
        string[] user = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=nobody", "--clear-groups", "--regid=65534", "--"] : [];
        string[] command = [.. user, "sh", "-c", Script, "sh", binaries, folder, settings];
        _process = new ChildProcess(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder }, line =>
        {
            if (line == "done") _done.TrySetResult();
        });
    }

    /// <summary>Of the superuser, who needs no password.</summary>
    public string ConnectionString { get; }

    /// <param name="settings">For its command line: <c>-c max_connections=400</c>.</param>
    /// <exception cref="BenchException">There are no binaries, or it did not start: the message says why.</exception>
    public static async Task<LocalPostgres> StartAsync(string settings, CancellationToken stop = default)
    {
        if (Binaries() is not { } binaries) throw new BenchException(Missing);
        var folder = Directory.CreateTempSubdirectory("paymentsim-postgres-").FullName;
        if (Environment.IsPrivilegedProcess) await ChownAsync(folder, stop);
        var server = new LocalPostgres(binaries, folder, settings);
        try
        {
            await server.WaitAsync(stop);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <param name="mode"><c>fast</c>: sessions are ended; <c>immediate</c>: as in a crash, after which the server recovers from its log.</param>
    /// <exception cref="BenchException">It did not come back.</exception>
    public Task RestartAsync(string mode) => TellAsync($"restart {mode}");

    /// <param name="mode">As in <see cref="RestartAsync"/>.</param>
    public Task StopAsync(string mode) => TellAsync($"stop {mode}");

    /// <summary>After <see cref="StopAsync"/>.</summary>
    public Task StartAgainAsync() => TellAsync("start");

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private Task TellAsync(string order)
    {
        _done = NewSignal();
        return Task.WhenAll(_process.WriteLineAsync(order), WaitAsync(CancellationToken.None));
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        var done = _done.Task;
        if (await Task.WhenAny(done, _process.WaitForExitAsync(stop), Task.Delay(StartTimeout, stop)) == done) return;
        stop.ThrowIfCancellationRequested();
        throw new BenchException($"PostgreSQL did not do as it was told:{Environment.NewLine}{_process.LastLines}");
    }

    private static string? Binaries()
    {
        const string Installed = "/usr/lib/postgresql";
        var versions = Directory.Exists(Installed) ? Directory.GetDirectories(Installed).Select(version => Path.Combine(version, "bin")) : [];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(versions.OrderDescending())
            .FirstOrDefault(folder => new[] { "initdb", "postgres", "pg_ctl" }.All(program => File.Exists(Path.Combine(folder, program))));
    }

    private static async Task ChownAsync(string folder, CancellationToken stop)
    {
        using var chown = Process.Start("chown", ["nobody", folder]);
        await chown.WaitForExitAsync(stop);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
