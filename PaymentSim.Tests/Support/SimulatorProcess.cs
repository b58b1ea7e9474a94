using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace PaymentSim.Tests.Support;

/// <summary>The simulator as users run it: a process of its own, that can be killed.</summary>
public sealed class SimulatorProcess : IAsyncDisposable
{
    private const string Ready = "PaymentSim is ready at ";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SimulatorProcess(string[] args)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var arg in args.Prepend(Path.Combine(AppContext.BaseDirectory, "PaymentSim.Api.dll"))) start.ArgumentList.Add(arg);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Collect(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Collect(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary><c>http://127.0.0.1:40123</c>.</summary>
    public string Url { get; private set; } = "";

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    /// <summary>Starts a server and waits until it says that it is ready.</summary>
    public static async Task<SimulatorProcess> ServeAsync(TempFolder folder, params string[] settings)
    {
        var urls = settings.Any(setting => setting.StartsWith("--urls", StringComparison.Ordinal)) ? Array.Empty<string>() : ["--urls=http://127.0.0.1:0"];
        var process = new SimulatorProcess(["serve", .. urls, $"--PaymentSim:DataDirectory={folder.Path}", .. settings]);
        var exited = process._process.WaitForExitAsync();
        if (await Task.WhenAny(process._ready.Task, exited, Task.Delay(StartTimeout)) != process._ready.Task)
        {
            await process.DisposeAsync();
            throw new InvalidOperationException($"The simulator did not start.\n{process.Output}\n{process.Errors}");
        }

        process.Url = await process._ready.Task;
        return process;
    }

    /// <summary>Runs the program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] args)
    {
        await using var process = new SimulatorProcess(args);
        var code = await process.WaitForExitAsync(StartTimeout);
        return (code, process.Output, process.Errors);
    }

    /// <summary>SIGKILL: nothing is flushed, nothing is tidied up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM: the polite request to stop.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for the end, and answers the exit code.</summary>
    /// <exception cref="TimeoutException">It still runs; the message holds what it wrote.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The process still runs after {timeout}.\n{Output}\n{Errors}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private void Collect(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.AppendLine(line);
        if (line.StartsWith(Ready, StringComparison.Ordinal)) _ready.TrySetResult(line[Ready.Length..].Split(',')[0]);
    }

    private static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}
