using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using PaymentSim.Core;
using PaymentSim.Core.Storage;
using Spectre.Console;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>
/// <c>bench</c>: how many charges, webhooks and jobs a second, how late a webhook is, and how all that stands to what the storage alone can
/// do, measured in one run. docs/performance.md explains every figure.
/// </summary>
internal static class BenchCommand
{
    public const string Name = "bench";

    /// <summary>The hidden verbs of the processes that it starts.</summary>
    public const string Server = "server";

    public const string Worker = "worker";

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object and nothing else." };
        var seconds = new Option<double>("--seconds") { Description = "How long each measurement takes.", DefaultValueFactory = _ => 10 };
        var charges = new Option<int>("--charges") { Description = "How many charges measurement e makes.", DefaultValueFactory = _ => 100_000 };
        var only = new Option<string?>("--only") { Description = "Some of the measurements: a storage, b charges, c webhooks, d latency, e growth, f peer, g jobs, h backlog, i isolation, j comparison; all but h, on PostgreSQL a,b,c,d,h,i." };
        var peer = new Option<string?>("--peer") { Description = "Another server on this machine that speaks the same API, measured beside this one: http://127.0.0.1:8000." };
        var peerKey = new Option<string>("--peer-key") { Description = "The other server's API key.", DefaultValueFactory = _ => "sk_test_bench" };
        var against = new Option<string?>("--against") { Description = "Another way to start the simulator, measured in turns with this one (j): environment variables, DOTNET_TieredPGO=1,DOTNET_gcServer=0, or the path of another build's PaymentSim.Api.dll." };
        var storage = new Option<string>("--storage") { Description = "The database: sqlite or postgres.", DefaultValueFactory = _ => BenchOptions.Sqlite };
        storage.AcceptOnlyFromAmong(BenchOptions.Sqlite, BenchOptions.PostgreSql);
        var nodes = new Option<int>("--nodes") { Description = "On PostgreSQL: how many nodes share the load.", DefaultValueFactory = _ => 1 };
        var postgres = new Option<string?>("--postgres") { Description = "The connection string of a server, whose user may create databases; without it, one of this machine's binaries is started and thrown away." };
        var backlog = new Option<int>("--backlog") { Description = "How many deliveries wait in measurement h.", DefaultValueFactory = _ => 50_000 };
        var endpoints = new Option<int>("--endpoints") { Description = "How many endpoints get each webhook in measurement c.", DefaultValueFactory = _ => 1 };
        var connections = new Option<int>("--connections") { Description = "How many connections charge at the same time, at the most.", DefaultValueFactory = _ => 64 };
        seconds.Validators.Add(given => Check(given, given.GetValue(seconds) is >= 0.1 and <= 600, "--seconds must be from 0.1 to 600."));
        charges.Validators.Add(given => Check(given, given.GetValue(charges) is >= 2000 and <= 10_000_000, "--charges must be from 2000 to 10000000."));
        only.Validators.Add(given => Check(given, Letters(given.GetValue(only)).All("abcdefghij".Contains), "--only takes letters from a to j, such as a,b."));
        nodes.Validators.Add(given => Check(given, given.GetValue(nodes) is >= 1 and <= 9, "--nodes must be from 1 to 9."));
        backlog.Validators.Add(given => Check(given, given.GetValue(backlog) is >= 100 and <= 10_000_000, "--backlog must be from 100 to 10000000."));
        endpoints.Validators.Add(given => Check(given, given.GetValue(endpoints) is >= 1 and <= 16, "--endpoints must be from 1 to 16."));
        connections.Validators.Add(given => Check(given, given.GetValue(connections) is >= 1 and <= 1000, "--connections must be from 1 to 1000."));
        peer.Validators.Add(given => Check(
            given, Uri.TryCreate(given.GetValue(peer), UriKind.Absolute, out var url) && url is { Scheme: "http", IsLoopback: true }, "--peer takes an http URL of this machine."));
        against.Validators.Add(given => Check(
            given, given.GetValue(against) is { } other && ServerStart.Parse(other) is not null, "--against takes variables, NAME=VALUE,NAME=VALUE, or the path of a PaymentSim.Api.dll that is there."));

        var server = new Command(Server) { Hidden = true, TreatUnmatchedTokensAsErrors = false };
        server.SetAction((parsed, _) => BenchServer.ServeAsync(parsed.UnmatchedTokens));
        var worker = new Command(Worker) { Hidden = true };
        worker.SetAction((_, _) => BenchWorker.ServeAsync());

