using System.Diagnostics;

namespace PaymentSim.Api.Cli;

/// <summary>A program that this one started. It is asked to end by closing its input, and killed where that is not enough.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int KeptLines = 30;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly Action<string>? _output;
    private readonly Queue<string> _lastLines = [];

    /// <param name="start">What to start; its three streams are taken over.</param>
    /// <param name="output">Gets every line that it writes to its standard output.</param>
    public ChildProcess(ProcessStartInfo start, Action<string>? output = null)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _output = output;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data, _output);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data, null);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote last, to either stream.</summary>
    public string LastLines
    {
        get
        {
            lock (_lastLines) return string.Join(Environment.NewLine, _lastLines);
        }
    }

    /// <summary>The memory that it holds, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>What it has had of the processors so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>How to start this very program again with other arguments.</summary>
    public static ProcessStartInfo ThisProgram(params IEnumerable<string> args)
    {
        var program = typeof(ChildProcess).Assembly.Location;
        var host = Environment.ProcessPath;
        var own = host is not null && Path.GetFileNameWithoutExtension(host) == Path.GetFileNameWithoutExtension(program);
        return own ? new ProcessStartInfo(host!, args) : new ProcessStartInfo("dotnet", args.Prepend(program));
    }

    public Task WriteLineAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    public Task WaitForExitAsync(CancellationToken stop) => _process.WaitForExitAsync(stop);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            CloseInput();
            using var timeout = new CancellationTokenSource(StopTimeout);
            try
            {
                await _process.WaitForExitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has just ended.
        }
    }

    private void Keep(string? line, Action<string>? output)
    {
        if (line is null) return;
        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > KeptLines) _lastLines.Dequeue();
        }

        output?.Invoke(line);
    }
}
