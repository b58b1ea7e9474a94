using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PaymentSim.Tests.Support;

/// <summary>The tests in <c>Sdk/node</c>. They want <c>node</c> (20 or newer) and <c>npm</c> on the path; the official packages are installed beside them once.</summary>
internal static partial class NodeSuite
{
    /// <summary>Far more than either takes, even where many tests share few processors.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly string Folder = Repository.At("PaymentSim.Tests", "Sdk", "node");

    private static readonly Lazy<Task> Installed = new(InstallAsync);

    /// <summary>Why they cannot run here; null: they can.</summary>
    public static string? Missing { get; } = MissingIn(Environment.GetEnvironmentVariable("PATH"));

    /// <param name="path">Folders, as in the environment variable PATH.</param>
    internal static string? MissingIn(string? path) => new[] { "node", "npm" }.FirstOrDefault(program => Find(program, path) is null) is { } program
        ? $"No {program} on the PATH: install Node.js 20 or newer with npm, and the official Node SDK is tested, too."
        : null;

    /// <summary>Runs them all against a simulator, and answers the names of those that failed, each with what was wrong.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(string simulator)
    {
        await Installed.Value;
        var (code, output, errors) = await RunAsync("node", ["--test", "--test-reporter=tap", "--test-timeout=120000"], simulator);
        var failed = Failed(output);
        if (code != 0 && failed.Count == 0) return [$"node --test ended with {code}:\n{output}\n{errors}"];
        Count(output).ShouldBeGreaterThan(0, output);
        return failed;
    }

    /// <summary>Starts a program of that folder, that ends when it is disposed of.</summary>
    public static async Task<IAsyncDisposable> StartAsync(string script, IReadOnlyDictionary<string, string> environment)
    {
        await Installed.Value;
        var start = new ProcessStartInfo(Find("node", Environment.GetEnvironmentVariable("PATH"))!, [script]) { WorkingDirectory = Folder };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new NodeProgram(Process.Start(start)!);
    }

    /// <summary>The tests that a TAP report says are not ok, each with its details; a file's own name where it does not run at all.</summary>
    internal static IReadOnlyList<string> Failed(string tap) => [.. NotOk().Matches(tap).Select(match => match.Value.Trim())];

    private static int Count(string tap) => int.Parse(Passed().Match(tap) is { Success: true } match ? match.Groups[1].Value : "0", null);

    private static async Task InstallAsync()
    {
        if (IsInstalled()) return;
        var (code, output, errors) = await RunAsync("npm", ["ci", "--no-audit", "--no-fund"], null);
        code.ShouldBe(0, $"npm ci: {output}\n{errors}");
    }

    /// <summary>Every package is there in the version that is asked for: others may be left from before it was changed.</summary>
    private static bool IsInstalled()
    {
        var wanted = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "package.json")))!["dependencies"]!.AsObject();
        return wanted.All(package =>
        {
            var file = Path.Combine(Folder, "node_modules", package.Key, "package.json");
            return File.Exists(file) && (string?)JsonNode.Parse(File.ReadAllText(file))!["version"] == (string?)package.Value;
        });
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string program, string[] arguments, string? simulator)
    {
        var start = new ProcessStartInfo(Find(program, Environment.GetEnvironmentVariable("PATH"))!, arguments)
        {
            WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (simulator is not null) start.Environment["SIMULATOR_URL"] = simulator;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} still ran after {Limit}.\n{await output}\n{await errors}");
        }

        return (process.ExitCode, await output, await errors);
    }

    private static string? Find(string program, string? path) => (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => new[] { Path.Combine(folder, program), Path.Combine(folder, program + ".exe"), Path.Combine(folder, program + ".cmd") })
        .FirstOrDefault(File.Exists);

    private sealed class NodeProgram(Process process) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    [GeneratedRegex(@"^(?<depth> *)not ok \d+ - [^\n]*(\n\k<depth>  ---\n.*?\n\k<depth>  \.\.\.)?", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex NotOk();

    [GeneratedRegex(@"^# pass (\d+)", RegexOptions.Multiline)]
    private static partial Regex Passed();
}