        var command = new Command(Name, "Measure the simulator on this machine.") { json, seconds, charges, only, storage, nodes, postgres, connections, backlog, endpoints, peer, peerKey, against, server, worker };
        command.Validators.Add(given =>
        {
            var isMisplaced = given.GetValue(storage) == BenchOptions.PostgreSql
                ? Letters(given.GetValue(only)).Overlaps("efgj") || given.GetValue(against) is not null
                : given.GetValue(nodes) > 1 || given.GetValue(postgres) is not null;
            if (isMisplaced)
                given.AddError("--nodes and --postgres need --storage postgres, and measurements e, f, g and j are of --storage sqlite.");
        });
        command.SetAction(async (parsed, _) =>
        {
            var isPostgres = parsed.GetValue(storage) == BenchOptions.PostgreSql;
            var options = new BenchOptions(
                parsed.GetValue(json),
                parsed.GetValue(seconds),
                parsed.GetValue(charges),
                Letters(parsed.GetValue(only) ?? (isPostgres ? "abcdhi" : "abcdefgij")),
                parsed.GetValue(peer),
                parsed.GetValue(peerKey)!)
            {
                IsPostgres = isPostgres,
                Nodes = parsed.GetValue(nodes),
                Postgres = parsed.GetValue(postgres),
                Connections = parsed.GetValue(connections),
                Backlog = parsed.GetValue(backlog),
                Endpoints = parsed.GetValue(endpoints),
                Against = parsed.GetValue(against),
            };
            using var stop = new CancellationTokenSource();
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            return await RunAsync(options, stop.Token);

            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = true;
                stop.Cancel();
            }
        });
        return command;
    }

    private static HashSet<char> Letters(string? only) => [.. (only ?? "").Where(c => c != ',')];

    private static void Check(System.CommandLine.Parsing.OptionResult given, bool valid, string otherwise)
    {
        if (!valid) given.AddError(otherwise);
    }

    private static async Task<int> RunAsync(BenchOptions options, CancellationToken stop)
    {
        try
        {
            var report = await new BenchRun(options, Say).RunAsync(stop);
            if (options.Json) System.Console.WriteLine(JsonSerializer.Serialize(report, CoreJson.Options));
            else BenchTable.Write(report, AnsiConsole.Console);
            foreach (var failure in report.Failures) await System.Console.Error.WriteLineAsync(failure);
            return report.Failures.Count == 0 ? 0 : 1;
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            await System.Console.Error.WriteLineAsync("Stopped.");
            return 130;
        }
        catch (Exception failure) when (failure is BenchException or StorageException or HttpRequestException or IOException)
        {
            await System.Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }

        void Say(string what)
        {
            if (!options.Json) AnsiConsole.Console.MarkupLineInterpolated($"[grey]{what} …[/]");
        }
    }
}

/// <param name="Json">True: machine-readable.</param>
/// <param name="Seconds">How long each measurement takes.</param>
/// <param name="Charges">How many the growth is watched over.</param>
/// <param name="Only">The measurements, by letter.</param>
/// <param name="Peer">Another server's URL.</param>
/// <param name="PeerKey">Its API key.</param>
internal sealed record BenchOptions(bool Json, double Seconds, int Charges, IReadOnlySet<char> Only, string? Peer, string PeerKey)
{
    public const string Sqlite = "sqlite";

    public const string PostgreSql = "postgres";

    public bool IsPostgres { get; init; }

    /// <summary>Servers on one PostgreSQL database.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>The connection string of the server to use; null: a throw-away one.</summary>
    public string? Postgres { get; init; }

    /// <summary>How many charge at the same time, at the most.</summary>
    public required int Connections { get; init; }

    /// <summary>How many endpoints get each webhook.</summary>
    public int Endpoints { get; init; } = 1;

    /// <summary>How many deliveries wait.</summary>
    public int Backlog { get; init; }

    /// <summary>Another way to start the server: what <see cref="ServerStart.Parse"/> reads.</summary>
    public string? Against { get; init; }

    /// <summary>Unmeasured load before each measurement.</summary>
    public double WarmUp => Math.Clamp(Seconds, 0.2, 10);
}

/// <summary>The benchmark cannot go on: the message is for the person who runs it.</summary>
internal sealed class BenchException(string message) : Exception(message);
