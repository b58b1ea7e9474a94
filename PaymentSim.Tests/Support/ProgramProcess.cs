using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace PaymentSim.Tests.Support;

/// <summary>One of our programs as users run it: a process of its own, that can be stopped, killed and read.</summary>
public sealed class ProgramProcess : IAsyncDisposable
{
    /// <summary>Far more than it takes, which where many tests share few processors can be many times what it takes alone.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private ProgramProcess(string program, IEnumerable<string> args, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var arg in args.Prepend(program)) start.ArgumentList.Add(arg);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Collect(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Collect(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    /// <summary>Starts a program and waits for nothing.</summary>
    public static ProgramProcess Start(string program, params string[] args) => Start(program, new Dictionary<string, string>(), args);

    /// <summary>The same with environment variables beside those of this process.</summary>
    public static ProgramProcess Start(string program, IReadOnlyDictionary<string, string> environment, params string[] args) => new(program, args, environment);

    /// <summary>Starts a program and waits for a line of its output that begins like this; answers the rest of that line.</summary>
    /// <param name="program">Its dll.</param>
    /// <param name="ready">How the line begins.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="environment">Environment variables beside those of this process.</param>
    public static async Task<(ProgramProcess Process, string Line)> StartAsync(
        string program, string ready, IEnumerable<string> args, IReadOnlyDictionary<string, string>? environment = null)
    {
        var process = new ProgramProcess(program, args, environment ?? new Dictionary<string, string>());
        try
        {
            var line = await Eventually.HoldsAsync(
                () => Task.FromResult(process._process.HasExited ? throw new InvalidOperationException($"It ended.\n{process.Output}\n{process.Errors}") : process.LineAfter(ready)),
                found => found is not null,
                $"{Path.GetFileName(program)} says '{ready}'",
                StartTimeout);
            return (process, line!);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, TimeSpan timeout, params string[] args)
    {
        await using var process = Start(program, args);
        var code = await process.WaitForExitAsync(timeout);
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

    public void CloseInput() => _process.StandardInput.Close();

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

    private static void Collect(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.AppendLine(line);
    }

    private static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }

    private string? LineAfter(string beginning) => Output.Split('\n')
        .FirstOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal))?[beginning.Length..].Trim();
}
