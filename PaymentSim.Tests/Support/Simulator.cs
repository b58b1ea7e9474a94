using System.Text;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.Storage;

namespace PaymentSim.Tests.Support;

/// <summary>The whole simulator in this process: real HTTP on a port of its own, a real database of its own on the test's engine.</summary>
public sealed class Simulator : IAsyncDisposable
{
    /// <summary>Small waits, so that retries, sweeps and stops take seconds; a test's own settings are stronger.</summary>
    private static readonly string[] Defaults =
    [
        "--urls=http://127.0.0.1:0", "--Webhooks:RetrySchedule=1s,1s", "--Webhooks:Timeout=10s", "--Webhooks:SweepInterval=1s",
        "--PaymentSim:BankDebitDelay=1s", "--Jobs:Workers=8",
    ];

    private static int _merchants;

    private readonly WebApplication _app;
    private readonly TempFolder? _ownFolder;
    private readonly HttpClient _http;

    private Simulator(WebApplication app, TempFolder? ownFolder)
    {
        (_app, _ownFolder) = (app, ownFolder);
        Url = app.Urls.Single();
        // A header's text is sent as UTF-8, so that tests can send what is not ASCII.
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        })
        {
            BaseAddress = new Uri(Url),
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    /// <summary><c>http://127.0.0.1:40123</c>, without a slash at the end.</summary>
    public string Url { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>A client without a key.</summary>
    public HttpClient Http => _http;

    /// <summary>Starts a simulator on a new folder.</summary>
    public static Task<Simulator> StartAsync(params string[] settings)
    {
        var folder = new TempFolder();
        return StartAsync(folder, folder, settings);
    }

    /// <summary>Starts a simulator on a folder that outlives it, so that another can be started on it.</summary>
    public static Task<Simulator> StartAsync(TempFolder folder, params string[] settings) => StartAsync(folder, null, settings);

    /// <summary>A client with a key that nobody else has: a merchant of the test's own.</summary>
    public Merchant NewMerchant() => MerchantWith($"sk_test_merchant{Interlocked.Increment(ref _merchants)}");

    /// <summary>A client with this key.</summary>
    public Merchant MerchantWith(string key) => new(key, _http);

    /// <summary>A client with this merchant's publishable key: code in its customers' browsers.</summary>
    public async Task<Merchant> BrowserOfAsync(Merchant merchant)
    {
        await using var scope = Services.CreateAsyncScope();
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        scope.ServiceProvider.GetRequiredService<RequestContext>().MerchantId = await mediator.Send(new AuthenticateKey(merchant.Key, Access.Sandbox));
        return MerchantWith(await mediator.Send(new GetPublishableKey()));
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Makes one charge for each of these, all in one commit, so that their webhooks are due together. Answers their ids.</summary>
    public async Task<IReadOnlyList<string>> ChargeTogetherAsync(IEnumerable<Merchant> merchants)
    {
        await using var scope = Services.CreateAsyncScope();
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        var ids = new List<string>();
        foreach (var merchant in merchants) ids.Add(await mediator.Send(new AuthenticateKey(merchant.Key, Access.Sandbox)));
        return await Get<Database>().WriteAsync(async () =>
        {
            var charges = new List<string>();
            foreach (var id in ids)
            {
                scope.ServiceProvider.GetRequiredService<RequestContext>().MerchantId = id;
                charges.Add((await mediator.Send(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") })).Charge!.Id);
            }

            return charges;
        });
    }

    /// <summary>Looks for deliveries without a job, as the sweeper does; answers how many there were.</summary>
    /// <param name="atStart">As right after a start.</param>
    public async Task<int> SweepAsync(bool atStart = false)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new SweepDeliveries(atStart));
    }

    /// <summary>The ids of all deliveries, oldest first.</summary>
    public Task<IReadOnlyList<string>> DeliveryIdsAsync() => Get<Database>().QueryAsync<string>("SELECT id FROM deliveries ORDER BY id");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _http.Dispose();
        _ownFolder?.Dispose();
    }

    private static async Task<Simulator> StartAsync(TempFolder folder, TempFolder? ownFolder, string[] settings)
    {
        // Hangfire keeps the last host's logger factory in a static; this one is never disposed, whichever host ends first.
        var app = PaymentSim.Api.Hosting.Simulator.Build(
            [.. Defaults, .. Engines.Settings(folder), .. settings],
            builder => builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance));
        await app.StartAsync();
        return new Simulator(app, ownFolder);
    }
}
