namespace PaymentSim.Api.Cli.Bench;

/// <content>A server with many charges, held against one with few.</content>
internal sealed partial class BenchRun
{
    /// <summary>The charges of the one with few, before it is measured.</summary>
    private const int Few = 1000;

    private const int GrowthPairs = 8;

    /// <summary>An eighth of a second: while it is measured, the one with few is not to come to have many.</summary>
    private const int MostPerTurn = 1250;

    /// <summary>Both run at the same time and are charged in turns, until the one with many has as many as are asked for.</summary>
    private async Task<GrowthFigures> MeasureGrowthAsync(BenchWorker generator, string folder, CancellationToken stop)
    {
        var turn = Math.Min(options.Charges / (10 * GrowthPairs), MostPerTurn);
        say($"e: the first {Few} charges");
        await using var few = await StartAsync("few");
        await using var many = await StartAsync("many");
        var memory = many.Memory;
        say($"e: up to {options.Charges} charges");
        await ChargeAsync(many, options.Charges - Few - GrowthPairs * turn);
        var pairs = await InTurnsAsync(GrowthPairs, () => ChargeAsync(few, turn), () => ChargeAsync(many, turn));
        var (start, startCpu) = Together(pairs.Select(pair => pair.One));
        var (end, endCpu) = Together(pairs.Select(pair => pair.Other));
        return new GrowthFigures(options.Charges, start, startCpu, end, endCpu, memory, many.Memory, many.FileSize);

        async Task<BenchServer> StartAsync(string name)
        {
            var server = await StartServerAsync(Path.Combine(folder, "growth-" + name), ServerStart.AlwaysWarm, stop);
            // One charge, answered again and again, fills the caches and leaves the database small.
            await LoadAsync(generator, "PaymentSim", Order(server) with { Keys = LoadKeys.Same }, options.WarmUp, stop);
            await ChargeAsync(server, Few - 1);
            return server;
        }

        LoadOrder Order(BenchServer server) => new([server.Url], "sk_test_bench_e", options.Connections);

        async Task<(LoadResult Load, TimeSpan Cpu)> ChargeAsync(BenchServer server, int count)
        {
            var before = server.ProcessorTime;
            var load = await LoadAsync(generator, "PaymentSim", Order(server) with { Requests = count }, LongestWindow.TotalSeconds, stop);
            Require(load.Requests == count, $"e: of {count} charges, {load.Requests} were made.");
            return (load, server.ProcessorTime - before);
        }
    }
}
