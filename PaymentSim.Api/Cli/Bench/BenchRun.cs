using System.Runtime.InteropServices;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>One run of the benchmark: starts the processes, gives them their orders one after the other, and collects the figures.</summary>
internal sealed partial class BenchRun(BenchOptions options, Action<string> say)
{
    private const int SteadyRate = 20;

    /// <summary>A count of charges that takes longer than this is cut off.</summary>
    private static readonly TimeSpan LongestWindow = TimeSpan.FromMinutes(30);

    private readonly List<string> _failures = [];
    private readonly Dictionary<StorageRows, StorageResult> _storage = [];

    /// <summary>The connection string of the server that makes the databases; null: they are embedded.</summary>
    private string? _postgres;

    /// <exception cref="BenchException">A process failed.</exception>
    public async Task<BenchReport> RunAsync(CancellationToken stop)
    {
        if (options.Only.SetEquals("f") && options.Peer is null) throw new BenchException("Measurement f needs --peer.");
        if (options.Only.SetEquals("j") && options.Against is null) throw new BenchException("Measurement j needs --against.");
        var folder = Directory.CreateTempSubdirectory("paymentsim-bench-");
        try
        {
            await using var postgres = options is { IsPostgres: true, Postgres: null } ? await StartPostgresAsync(stop) : null;
            _postgres = options.Postgres ?? postgres?.ConnectionString;
            return await MeasureAsync(folder.FullName, stop);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<LocalPostgres> StartPostgresAsync(CancellationToken stop)
    {
        try
        {
            // As it comes, but for as many connections as the nodes and the load of measurement a need.
            return await LocalPostgres.StartAsync("-c max_connections=400", stop);
        }
        catch (BenchException missing) when (missing.Message == LocalPostgres.Missing)
        {
            throw new BenchException($"{missing.Message} Install it, or name a server: --postgres \"Host=…;Username=…;Password=…\".");
        }
    }

    private async Task<BenchReport> MeasureAsync(string folder, CancellationToken stop)
    {
        var report = new BenchReport
        {
            Machine = new BenchMachine(RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, Environment.ProcessorCount),
            Seconds = options.Seconds,
            Nodes = options.Nodes,
            Connections = options.Connections,
            Endpoints = options.Endpoints,
            Engine = options.IsPostgres ? BenchOptions.PostgreSql : BenchOptions.Sqlite,
        };
        await using var generator = BenchWorker.Start();
        if (Wants('b')) report = report with { Generator = await MeasureGeneratorAsync(generator, stop) };
        if (options.Only.Overlaps("bcdf"))
        {
            await using var nodes = await StartNodesAsync(Path.Combine(folder, "server"), stop);
            if (Wants('b')) report = report with { Charges = await MeasureChargesAsync(generator, nodes, folder, stop) };
            if (Wants('c')) report = report with { Webhooks = await MeasureWebhooksAsync(generator, nodes, StorageRows.WithEndpoint, folder, stop) };
            if (Wants('d')) report = report with { Latency = await MeasureLatencyAsync(generator, nodes, stop) };
            if (Wants('f') && options.Peer is { } peer) report = report with { Peer = await MeasurePeerAsync(generator, nodes, peer, stop) };
        }

        if (Wants('a')) report = report with { Storage = await StorageAsync(folder, stop) };
        if (Wants('c') && BatchesJobs) report = report with { WebhooksOneByOne = await MeasureOneByOneAsync(generator, folder, stop) };
        if (Wants('h')) report = report with { Backlog = await MeasureBacklogAsync(generator, folder, stop) };
        if (Wants('i')) report = report with { Isolation = await MeasureIsolationAsync(generator, folder, stop) };
        if (Wants('e')) report = report with { Growth = await MeasureGrowthAsync(generator, folder, stop) };
        if (Wants('j') && options.Against is { } against) report = report with { Comparison = await CompareAsync(generator, Path.Combine(folder, "comparison"), against, stop) };
        if (Wants('g')) report = report with { Jobs = await MeasureJobsAsync(folder, stop) };
        return report with { Failures = _failures };
    }

    private bool Wants(char letter) => options.Only.Contains(letter);

    private async Task<BenchNodes> StartNodesAsync(string folder, CancellationToken stop, params string[] settings) =>
        await BenchNodes.StartAsync(options.Nodes, await BenchData.CreateAsync(folder, _postgres, stop), settings, stop);

    /// <summary>One server on an embedded database of its own.</summary>
    private static Task<BenchServer> StartServerAsync(string folder, ServerStart how, CancellationToken stop) =>
        BenchServer.StartAsync(folder, how, stop, BenchData.Settings(folder, connectionString: null));

    private async Task<LoadResult> MeasureGeneratorAsync(BenchWorker generator, CancellationToken stop)
    {
        say("b: the load generator on a server that does nothing");
        await using var server = BenchWorker.Start();
        var url = await server.AskAsync<string>(new BareServerOrder(), stop);
        return await LoadAsync(generator, "A server that does nothing", new LoadOrder([url], "sk_test_bench", options.Connections), stop);
    }

    private async Task<IReadOnlyList<ChargeFigures>> MeasureChargesAsync(BenchWorker generator, BenchNodes nodes, string folder, CancellationToken stop)
    {
        var figures = new List<ChargeFigures>();
        foreach (var connections in new[] { 1, 16 }.Where(fewer => fewer < options.Connections))
        {
            figures.Add(await MeasureAsync(connections, LoadKeys.None));
            figures.Add(await MeasureAsync(connections, LoadKeys.Unique));
        }

        figures.Add(await MeasureAsync(options.Connections, LoadKeys.None, StorageRows.Charge));
        figures.Add(await MeasureAsync(options.Connections, LoadKeys.Unique, StorageRows.WithKey));
        return figures;

        async Task<ChargeFigures> MeasureAsync(int connections, LoadKeys keys, StorageRows? beside = null)
        {
            say($"b: charges over {connections} connections{(keys == LoadKeys.Unique ? ", with idempotency keys" : "")}");
            var order = new LoadOrder(nodes.Urls, "sk_test_bench_b", connections) { Keys = keys };
            await LoadAsync(generator, "PaymentSim", order, options.WarmUp, stop);
            var (turns, toStorage) = await InTurnsWithStorageAsync(beside, folder, TakeTurnAsync, turn => turn.Load.PerSecond, stop);
            var (load, cpu) = Together(turns);
            return new ChargeFigures(connections, keys == LoadKeys.Unique, load, cpu, toStorage);

            async Task<(LoadResult Load, TimeSpan Cpu)> TakeTurnAsync(double seconds)
            {
                var before = nodes.ProcessorTime;
                var load = await LoadAsync(generator, "PaymentSim", order, seconds, stop);
                return (load, nodes.ProcessorTime - before);
            }
        }
    }

    private async Task<LatencyResult> MeasureLatencyAsync(BenchWorker generator, BenchNodes nodes, CancellationToken stop)
    {
        say($"d: from a charge's answer to its webhook, at {SteadyRate} charges a second");
        var result = await generator.AskAsync<LatencyResult>(new LatencyOrder(nodes.Urls[0], "sk_test_bench_d", SteadyRate, options.Seconds), stop);
        Require(result.Lost == 0, $"d: {result.Lost} charges had no webhook.");
        Require(result.Duplicates == 0, $"d: {result.Duplicates} webhooks came more than once.");
        return result;
    }

    private async Task<PeerFigures> MeasurePeerAsync(BenchWorker generator, BenchNodes nodes, string peer, CancellationToken stop)
    {
        say($"f: charges over {options.Connections} connections, at {peer} and here");
        var (theirs, ours) = (new LoadOrder([peer], options.PeerKey, options.Connections), new LoadOrder(nodes.Urls, "sk_test_bench_f", options.Connections));
        await LoadAsync(generator, peer, theirs, options.WarmUp, stop);
        await LoadAsync(generator, "PaymentSim", ours, options.WarmUp, stop);
        var turn = options.Seconds / FewestPairs;
        var turns = await InTurnsAsync(FewestPairs, () => LoadAsync(generator, peer, theirs, turn, stop), () => LoadAsync(generator, "PaymentSim", ours, turn, stop));
        return new PeerFigures(peer, LoadResult.Together([.. turns.Select(pair => pair.One)]), LoadResult.Together([.. turns.Select(pair => pair.Other)]));
    }

    private async Task<IReadOnlyList<JobsResult>> MeasureJobsAsync(string folder, CancellationToken stop)
    {
        var results = new List<JobsResult>();
        foreach (var (name, _) in JobsProbe.Storages)
        {
            say($"g: jobs that do nothing, kept in the storage '{name}'");
            await using var worker = BenchWorker.Start();
            var result = await worker.AskAsync<JobsResult>(new JobsOrder(name, Path.Combine(folder, "jobs-" + name), options.WarmUp, options.Seconds), stop);
            Require(result.Lost == 0, $"g: of {result.Jobs} jobs in '{name}', {result.Lost} were not executed.");
            Require(result.Duplicates == 0, $"g: {result.Duplicates} jobs in '{name}' were executed more than once.");
            results.Add(result);
        }

        return results;
    }

    /// <summary>A load of the usual length, after a warm-up.</summary>
    private async Task<LoadResult> LoadAsync(BenchWorker generator, string server, LoadOrder order, CancellationToken stop)
    {
        await LoadAsync(generator, server, order, options.WarmUp, stop);
        return await LoadAsync(generator, server, order, options.Seconds, stop);
    }

    private async Task<LoadResult> LoadAsync(BenchWorker generator, string server, LoadOrder order, double seconds, CancellationToken stop)
    {
        var result = await generator.AskAsync<LoadResult>(order with { Seconds = seconds }, stop);
        Require(result.Refused == 0, $"{server} answered {result.Refused} of {result.Requests + result.Refused} charges otherwise than with 200; the first: {result.FirstRefusal}");
        return result;
    }

    private static double PerCharge(TimeSpan time, LoadResult load) => Math.Round(time.TotalMilliseconds / Math.Max(1, load.Requests), 3);

    private void Require(bool holds, string otherwise)
    {
        if (!holds) _failures.Add(otherwise);
    }
}
