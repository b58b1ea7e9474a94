using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PaymentSim.Api.Hosting;
using PaymentSim.Core;
using Spectre.Console;

namespace PaymentSim.Api.Cli.Check;

/// <summary>
/// <c>check</c>: plays genuine, broken and forged webhooks against a merchant's handler and grades how it answers. Ends with 0 where nothing failed, 1 where
/// something did, 2 where the check could not be made.
/// </summary>
internal static partial class CheckCommand
{
    public const string Name = "check";

    private const string SecretVariable = "WEBHOOK_SECRET";
    private const int CouldNotRun = 2;
    private const int Kilobyte = 1024;

    public static Command Create()
    {
        var url = new Argument<string>("url") { Description = "The handler: http://localhost:5090/webhooks. Take one of a test system: it is sent events with genuine signatures." };
        var secret = new Option<string?>("--secret") { Description = $"Its signing secret, whsec_…; without it, what the environment variable {SecretVariable} holds." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object and nothing else." };
        var junit = new Option<string?>("--junit") { Description = "Write a JUnit XML file, too, as continuous integration reads it." };
        var type = new Option<string>("--event") { Description = "The type of the events: one that the handler acts upon.", DefaultValueFactory = _ => "charge.succeeded" };
        var content = new Option<string?>("--object") { Description = "A file with the JSON of the object that the events are about, such as a charge with your metadata; made up unless given." };
        var version = new Option<string?>("--api-version") { Description = "The events' api_version; the simulator's own unless given." };
        var timeout = new Option<string>("--timeout") { Description = "How long an answer may take.", DefaultValueFactory = _ => "15s" };
        var tolerance = new Option<string>("--tolerance") { Description = "How old a signature the handler accepts.", DefaultValueFactory = _ => "5m" };
        var large = new Option<int>("--large") { Description = "The size of the large event, in KB.", DefaultValueFactory = _ => 256 };
        var skip = new Option<string[]>("--skip") { Description = "Probes to leave out, by name: --skip large --skip wrong-method.", DefaultValueFactory = _ => [] };

        url.Validators.Add(given => Check(given, IsUrl(given.GetValue(url)!), "The URL must be an absolute http or https URL without a user name, such as http://localhost:5090/webhooks."));
        secret.Validators.Add(given => Check(given, given.GetValue(secret) is not { } text || IsSecret(text), "--secret must be whsec_ followed by base64."));
        type.Validators.Add(given => Check(given, EventType().IsMatch(given.GetValue(type)!), "--event must be the type of an event, such as charge.succeeded."));
        timeout.Validators.Add(given => Check(given, Time(given.GetValue(timeout)!) is { } time && time > TimeSpan.Zero, "--timeout must be a duration, such as 500ms or 15s."));
        tolerance.Validators.Add(given => Check(given, Time(given.GetValue(tolerance)!) <= TimeSpan.FromDays(365), "--tolerance must be a duration of at most a year, such as 5m."));
        large.Validators.Add(given => Check(given, given.GetValue(large) is >= 1 and <= 102_400, "--large must be from 1 to 102400."));
        skip.Validators.Add(given => Check(
            given, given.GetValue(skip)!.All(CanBeSkipped), $"--skip takes {string.Join(", ", Probe.All.Select(probe => probe.Name).Where(CanBeSkipped))}."));

        var command = new Command(Name, "Check a webhook handler: play genuine, broken and forged webhooks against it and grade its answers.")
        {
            url, secret, json, junit, type, content, version, timeout, tolerance, large, skip,
        };
        command.Validators.Add(given =>
        {
            if (given.GetResult(secret) is null && !IsSecret(Environment.GetEnvironmentVariable(SecretVariable)))
                given.AddError($"Which secret? Give --secret whsec_…, or put it into the environment variable {SecretVariable}.");
        });
        command.SetAction(async (parsed, _) =>
        {
            using var stop = new CancellationTokenSource();
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            return await RunAsync(
                () => new CheckOptions(new Uri(parsed.GetValue(url)!), parsed.GetValue(secret) ?? Environment.GetEnvironmentVariable(SecretVariable)!)
                {
                    Json = parsed.GetValue(json),
                    Junit = parsed.GetValue(junit),
                    Event = parsed.GetValue(type)!,
                    Object = parsed.GetValue(content) is { } file ? ReadObject(file) : null,
                    ApiVersion = parsed.GetValue(version) ?? Settings.Read(Simulator.CreateBuilder([]).Configuration).Core.ApiVersion.Default,
                    Timeout = Duration.Parse(parsed.GetValue(timeout)!),
                    Tolerance = Duration.Parse(parsed.GetValue(tolerance)!),
                    LargeBytes = parsed.GetValue(large) * Kilobyte,
                    Skip = parsed.GetValue(skip)!.ToHashSet(),
                },
                stop.Token);

            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = true;
                stop.Cancel();
            }
        });
        return command;
    }

