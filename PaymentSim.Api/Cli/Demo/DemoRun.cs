using PaymentSim.Api.Hosting;
using Spectre.Console;

namespace PaymentSim.Api.Cli.Demo;

/// <summary>One run of the demo, from building the shop to the verdict.</summary>
internal sealed class DemoRun(DemoOptions options, IAnsiConsole console)
{
    private const string ApiKey = "sk_test_demo";
    private const int WidthWithoutTerminal = 140;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(150);

    /// <exception cref="DemoException">A port is in use, the shop does not build or start, or the two sides disagree.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = WidthWithoutTerminal;
        ShopProcess.RequireFree(options.Url, "the simulator");
        ShopProcess.RequireFree(options.ShopUrl, "the shop");

        console.MarkupLine("Building the shop …");
        var program = await ShopProcess.BuildAsync(stop);

        using var folder = DemoFolder.For(options);
        await using var simulator = Build(folder.Path);
        await simulator.StartAsync(stop);
        console.MarkupLineInterpolated($"The simulator is up at {options.Url}");

        using var client = new DemoClient(options, ApiKey);
        var secret = await client.RegisterEndpointAsync(new Uri(options.ShopUrl, "/webhooks"), stop);
        await using var shop = await ShopProcess.StartAsync(program, options, ApiKey, secret, Path.Combine(folder.Path, "shop"), stop);
        console.MarkupLineInterpolated($"The shop is up at {options.ShopUrl}, its webhook endpoint is registered");

        var orders = await BuyAsync(client, stop);
        var settled = await WatchAsync(client, orders, stop);
        if (options.Once)
        {
            Judge(settled);
        }
        else
        {
            Invite();
            await Task.Delay(Timeout.Infinite, stop);
        }
    }

    private WebApplication Build(string folder) => Simulator.Build([], builder =>
    {
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = options.Url.GetLeftPart(UriPartial.Authority),
            ["PaymentSim:DataDirectory"] = Path.Combine(folder, "simulator"),
            ["PaymentSim:BankDebitDelay"] = options.Once ? "1s" : "5s",
            ["Webhooks:RetrySchedule"] = options.Once ? "1s,1s,1s" : "2s,5s,30s,2m,10m,1h",
            // The table says it better than log lines in between.
            ["Logging:LogLevel:Default"] = "Warning",
        });
    });

    private async Task<List<DemoOrder>> BuyAsync(DemoClient client, CancellationToken stop)
    {
        var products = await client.ListProductsAsync(stop);
        var orders = new List<DemoOrder>();
        foreach (var purchase in DemoPurchase.All)
            orders.Add(new DemoOrder(await client.BuyAsync(products[orders.Count % products.Count], purchase, stop), purchase));
        return orders;
    }

    /// <summary>Looks at both sides until every purchase is settled, showing what it sees.</summary>
    private async Task<IReadOnlyList<DemoOrder>> WatchAsync(DemoClient client, List<DemoOrder> orders, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            if (!console.Profile.Out.IsTerminal)
            {
                await LookUntilSettledAsync(() => { });
                console.Write(DemoTable.Of(orders));
            }
            else
            {
                await console.Live(DemoTable.Of(orders)).StartAsync(live => LookUntilSettledAsync(() => live.UpdateTarget(DemoTable.Of(orders))));
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            console.Write(DemoTable.Of(orders));
            throw new DemoException($"Not every purchase was settled within {Patience.TotalSeconds:0} s.");
        }

        return orders;

        async Task LookUntilSettledAsync(Action show)
        {
            while (true)
            {
                for (var i = 0; i < orders.Count; i++) orders[i] = await orders[i].RefreshAsync(client, patience.Token);
                show();
                if (orders.All(order => order.IsSettled)) return;
                await Task.Delay(LookInterval, patience.Token);
            }
        }
    }

    private void Judge(IReadOnlyList<DemoOrder> orders)
    {
        var wrong = orders.Where(order => order.Disagreement is not null).ToList();
        if (wrong.Count > 0)
        {
            throw new DemoException("Shop and simulator disagree:" + Environment.NewLine
                + string.Join(Environment.NewLine, wrong.Select(order => $"  {order.Purchase.Title} ({order.Id}): {order.Disagreement}")));
        }

        console.MarkupLineInterpolated($"[green]Shop and simulator agree on all {orders.Count} orders.[/]");
    }

    private void Invite()
    {
        console.MarkupLine("");
        console.MarkupLineInterpolated($"  [bold]{options.ShopUrl}[/]           the shop: buy something, watch the order change when its webhook arrives");
        console.MarkupLineInterpolated($"  [bold]{options.Url}[/]           the simulator: make charges, see their webhooks");
        console.MarkupLineInterpolated($"  [bold]{new Uri(options.Url, "/hangfire")}[/]   the jobs: failed webhooks, and their replay");
        console.MarkupLineInterpolated($"  [bold]{new Uri(options.Url, "/docs")}[/]       the API reference; the key is {ApiKey}");
        console.MarkupLine("Ctrl-C stops both.");
    }

    /// <summary>Where the demo keeps its data: in the working directory, or, for a single run, in a folder that is deleted.</summary>
    private sealed class DemoFolder(string path, bool delete) : IDisposable
    {
        public string Path { get; } = path;

        public static DemoFolder For(DemoOptions options) => options.Once
            ? new DemoFolder(Directory.CreateTempSubdirectory("paymentsim-demo-").FullName, delete: true)
            : new DemoFolder(System.IO.Path.GetFullPath(System.IO.Path.Combine(".paymentsim", "demo")), delete: false);

        public void Dispose()
        {
            if (delete) Directory.Delete(Path, recursive: true);
        }
    }
}
