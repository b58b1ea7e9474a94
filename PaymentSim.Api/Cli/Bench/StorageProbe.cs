using System.Diagnostics;
using MediatR;
using PaymentSim.Api.Hosting;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Storage.Postgres;
using PaymentSim.Core.Storage.Sqlite;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>Makes a new database ready for <see cref="StorageTurnOrder"/>.</summary>
/// <param name="Folder">Of a new database.</param>
/// <param name="Postgres">The connection string of a new database, in which the data is instead; null: in the folder.</param>
internal sealed record StorageOrder(string Folder, string? Postgres, StorageRows Rows) : BenchOrder;

/// <summary>Writes what charges write, through the writer or, on PostgreSQL, through the driver alone.</summary>
internal sealed record StorageTurnOrder(int Writers, double Seconds) : BenchOrder;

/// <summary>What a charge writes.</summary>
internal enum StorageRows
{
    /// <summary>The charge and its event.</summary>
    Charge,

    /// <summary>And the record of its idempotency key.</summary>
    WithKey,

    /// <summary>The charge, its event, a delivery and, in the embedded storage, its job.</summary>
    WithEndpoint,
}

/// <param name="CpuMs">What they took of the processors.</param>
internal sealed record StorageResult(long Units, double Seconds, double CpuMs)
{
    public double PerSecond => Math.Round(Units / Seconds, 1);

    public double CpuMsPerUnit => Math.Round(CpuMs / Units, 3);

    public static StorageResult operator +(StorageResult one, StorageResult other) =>
        new(one.Units + other.Units, one.Seconds + other.Seconds, one.CpuMs + other.CpuMs);
}

/// <summary>Makes one charge in the usual way, and then writes its like as fast as the storage takes them.</summary>
internal sealed class StorageProbe : IAsyncDisposable
{
    private const string ApiKey = "sk_test_bench";

    private readonly WebApplication _app;
    private readonly Measure _measure;

    private StorageProbe(WebApplication app, Measure measure) => (_app, _measure) = (app, measure);

    private delegate Task<(long Units, TimeSpan Elapsed)> Measure(int writers, TimeSpan time);

    public static async Task<StorageProbe> OpenAsync(StorageOrder order)
    {
        // The whole program, but never started: no server, no jobs, no sweeper.
        // It is not started, so that it never learns from its addresses where webhooks may go.
        var app = Simulator.Build(
            ["--urls=http://127.0.0.1:0", "--Webhooks:AllowPrivateNetworks=true", .. BenchData.Settings(order.Folder, order.Postgres), "--Logging:LogLevel:Default=None"]);
        var charge = await MakeChargeAsync(app.Services, order.Rows);
        var ids = app.Services.GetRequiredService<Ids>();
        return new StorageProbe(app, order.Postgres is { } postgres
            ? (await PostgresCeiling.LikeAsync(postgres, ids, charge)).MeasureAsync
            : (await StorageCeiling.LikeAsync(app.Services.GetRequiredService<Database>(), ids, charge)).MeasureAsync);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public async Task<StorageResult> TakeTurnAsync(StorageTurnOrder order)
    {
        var before = ProcessorTime();
        var (units, elapsed) = await _measure(order.Writers, TimeSpan.FromSeconds(order.Seconds));
        return new StorageResult(units, Math.Round(elapsed.TotalSeconds, 3), Math.Round((ProcessorTime() - before).TotalMilliseconds, 1));
    }

    private static TimeSpan ProcessorTime()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    private static async Task<string> MakeChargeAsync(IServiceProvider services, StorageRows rows)
    {
        await using var scope = services.CreateAsyncScope();
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        var context = scope.ServiceProvider.GetRequiredService<RequestContext>();
        context.MerchantId = await mediator.Send(new AuthenticateKey(ApiKey, Access.Sandbox));
        context.RequestId = services.GetRequiredService<Ids>().New("req");
        if (rows == StorageRows.WithEndpoint) await mediator.Send(new CreateWebhookEndpoint { Url = "http://127.0.0.1:9/", EnabledEvents = ["charge.succeeded"] });
        if (rows == StorageRows.WithKey) context.IdempotencyKey = Ids.IdempotencyKey();
        var attempt = await mediator.Send(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") });
        return attempt.Charge!.Id;
    }
}
