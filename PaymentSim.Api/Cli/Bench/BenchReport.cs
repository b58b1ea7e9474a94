namespace PaymentSim.Api.Cli.Bench;

/// <summary>One run's figures: what <c>--json</c> prints. What was not measured is null or empty.</summary>
internal sealed record BenchReport
{
    public required BenchMachine Machine { get; init; }

    /// <summary>How long each measurement took.</summary>
    public required double Seconds { get; init; }

    /// <summary>The servers that were measured together; more than one on PostgreSQL alone.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>How many charged at the same time, at the most.</summary>
    public required int Connections { get; init; }

    /// <summary>How many endpoints got each webhook of c.</summary>
    public int Endpoints { get; init; } = 1;

    /// <summary><c>sqlite</c> or <c>postgres</c>.</summary>
    public string Engine { get; init; } = BenchOptions.Sqlite;

    /// <summary>a: the rows of a charge, written through the writer or, on PostgreSQL, the driver alone.</summary>
    public StorageFigures? Storage { get; init; }

    /// <summary>What the load generator reaches where the server does nothing.</summary>
    public LoadResult? Generator { get; init; }

    /// <summary>b: charges without an endpoint.</summary>
    public IReadOnlyList<ChargeFigures> Charges { get; init; } = [];

    /// <summary>c: charges with an endpoint, until every webhook has come.</summary>
    public WebhookFigures? Webhooks { get; init; }

    /// <summary>c again, with a job for each delivery.</summary>
    public WebhookFigures? WebhooksOneByOne { get; init; }

    /// <summary>d: from a charge's answer to its webhook.</summary>
    public LatencyResult? Latency { get; init; }

    /// <summary>e: what many charges change.</summary>
    public GrowthFigures? Growth { get; init; }

    /// <summary>f: another server under the load of b.</summary>
    public PeerFigures? Peer { get; init; }

    /// <summary>g: jobs that do nothing.</summary>
    public IReadOnlyList<JobsResult> Jobs { get; init; } = [];

    /// <summary>h: what many waiting deliveries change.</summary>
    public BacklogFigures? Backlog { get; init; }

    /// <summary>i: what an endpoint that does not answer changes for others.</summary>
    public IsolationFigures? Isolation { get; init; }

    /// <summary>j: the server started in another way, in turns with the usual one.</summary>
    public ComparisonFigures? Comparison { get; init; }

    public BenchRatios Ratios => BenchRatios.Of(this);

    /// <summary>What was lost, came twice or was refused, each in a sentence.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>The charges of b at the most connections.</summary>
    public ChargeFigures? Best(bool idempotencyKeys = false) => Charges.Where(figures => figures.IdempotencyKeys == idempotencyKeys).MaxBy(figures => figures.Connections);
}

internal sealed record BenchMachine(string System, string Runtime, int Processors);

/// <param name="WithoutEndpoint">Charge and event.</param>
/// <param name="WithKey">And the record of an idempotency key.</param>
/// <param name="WithEndpoint">Charge, event, delivery and, in the embedded storage, its job.</param>
internal sealed record StorageFigures(StorageResult WithoutEndpoint, StorageResult WithKey, StorageResult WithEndpoint);

/// <param name="Connections">At the same time.</param>
/// <param name="IdempotencyKeys">True: each request had one of its own.</param>
/// <param name="Load">The charges.</param>
/// <param name="CpuMsPerCharge">What one took of the server's processors: unlike the rate, it does not depend on what else the machine does.</param>
/// <param name="ToStorage">Its rate to that of the storage alone, turn by turn; null: that was not measured.</param>
internal sealed record ChargeFigures(int Connections, bool IdempotencyKeys, LoadResult Load, double CpuMsPerCharge, Spread? ToStorage);

