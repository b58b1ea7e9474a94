using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>One run of the benchmark: starts the processes, gives them their orders one after the other, and collects the figures.</summary>
internal sealed class BenchRun(BenchOptions options, Action<string> say)
{
    private const int MostConnections = 64;
    private const int SteadyRate = 20;

    /// <summary>So long without a new webhook: what is missing then will not come.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A count of charges that takes longer than this is cut off.</summary>
    private static readonly TimeSpan LongestWindow = TimeSpan.FromMinutes(30);

    private readonly List<string> _failures = [];
    private int _loads;

    /// <exception cref="BenchException">A process failed.</exception>
    public async Task<BenchReport> RunAsync(CancellationToken stop)
    {
        if (!options.Only.Overlaps("abcdeg") && options.Peer is null) throw new BenchException("Measurement f needs --peer.");
        var folder = Directory.CreateTempSubdirectory("paymentsim-bench-");
        try
        {
            return await MeasureAsync(folder.FullName, stop);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<BenchReport> MeasureAsync(string folder, CancellationToken stop)
    {
        var report = new BenchReport
        {
            Machine = new BenchMachine(RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, Environment.ProcessorCount),
            Seconds = options.Seconds,
        };
        if (Wants('a')) report = report with { Storage = await MeasureStorageAsync(folder, stop) };
        if (options.Only.Overlaps("bcdef"))
        {
            await using var generator = BenchWorker.Start();
            if (Wants('b')) report = report with { Generator = await MeasureGeneratorAsync(generator, stop) };
            if (options.Only.Overlaps("bcdf"))
            {
                await using var server = await BenchServer.StartAsync(Path.Combine(folder, "server"), alwaysWarm: false, stop);
                if (Wants('b')) report = report with { Charges = await MeasureChargesAsync(generator, server, stop) };
                if (Wants('c')) report = report with { Webhooks = await MeasureWebhooksAsync(generator, server, stop) };
                if (Wants('d')) report = report with { Latency = await MeasureLatencyAsync(generator, server, stop) };
                if (Wants('f') && options.Peer is { } peer) report = report with { Peer = await MeasurePeerAsync(generator, server, peer, stop) };
            }

            if (Wants('e')) report = report with { Growth = await MeasureGrowthAsync(generator, folder, stop) };
        }

        if (Wants('g')) report = report with { Jobs = await MeasureJobsAsync(folder, stop) };
        return report with { Failures = _failures };
    }

    private bool Wants(char letter) => options.Only.Contains(letter);

    private async Task<StorageFigures> MeasureStorageAsync(string folder, CancellationToken stop)
    {
        return new StorageFigures(await MeasureAsync(withEndpoint: false), await MeasureAsync(withEndpoint: true));

        async Task<StorageResult> MeasureAsync(bool withEndpoint)
        {
            say($"a: the rows of a charge, {(withEndpoint ? "with" : "without")} a delivery, written through the writer alone");
            await using var worker = BenchWorker.Start();
            return await worker.AskAsync<StorageResult>(
                new StorageOrder(Path.Combine(folder, "storage" + withEndpoint), withEndpoint, MostConnections, options.WarmUp, options.Seconds), stop);
        }
    }

    private async Task<LoadResult> MeasureGeneratorAsync(BenchWorker generator, CancellationToken stop)
    {
        say("b: the load generator on a server that does nothing");
        await using var server = BenchWorker.Start();
        var url = await server.AskAsync<string>(new BareServerOrder(), stop);
        return await LoadAsync(generator, "A server that does nothing", new LoadOrder(url, "sk_test_bench", MostConnections), stop);
    }

    private async Task<IReadOnlyList<ChargeFigures>> MeasureChargesAsync(BenchWorker generator, BenchServer server, CancellationToken stop)
    {
        var figures = new List<ChargeFigures>();
        foreach (var connections in new[] { 1, 16, MostConnections })
        {
            foreach (var keys in new[] { LoadKeys.None, LoadKeys.Unique })
            {
                say($"b: charges over {connections} connections{(keys == LoadKeys.Unique ? ", with idempotency keys" : "")}");
                var order = new LoadOrder(server.Url, "sk_test_bench_b", connections) { Keys = keys };
                await LoadAsync(generator, "PaymentSim", order, options.WarmUp, stop);
                var before = server.ProcessorTime;
                var load = await LoadAsync(generator, "PaymentSim", order, options.Seconds, stop);
                figures.Add(new ChargeFigures(connections, keys == LoadKeys.Unique, load, PerCharge(server.ProcessorTime - before, load)));
            }
        }

        return figures;
    }

    private async Task<WebhookFigures> MeasureWebhooksAsync(BenchWorker generator, BenchServer server, CancellationToken stop)
    {
        say($"c: charges over {MostConnections} connections with an endpoint, until every webhook has come");
        const string ApiKey = "sk_test_bench_c";
        await using var receiver = BenchWorker.Start();
        await SimulatorClient.RegisterEndpointAsync(server.Url, ApiKey, await receiver.AskAsync<string>(new ListenOrder(), stop));

        var order = new LoadOrder(server.Url, ApiKey, MostConnections) { WantsIds = true };
        var warmUp = await LoadAsync(generator, "PaymentSim", order, options.WarmUp, stop);
        await DrainAsync(receiver, warmUp.Ids!.Count, stop);
        var (before, started) = (server.ProcessorTime, Stopwatch.GetTimestamp());
        var load = await LoadAsync(generator, "PaymentSim", order, options.Seconds, stop);
        var ended = Stopwatch.GetTimestamp();
        var acknowledged = warmUp.Ids!.Concat(load.Ids!).ToList();
        var lastWebhook = await DrainAsync(receiver, acknowledged.Count, stop);
        var cpu = PerCharge(server.ProcessorTime - before, load);

        var received = await receiver.AskAsync<ReceivedResult>(new ReceivedOrder(WantsCharges: true), stop);
        var lost = acknowledged.Except(received.Charges!).Count();
        Require(lost == 0, $"c: of {acknowledged.Count} acknowledged charges, {lost} had no webhook.");
        Require(received.Duplicates == 0, $"c: {received.Duplicates} webhooks came more than once.");
        var delivered = received.Webhooks - warmUp.Ids!.Count;
        return new WebhookFigures(
            load with { Ids = null },
            cpu,
            Math.Round(delivered / Stopwatch.GetElapsedTime(started, lastWebhook).TotalSeconds, 1),
            Math.Round(Math.Max(0, Stopwatch.GetElapsedTime(ended, lastWebhook).TotalSeconds), 3),
            acknowledged.Count,
            received.Webhooks,
            lost,
            received.Duplicates);
    }

    /// <summary>Waits for so many webhooks, or until none comes any more; answers when the last one came.</summary>
    private static async Task<long> DrainAsync(BenchWorker receiver, int webhooks, CancellationToken stop)
    {
        while (true)
        {
            var received = await receiver.AskAsync<ReceivedResult>(new ReceivedOrder(WantsCharges: false), stop);
            if (received.Webhooks >= webhooks || received.QuietSeconds > Patience.TotalSeconds)
                return Stopwatch.GetTimestamp() - (long)(received.QuietSeconds * Stopwatch.Frequency);
            await Task.Delay(50, stop);
        }
    }

    private async Task<LatencyResult> MeasureLatencyAsync(BenchWorker generator, BenchServer server, CancellationToken stop)
    {
        say($"d: from a charge's answer to its webhook, at {SteadyRate} charges a second");
        var result = await generator.AskAsync<LatencyResult>(new LatencyOrder(server.Url, "sk_test_bench_d", SteadyRate, options.Seconds), stop);
        Require(result.Lost == 0, $"d: {result.Lost} charges had no webhook.");
        Require(result.Duplicates == 0, $"d: {result.Duplicates} webhooks came more than once.");
        return result;
    }

    private async Task<GrowthFigures> MeasureGrowthAsync(BenchWorker generator, string folder, CancellationToken stop)
    {
        const int First = 1000;
        var window = Math.Clamp(options.Charges / 10, 500, 5000);
        await using var server = await BenchServer.StartAsync(Path.Combine(folder, "growth"), alwaysWarm: true, stop);

        say($"e: the first {First + window} charges");
        // One charge, answered again and again, fills the caches and leaves the database small.
        var same = new LoadOrder(server.Url, "sk_test_bench_e", MostConnections) { Keys = LoadKeys.Same };
        await LoadAsync(generator, "PaymentSim", same, options.WarmUp, stop);
        await ChargeAsync(First - 1);
        var (start, startCpu) = await ChargeAsync(window);
        var memory = server.Memory;
        say($"e: up to {options.Charges} charges");
        var between = options.Charges - First - 2 * window;
        if (between > 0) await ChargeAsync(between);
        var (end, endCpu) = await ChargeAsync(window);
        return new GrowthFigures(options.Charges, start, startCpu, end, endCpu, memory, server.Memory, server.FileSize);

        async Task<(LoadResult Load, double CpuMsPerCharge)> ChargeAsync(int count)
        {
            var before = server.ProcessorTime;
            var order = new LoadOrder(server.Url, "sk_test_bench_e", MostConnections) { Requests = count };
            var load = await LoadAsync(generator, "PaymentSim", order, LongestWindow.TotalSeconds, stop);
            Require(load.Requests == count, $"e: of {count} charges, {load.Requests} were made.");
            return (load, PerCharge(server.ProcessorTime - before, load));
        }
    }

    private async Task<PeerFigures> MeasurePeerAsync(BenchWorker generator, BenchServer server, string peer, CancellationToken stop)
    {
        say($"f: charges over {MostConnections} connections, at {peer} and here");
        var other = await LoadAsync(generator, peer, new LoadOrder(peer, options.PeerKey, MostConnections), stop);
        var own = await LoadAsync(generator, "PaymentSim", new LoadOrder(server.Url, "sk_test_bench_f", MostConnections), stop);
        return new PeerFigures(peer, other, own);
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
        var prefix = "bench-" + (_loads++).ToString(CultureInfo.InvariantCulture) + "-";
        var result = await generator.AskAsync<LoadResult>(order with { Seconds = seconds, KeyPrefix = prefix }, stop);
        Require(result.Refused == 0, $"{server} answered {result.Refused} of {result.Requests + result.Refused} charges otherwise than with 200; the first: {result.FirstRefusal}");
        return result;
    }

    private static double PerCharge(TimeSpan time, LoadResult load) => Math.Round(time.TotalMilliseconds / Math.Max(1, load.Requests), 3);

    private void Require(bool holds, string otherwise)
    {
        if (!holds) _failures.Add(otherwise);
    }
}
