namespace PaymentSim.Api.Cli.Bench;

/// <content>Two ways to start the server, held against one another.</content>
internal sealed partial class BenchRun
{
    /// <summary>Two servers that run at the same time.</summary>
    private async Task<ComparisonFigures> CompareAsync(BenchWorker generator, string folder, string against, CancellationToken stop)
    {
        say($"j: charges over {options.Connections} connections in turns, here and with {against}");
        await using var usual = await StartServerAsync(Path.Combine(folder, "usual"), ServerStart.Usual, stop);
        await using var other = await StartServerAsync(Path.Combine(folder, "other"), ServerStart.Parse(against)!, stop);
        foreach (var server in new[] { usual, other }) await LoadAsync(generator, "PaymentSim", Order(server), options.WarmUp, stop);

        var turn = Math.Min(LongestTurn, options.Seconds);
        var pairs = await InTurnsAsync((int)Math.Ceiling(2 * options.Seconds / turn), () => TakeTurnAsync(usual), () => TakeTurnAsync(other));
        return new ComparisonFigures(
            against,
            pairs.Count,
            Spread.Of([.. pairs.Select(pair => pair.One.PerSecond)]),
            Spread.Of([.. pairs.Select(pair => pair.Other.PerSecond)]),
            Spread.Of([.. pairs.Select(pair => pair.Other.PerSecond / pair.One.PerSecond)]),
            Spread.Of([.. pairs.Select(pair => pair.Other.CpuMs / pair.One.CpuMs)]),
            Spread.Of([.. pairs.Select(pair => pair.Other.P99Ms / pair.One.P99Ms)]));

        LoadOrder Order(BenchServer server) => new([server.Url], "sk_test_bench_j", options.Connections);

        async Task<Turn> TakeTurnAsync(BenchServer server)
        {
            var before = server.ProcessorTime;
            var load = await LoadAsync(generator, "PaymentSim", Order(server), turn, stop);
            return new Turn(load.PerSecond, load.P99Ms, (server.ProcessorTime - before).TotalMilliseconds / Math.Max(1, load.Requests));
        }
    }

    private sealed record Turn(double PerSecond, double P99Ms, double CpuMs);
}