/// <param name="Load">The charges.</param>
/// <param name="CpuMsPerCharge">What one took of the server's processors, its webhook included.</param>
/// <param name="DeliveriesPerSecond">From the first charge to the last webhook.</param>
/// <param name="DrainSeconds">From the last charge's answer to the last webhook; of several turns, the mean.</param>
/// <param name="Acknowledged">Charges that were answered with success, those of the warm-up too.</param>
/// <param name="Delivered">Different webhooks that came.</param>
/// <param name="Lost">Acknowledged charges of which no webhook told.</param>
/// <param name="Duplicates">Webhooks that came again.</param>
/// <param name="ToStorage">The charges' rate to that of the storage alone, turn by turn; null: that was not measured.</param>
internal sealed record WebhookFigures(
    LoadResult Load, double CpuMsPerCharge, double DeliveriesPerSecond, double DrainSeconds, int Acknowledged, int Delivered, int Lost, int Duplicates, Spread? ToStorage);

/// <param name="Charges">In the database at the end.</param>
/// <param name="Start">Those of a server that had a thousand, in turns with the last ones.</param>
/// <param name="StartCpuMsPerCharge">What one took of that server's processors.</param>
/// <param name="End">The last ones: a tenth, and 10,000 at most.</param>
/// <param name="EndCpuMsPerCharge">The same where there are many.</param>
/// <param name="MemoryAtStart">The server's resident memory after its first thousand, in bytes.</param>
/// <param name="MemoryAtEnd">The same at the end.</param>
/// <param name="FileBytes">The database with its log at the end.</param>
internal sealed record GrowthFigures(
    int Charges, LoadResult Start, double StartCpuMsPerCharge, LoadResult End, double EndCpuMsPerCharge, long MemoryAtStart, long MemoryAtEnd, long FileBytes);

/// <param name="Url">The other server.</param>
/// <param name="Load">Its figures.</param>
/// <param name="Own">This simulator's under the same load.</param>
internal sealed record PeerFigures(string Url, LoadResult Load, LoadResult Own);

/// <param name="Deliveries">That waited when their receiver began to answer.</param>
/// <param name="ChargesPerSecond">While they were made, in parts of equal size.</param>
/// <param name="DeliveriesPerSecond">While they drained, likewise.</param>
/// <param name="Lost">Deliveries that did not come.</param>
/// <param name="Duplicates">Webhooks that came again.</param>
internal sealed record BacklogFigures(int Deliveries, IReadOnlyList<double> ChargesPerSecond, IReadOnlyList<double> DeliveriesPerSecond, int Lost, int Duplicates);

/// <param name="Against">How the other server was started.</param>
/// <param name="Pairs">Turns of each.</param>
/// <param name="PerSecond">Charges, started as usual.</param>
/// <param name="OtherPerSecond">Charges of the other server.</param>
/// <param name="Rate">The other's charges a second to the usual ones.</param>
/// <param name="Cpu">The other's processor time for a charge to the usual one.</param>
/// <param name="P99">The other's p99 to the usual one.</param>
internal sealed record ComparisonFigures(string Against, int Pairs, Spread PerSecond, Spread OtherPerSecond, Spread Rate, Spread Cpu, Spread P99);

/// <param name="Median">Of many measurements.</param>
/// <param name="Error">The median's standard error, as that of values which scatter normally: it is that far from the true one in two cases of three at most.</param>
internal sealed record Spread(double Median, double Error)
{
    /// <summary>How much less sure a median is than a mean.</summary>
    private const double MedianToMean = 1.2533;

    public static Spread Of(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToList();
        var median = (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        var mean = sorted.Average();
        var deviation = Math.Sqrt(sorted.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, sorted.Count - 1));
        return new Spread(Math.Round(median, 3), Math.Round(MedianToMean * deviation / Math.Sqrt(sorted.Count), 3));
    }
}

/// <param name="Stuck">Webhooks that waited for an endpoint that did not answer.</param>
/// <param name="Alone">How late another merchant's webhooks were before.</param>
/// <param name="Beside">How late they were meanwhile.</param>
internal sealed record IsolationFigures(int Stuck, Latencies Alone, Latencies Beside);

/// <summary>Figures of one run against one another: these can be compared between machines; null where a part was not measured.</summary>
internal sealed record BenchRatios
{
    /// <summary>Charges a second at most connections to what the storage alone takes.</summary>
    public double? ChargesToStorage { get; init; }

    /// <summary>The same with idempotency keys, their records among the rows of both.</summary>
    public double? KeyedChargesToStorage { get; init; }

    /// <summary>Charges a second with an endpoint to what the storage alone takes with a delivery and its job.</summary>
    public double? WebhookChargesToStorage { get; init; }

