using System.CommandLine;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using PaymentSim.Api.Hosting;
using PaymentSim.Core;
using PaymentSim.Core.Storage;

namespace PaymentSim.Api.Cli;

/// <summary>Runs the simulator until it is stopped.</summary>
internal static class ServeCommand
{
    public const string Name = "serve";

    private const string HostLog = "Microsoft.Extensions.Hosting.Internal.Host";

    public static Command Create()
    {
        var command = new Command(Name, "Run the simulator (the default). Settings: --urls http://127.0.0.1:5080 --PaymentSim:DataDirectory=… --Webhooks:RetrySchedule=5s,5m,…")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            return await StartupErrors.ReportAsync(async () =>
            {
                var started = false;
                await using var app = Simulator.Build(
                    [.. SettingArguments.Check(parsed.UnmatchedTokens)],
                    // Why it cannot start is said once, below; what fails later is logged.
                    builder => builder.Logging.AddFilter(HostLog, level => started && level >= LogLevel.Warning));
                await app.StartAsync(cancellationToken);
                started = true;
                Banner.Write(app);
                await app.WaitForShutdownAsync(cancellationToken);
            });
        });
        return command;
    }
}

/// <summary>Says in one line why the program cannot start, instead of a stack trace.</summary>
internal static class StartupErrors
{
    public static async Task<int> ReportAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (Exception failure) when (Explain(failure) is { } reason)
        {
            await System.Console.Error.WriteLineAsync(reason);
            return 1;
        }
    }

    private static string? Explain(Exception failure) => failure switch
    {
        SettingException or StorageException or InvalidDataException => failure.Message,
        ProblemException { Problem.Kind: ProblemKind.Unavailable } => failure.Message,
        IOException { InnerException: AddressInUseException } => $"{failure.Message.TrimEnd('.')}. Stop the program that uses it, or choose another address: --urls http://127.0.0.1:5081",
        SocketException or FormatException => $"The server cannot start: {failure.Message}",
        _ => null,
    };
}

/// <summary>Settings on the command line: a mistyped one must not be taken for a default.</summary>
internal static class SettingArguments
{
    private static readonly string[] HostKeys = ["urls", "environment", "AllowedHosts"];

    /// <exception cref="SettingException">An argument is no setting.</exception>
    public static IReadOnlyList<string> Check(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            var key = args[i].TrimStart('-').Split('=')[0];
            var known = HostKeys.Contains(key, StringComparer.OrdinalIgnoreCase)
                || Settings.Sections.Append("Logging").Append("Kestrel").Any(section => key.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase));
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || !known) throw new SettingException($"Unknown argument '{args[i]}'. See --help and docs/configuration.md.");
            if (!args[i].Contains('=', StringComparison.Ordinal) && ++i >= args.Count) throw new SettingException($"--{key} needs a value.");
        }

        return args;
    }
}
