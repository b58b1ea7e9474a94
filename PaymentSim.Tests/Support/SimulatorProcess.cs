namespace PaymentSim.Tests.Support;

/// <summary>The simulator as users run it: a process of its own, that can be killed.</summary>
public sealed class SimulatorProcess : IAsyncDisposable
{
    private const string Ready = "PaymentSim is ready at ";
    private static readonly TimeSpan RunTimeout = TimeSpan.FromMinutes(2);
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "PaymentSim.Api.dll");

    private readonly ProgramProcess _process;

    private SimulatorProcess(ProgramProcess process, string url) => (_process, Url) = (process, url);

    /// <summary><c>http://127.0.0.1:40123</c>.</summary>
    public string Url { get; }

    public string Output => _process.Output;

    public string Errors => _process.Errors;

    /// <summary>Starts a server and waits until it says that it is ready.</summary>
    public static Task<SimulatorProcess> ServeAsync(TempFolder folder, params string[] settings) => ServeAsync([.. Engines.Settings(folder), .. settings]);

    /// <summary>The same with these settings alone.</summary>
    public static async Task<SimulatorProcess> ServeAsync(string[] settings)
    {
        var (process, line) = await ProgramProcess.StartAsync(Program, Ready, Serve(settings));
        return new SimulatorProcess(process, line.Split(',')[0]);
    }

    /// <summary>Starts a server and waits for nothing: it may be killed before it is ready.</summary>
    public static ProgramProcess Launch(TempFolder folder, params string[] settings) => ProgramProcess.Start(Program, Serve([.. Engines.Settings(folder), .. settings]));

    /// <summary>Runs the program to its end.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] args) => ProgramProcess.RunAsync(Program, RunTimeout, args);

    /// <summary>SIGKILL: nothing is flushed, nothing is tidied up.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>SIGTERM: the polite request to stop.</summary>
    public Task TerminateAsync() => _process.TerminateAsync();

    /// <summary>Waits for the end, and answers the exit code.</summary>
    public Task<int> WaitForExitAsync(TimeSpan timeout) => _process.WaitForExitAsync(timeout);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string[] Serve(string[] settings)
    {
        string[] urls = settings.Any(setting => setting.StartsWith("--urls", StringComparison.Ordinal)) ? [] : ["--urls=http://127.0.0.1:0"];
        return ["serve", .. urls, .. settings];
    }
}