    /// <summary>Webhooks delivered a second, until the last one, to the same.</summary>
    public double? WebhooksToStorage { get; init; }

    /// <summary>Webhooks delivered a second to those with a job for each.</summary>
    public double? WebhooksToOneByOne { get; init; }

    /// <summary>Of a backlog, the last part's drain rate to the first one's.</summary>
    public double? DrainEndToStart { get; init; }

    /// <summary>While a backlog grew, the last part's charges a second to the first one's.</summary>
    public double? BacklogEndToStart { get; init; }

    /// <summary>The processor time of b's charges at most connections to that of the storage alone: steadier than the rates where the machine is shared.</summary>
    public double? ChargesToStorageCpu { get; init; }

    /// <summary>The same for a charge with its webhook.</summary>
    public double? WebhookChargesToStorageCpu { get; init; }

    /// <summary>The slowest hundredth to the middle, at most connections.</summary>
    public double? P99ToP50 { get; init; }

    /// <summary>The rate of a server with many charges to that of one with few.</summary>
    public double? EndToStart { get; init; }

    /// <summary>The processor time of one of its charges to that of the other's.</summary>
    public double? EndToStartCpu { get; init; }

    /// <summary>Charges a second to what the load generator can do: far below 1, or the generator was measured.</summary>
    public double? ChargesToGenerator { get; init; }

    /// <summary>This simulator's charges a second to the other server's.</summary>
    public double? ChargesToPeer { get; init; }

    /// <summary>The last job storage's jobs a second to the first one's; null where there is one alone.</summary>
    public double? Jobs { get; init; }

    /// <summary>The slowest hundredth of webhooks beside an endpoint that does not answer to that without one.</summary>
    public double? IsolationP99 { get; init; }

    public static BenchRatios Of(BenchReport report)
    {
        var best = report.Best();
        return new BenchRatios
        {
            ChargesToStorage = best?.ToStorage?.Median,
            KeyedChargesToStorage = report.Best(idempotencyKeys: true)?.ToStorage?.Median,
            WebhookChargesToStorage = report.Webhooks?.ToStorage?.Median,
            WebhooksToStorage = Ratio(report.Webhooks?.DeliveriesPerSecond, report.Storage?.WithEndpoint.PerSecond),
            WebhooksToOneByOne = Ratio(report.Webhooks?.DeliveriesPerSecond, report.WebhooksOneByOne?.DeliveriesPerSecond),
            DrainEndToStart = Ratio(report.Backlog?.DeliveriesPerSecond.LastOrDefault(), report.Backlog?.DeliveriesPerSecond.FirstOrDefault()),
            BacklogEndToStart = Ratio(report.Backlog?.ChargesPerSecond.LastOrDefault(), report.Backlog?.ChargesPerSecond.FirstOrDefault()),
            ChargesToStorageCpu = Ratio(best?.CpuMsPerCharge, report.Storage?.WithoutEndpoint.CpuMsPerUnit),
            WebhookChargesToStorageCpu = Ratio(report.Webhooks?.CpuMsPerCharge, report.Storage?.WithEndpoint.CpuMsPerUnit),
            P99ToP50 = Ratio(best?.Load.P99Ms, best?.Load.P50Ms),
            EndToStart = Ratio(report.Growth?.End.PerSecond, report.Growth?.Start.PerSecond),
            EndToStartCpu = Ratio(report.Growth?.EndCpuMsPerCharge, report.Growth?.StartCpuMsPerCharge),
            ChargesToGenerator = Ratio(best?.Load.PerSecond, report.Generator?.PerSecond),
            ChargesToPeer = Ratio(report.Peer?.Own.PerSecond, report.Peer?.Load.PerSecond),
            IsolationP99 = Ratio(report.Isolation?.Beside.P99Ms, report.Isolation?.Alone.P99Ms),
            Jobs = report.Jobs.Count > 1 ? Ratio(report.Jobs[^1].PerSecond, report.Jobs[0].PerSecond) : null,
        };
    }

    private static double? Ratio(double? part, double? whole) => part is { } value && whole is > 0 ? Math.Round(value / whole.Value, 3) : null;
}
