using System.Globalization;
using Spectre.Console;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>A report for people.</summary>
internal static class BenchTable
{
    private const int WidthWithoutTerminal = 140;

    public static void Write(BenchReport report, IAnsiConsole console)
    {
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = WidthWithoutTerminal;
        console.MarkupLineInterpolated($"{report.Machine.System}, {report.Machine.Runtime}, {report.Machine.Processors} processors; {report.Engine}, {report.Nodes} nodes; {report.Seconds} s a measurement");
        console.Write(Figures(report, console.Profile.Out.IsTerminal ? TableBorder.Rounded : TableBorder.Simple));
        console.Write(Ratios(report.Ratios, console.Profile.Out.IsTerminal ? TableBorder.Rounded : TableBorder.Simple));
    }

    private static Table Figures(BenchReport report, TableBorder border)
    {
        var table = new Table().Border(border).BorderColor(Color.Grey);
        table.AddColumns("", "Measured", "a second", "p50 ms", "p99 ms", "");
        foreach (var column in new[] { 2, 3, 4 }) table.Columns[column].RightAligned();

        if (report.Storage is { } storage)
        {
            AddStorage("charge + event", storage.WithoutEndpoint);
            AddStorage("charge + event + idempotency key", storage.WithKey);
            AddStorage($"charge + event + delivery{(report.Engine == BenchOptions.Sqlite ? " + job" : "")}", storage.WithEndpoint);
        }

        if (report.Generator is { } generator) AddLoad("b", "(the load generator on a server that does nothing)", generator);
        foreach (var charges in report.Charges)
            AddLoad("b", $"charges, {Connections(charges.Connections)}{(charges.IdempotencyKeys ? ", idempotency keys" : "")}", charges.Load, Cpu(charges.CpuMsPerCharge));

        if (report.Webhooks is { } webhooks) AddWebhooks(webhooks);
        if (report.WebhooksOneByOne is { } oneByOne) AddWebhooks(oneByOne, ", a job for each");

        if (report.Latency is { } latency)
        {
            Add("d", "charge answered → webhook arrived", null, latency.Webhook, $"{latency.Charges} charges, {latency.Lost} lost, {latency.Duplicates} duplicates");
            Add("d", "a bare POST over loopback", null, latency.BarePost);
        }

        if (report.Growth is { } growth)
        {
            AddLoad("e", "charges, where there are 1,000", growth.Start, $"{Cpu(growth.StartCpuMsPerCharge)}, {Megabytes(growth.MemoryAtStart)} of memory");
            AddLoad("e", $"charges, at last where there are {growth.Charges:N0}", growth.End, $"{Cpu(growth.EndCpuMsPerCharge)}, {Megabytes(growth.MemoryAtEnd)} of memory, {Megabytes(growth.FileBytes)} on disk");
        }

        if (report.Peer is { } peer)
        {
            AddLoad("f", $"charges, {Connections(report.Connections)}, at {peer.Url}", peer.Load);
            AddLoad("f", $"charges, {Connections(report.Connections)}, here", peer.Own);
        }

        foreach (var jobs in report.Jobs) Add("g", $"jobs that do nothing, '{jobs.Storage}'", jobs.PerSecond, note: $"{jobs.Lost} lost, {jobs.Duplicates} duplicates");
        if (report.Backlog is { } backlog)
        {
            Add("h", $"charges while {backlog.Deliveries:N0} deliveries come to wait", backlog.ChargesPerSecond.Average(), note: $"in fifths: {Rates(backlog.ChargesPerSecond)}");
            Add("h", "these deliveries, when they are taken", backlog.DeliveriesPerSecond.Average(), note: $"in fifths: {Rates(backlog.DeliveriesPerSecond)}; {backlog.Lost} lost, {backlog.Duplicates} twice");
        }

        if (report.Isolation is { } isolation)
        {
            Add("i", "charge answered → webhook arrived", null, isolation.Alone);
            Add("i", "the same, beside an endpoint that does not answer", null, isolation.Beside, $"{isolation.Stuck:N0} webhooks wait for it");
        }

        if (report.Comparison is { } comparison)
        {
            Add("j", $"charges, {Connections(report.Connections)}, in {comparison.Pairs} turns", comparison.PerSecond.Median);
            Add("j", $"charges with {comparison.Against}", comparison.OtherPerSecond.Median, note: $"{Times(comparison.Rate)} the charges, {Times(comparison.Cpu)} the processor time, {Times(comparison.P99)} the p99");
        }

        return table;

        static string Times(Spread ratio) => string.Create(CultureInfo.InvariantCulture, $"{ratio.Median:0.00} ± {ratio.Error:0.00}");

        void AddWebhooks(WebhookFigures webhooks, string how = "")
        {
            AddLoad("c", $"charges, {Connections(report.Connections)}, {(report.Endpoints == 1 ? "one endpoint" : $"{report.Endpoints} endpoints")}{how}", webhooks.Load, Cpu(webhooks.CpuMsPerCharge));
            Add("c", $"their webhooks{how}", webhooks.DeliveriesPerSecond, note: $"of {webhooks.Acknowledged}: {webhooks.Lost} lost, {webhooks.Duplicates} twice; drained in {webhooks.DrainSeconds:0.0} s");
        }

        void AddStorage(string rows, StorageResult result) => Add("a", $"storage alone: {rows}", result.PerSecond, note: Cpu(result.CpuMsPerUnit));

        void AddLoad(string letter, string what, LoadResult load, string note = "") => Add(letter, what, load.PerSecond, new Latencies(load.P50Ms, load.P99Ms), note);

        void Add(string letter, string what, double? perSecond, Latencies? latencies = null, string note = "") => table.AddRow(
            letter, Markup.Escape(what), Number(perSecond, "N0"), Number(latencies?.P50Ms, "0.00"), Number(latencies?.P99Ms, "0.00"), Markup.Escape(note));
    }