    /// <summary>What is wrong with the arguments, without the secret that may be among them; null: nothing.</summary>
    public static async Task<int?> RefuseAsync(ParseResult parsed)
    {
        if (parsed.CommandResult.Command.Name != Name || parsed.Errors.Count == 0 || parsed.Action is System.CommandLine.Help.HelpAction) return null;
        foreach (var error in parsed.Errors) await System.Console.Error.WriteLineAsync(Secret().Replace(error.Message, "whsec_…"));
        return CouldNotRun;
    }

    private static async Task<int> RunAsync(Func<CheckOptions> read, CancellationToken stop)
    {
        try
        {
            var options = read();
            if (options.Junit is { } prepared) JUnitFile.Prepare(prepared);
            var report = await PlayAsync(options, stop);
            if (options.Json) System.Console.WriteLine(JsonSerializer.Serialize(report, CoreJson.Options));
            else CheckTable.Write(report, AnsiConsole.Console);
            if (options.Junit is { } file) JUnitFile.Write(file, report);
            return report.Failed == 0 ? 0 : 1;
        }
        catch (Exception failure) when (failure is CheckException or SettingException)
        {
            await System.Console.Error.WriteLineAsync(failure.Message);
            return CouldNotRun;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await System.Console.Error.WriteLineAsync("Stopped.");
            return 130;
        }
    }

    private static Task<CheckReport> PlayAsync(CheckOptions options, CancellationToken stop)
    {
        var run = new CheckRun(options, TimeProvider.System);
        return options.Json || !AnsiConsole.Profile.Out.IsTerminal
            ? run.RunAsync(_ => { }, stop)
            : AnsiConsole.Status().StartAsync("…", status => run.RunAsync(probe => status.Status(Markup.Escape(probe.Name)), stop));
    }

    private static JsonObject ReadObject(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file)) as JsonObject ?? throw new CheckException($"{file} holds no JSON object.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new CheckException($"The object cannot be read: {failure.Message}");
        }
    }

    private static bool IsUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.UserInfo.Length == 0;

    private static bool IsSecret(string? text)
    {
        if (text?.StartsWith(CheckOptions.SecretPrefix, StringComparison.Ordinal) != true) return false;
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text[CheckOptions.SecretPrefix.Length..], key, out var length) && length > 0;
    }

    private static TimeSpan? Time(string text)
    {
        try
        {
            return Duration.Parse(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>What the first probe finds decides what the others are worth.</summary>
    private static bool CanBeSkipped(string name) => name != DeliveryProbes.Valid.Name && Probe.All.Any(probe => probe.Name == name);

    private static void Check(SymbolResult given, bool valid, string otherwise)
    {
        if (!valid) given.AddError(otherwise);
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+\z")]
    private static partial Regex EventType();

    [GeneratedRegex(@"whsec_[^\s',…]+")]
    private static partial Regex Secret();
}
