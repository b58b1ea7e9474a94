using System.Diagnostics;
using PaymentSim.Api.Hosting;

namespace PaymentSim.Api.Cli.Bench;

/// <content>What webhooks come to: those of a load, and a backlog.</content>
internal sealed partial class BenchRun
{
    /// <summary>How many deliveries one job carries at most, where the program and its job storage let it carry several.</summary>
    private const string BatchSetting = "Jobs:DeliveryBatch";

    private const int BacklogParts = 5;

    /// <summary>How many webhooks wait for the endpoint that does not answer.</summary>
    private const int Stuck = 1000;

    /// <summary>So long without a new webhook: what is missing then will not come.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private bool BatchesJobs => options.IsPostgres && Settings.Knows(BatchSetting);

    /// <param name="generator">Makes the charges.</param>
    /// <param name="nodes">Where.</param>
    /// <param name="beside">What it is held against; null: nothing.</param>
    /// <param name="folder">For that one's data.</param>
    /// <param name="stop">Gives up.</param>
    private async Task<WebhookFigures> MeasureWebhooksAsync(BenchWorker generator, BenchNodes nodes, StorageRows? beside, string folder, CancellationToken stop)
    {
        say($"c: charges over {options.Connections} connections with an endpoint, until every webhook has come");
        const string ApiKey = "sk_test_bench_c";
        await using var receiver = BenchWorker.Start();
        var url = await receiver.AskAsync<string>(new ListenOrder(), stop);
        for (var number = 1; number <= options.Endpoints; number++) await SimulatorClient.RegisterEndpointAsync(nodes.Urls[0], ApiKey, $"{url}/{number}");

        var order = new LoadOrder(nodes.Urls, ApiKey, options.Connections) { WantsIds = true };
        var acknowledged = new List<string>();
        await TakeTurnAsync(options.WarmUp);
        var (turns, toStorage) = await InTurnsWithStorageAsync(beside, folder, TakeTurnAsync, turn => turn.Load.PerSecond, stop);

        var (load, cpu) = Together(turns.Select(turn => (turn.Load, turn.Cpu)));
        var received = await receiver.AskAsync<ReceivedResult>(new ReceivedOrder(WantsCharges: true), stop);
        var lost = Math.Max(acknowledged.Except(received.Charges!).Count(), acknowledged.Count * options.Endpoints - received.Webhooks);
        Require(lost == 0, $"c: of the webhooks of {acknowledged.Count} acknowledged charges, {lost} did not come.");
        Require(received.Duplicates == 0, $"c: {received.Duplicates} webhooks came more than once.");
        return new WebhookFigures(
            load,
            cpu,
            Math.Round(load.Requests * options.Endpoints / turns.Sum(turn => turn.UntilLast.TotalSeconds), 1),
            Math.Round(turns.Average(turn => turn.Drain.TotalSeconds), 3),
            acknowledged.Count,
            received.Webhooks,
            lost,
            received.Duplicates,
            toStorage);

        async Task<WebhookTurn> TakeTurnAsync(double seconds)
        {
            var (before, started) = (nodes.ProcessorTime, Stopwatch.GetTimestamp());
            var load = await LoadAsync(generator, "PaymentSim", order, seconds, stop);
            var ended = Stopwatch.GetTimestamp();
            acknowledged.AddRange(load.Ids!);
            var last = Math.Max(ended, await DrainAsync(receiver, acknowledged.Count * options.Endpoints, stop));
            return new WebhookTurn(load, Stopwatch.GetElapsedTime(started, last), Stopwatch.GetElapsedTime(ended, last), nodes.ProcessorTime - before);
        }
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

    /// <summary>The same load with a job for each delivery.</summary>
    private async Task<WebhookFigures> MeasureOneByOneAsync(BenchWorker generator, string folder, CancellationToken stop)
    {
        await using var nodes = await StartNodesAsync(Path.Combine(folder, "one-by-one"), stop, $"--{BatchSetting}=1");
        return await MeasureWebhooksAsync(generator, nodes, beside: null, folder, stop);
    }

    /// <summary>Deliveries that wait because their receiver takes the first ones and does not answer, until it does.</summary>
    private async Task<BacklogFigures> MeasureBacklogAsync(BenchWorker generator, string folder, CancellationToken stop)
    {
        const string ApiKey = "sk_test_bench_h";
        await using var nodes = await StartNodesAsync(Path.Combine(folder, "backlog"), stop, "--Webhooks:Timeout=1h");
        // One charge, answered again and again, warms the nodes up and makes no backlog.
        await LoadAsync(generator, "PaymentSim", new LoadOrder(nodes.Urls, ApiKey, options.Connections) { Keys = LoadKeys.Same }, options.WarmUp, stop);
        await using var receiver = BenchWorker.Start();
        await SimulatorClient.RegisterEndpointAsync(nodes.Urls[0], ApiKey, await receiver.AskAsync<string>(new ListenOrder(), stop));
        await receiver.AskAsync<bool>(new HoldOrder(true), stop);

        var (made, charges) = (0, new List<double>());
        for (var part = 0; part < BacklogParts; part++)
        {
            say($"h: charges whose webhooks have to wait, {options.Backlog / BacklogParts * (part + 1)} in the end");
            var order = new LoadOrder(nodes.Urls, ApiKey, options.Connections) { Requests = options.Backlog / BacklogParts };
            var load = await LoadAsync(generator, "PaymentSim", order, LongestWindow.TotalSeconds, stop);
            made += load.Requests;
            charges.Add(load.PerSecond);
        }

        say($"h: until {made} webhooks have come");
        await receiver.AskAsync<bool>(new HoldOrder(false), stop);
        await DrainAsync(receiver, made, stop);
        var received = await receiver.AskAsync<ReceivedResult>(new ReceivedOrder(WantsCharges: false), stop);
        Require(received.Webhooks == made, $"h: of {made} deliveries, {made - received.Webhooks} did not come.");
        Require(received.Duplicates == 0, $"h: {received.Duplicates} webhooks came more than once.");
        var drained = await receiver.AskAsync<List<double>>(new ArrivalsOrder(BacklogParts), stop);
        return new BacklogFigures(made, charges, drained, made - received.Webhooks, received.Duplicates);
    }

    /// <summary>How late a merchant's webhooks are, without and with another merchant's endpoint that takes webhooks and does not answer.</summary>
    private async Task<IsolationFigures> MeasureIsolationAsync(BenchWorker generator, string folder, CancellationToken stop)
    {
        const string ApiKey = "sk_test_bench_i_stuck";
        await using var nodes = await StartNodesAsync(Path.Combine(folder, "isolation"), stop);
        say("i: from a charge's answer to its webhook, with nothing else to do");
        var alone = await LatencyAsync("sk_test_bench_i_alone");

        await using var receiver = BenchWorker.Start();
        await SimulatorClient.RegisterEndpointAsync(nodes.Urls[0], ApiKey, await receiver.AskAsync<string>(new ListenOrder(), stop));
        await receiver.AskAsync<bool>(new HoldOrder(true), stop);
        await LoadAsync(generator, "PaymentSim", new LoadOrder(nodes.Urls, ApiKey, options.Connections) { Requests = Stuck }, LongestWindow.TotalSeconds, stop);
        say($"i: the same, while {Stuck} webhooks of another merchant wait for an endpoint that does not answer");
        var beside = await LatencyAsync("sk_test_bench_i_beside");
        // A server that is to stop waits for what it is sending.
        await receiver.AskAsync<bool>(new HoldOrder(false), stop);
        return new IsolationFigures(Stuck, alone, beside);

        async Task<Latencies> LatencyAsync(string apiKey)
        {
            var result = await generator.AskAsync<LatencyResult>(new LatencyOrder(nodes.Urls[0], apiKey, SteadyRate, options.Seconds), stop);
            Require(result.Lost == 0, $"i: {result.Lost} charges had no webhook.");
            Require(result.Duplicates == 0, $"i: {result.Duplicates} webhooks came more than once.");
            return result.Webhook;
        }
    }

    /// <param name="Load">The charges.</param>
    /// <param name="UntilLast">From the first charge to the last webhook.</param>
    /// <param name="Drain">From the last charge's answer to the last webhook.</param>
    /// <param name="Cpu">What they took of the server's processors.</param>
    private sealed record WebhookTurn(LoadResult Load, TimeSpan UntilLast, TimeSpan Drain, TimeSpan Cpu);
}