    private static Table Ratios(BenchRatios ratios, TableBorder border)
    {
        var table = new Table().Border(border).BorderColor(Color.Grey);
        table.AddColumns("Ratio", "");
        table.Columns[1].RightAligned();
        Add("charges to the storage alone (b / a)", ratios.ChargesToStorage);
        Add("charges with idempotency keys to the storage alone (b / a)", ratios.KeyedChargesToStorage);
        Add("charges with an endpoint to the storage alone (c / a)", ratios.WebhookChargesToStorage);
        Add("webhooks delivered to the storage alone (c / a)", ratios.WebhooksToStorage);
        Add("webhooks delivered to those with a job for each (c)", ratios.WebhooksToOneByOne);
        Add("processor time of a charge to the storage alone (b / a)", ratios.ChargesToStorageCpu);
        Add("processor time of a charge with its webhook to the storage alone (c / a)", ratios.WebhookChargesToStorageCpu);
        Add("p99 to p50 (b)", ratios.P99ToP50);
        Add("rate with many charges to that with few (e)", ratios.EndToStart);
        Add("processor time of a charge with many to that with few (e)", ratios.EndToStartCpu);
        Add("charges to what the load generator can do (b)", ratios.ChargesToGenerator);
        Add("charges here to charges at the other server (f)", ratios.ChargesToPeer);
        Add("charges at the end to charges at the start of a growing backlog (h)", ratios.BacklogEndToStart);
        Add("deliveries at the end to deliveries at the start of a shrinking backlog (h)", ratios.DrainEndToStart);
        Add("jobs in the last storage to jobs in the first (g)", ratios.Jobs);
        Add("p99 of webhooks beside an endpoint that does not answer to that without (i)", ratios.IsolationP99);
        return table;

        void Add(string what, double? ratio)
        {
            if (ratio is not null) table.AddRow(Markup.Escape(what), Number(ratio, "0.00"));
        }
    }

    private static string Cpu(double milliseconds) => $"{milliseconds:0.00} ms of processor each";

    private static string Rates(IEnumerable<double> rates) => string.Join(", ", rates.Select(rate => Number(rate, "N0")));

    private static string Connections(int count) => count == 1 ? "1 connection" : $"{count} connections";

    private static string Megabytes(long bytes) => $"{bytes / 1024.0 / 1024.0:N0} MB";

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
