using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Tests.Support;

/// <summary>Core without any face: the container that <c>AddPaymentSimCore</c> builds, on a real database of the test's engine, with a job engine that only records.</summary>
public sealed class CoreHost : IDisposable
{
    public const string Merchant = "acct_test";

    private readonly ServiceProvider _services;

    /// <param name="folder">The data directory.</param>
    /// <param name="clock">The time; the machine's unless told.</param>
    /// <param name="schedule">Waits between webhook attempts.</param>
    /// <param name="timeout">Of webhooks.</param>
    /// <param name="network">Where webhooks may go; anywhere unless told.</param>
    public CoreHost(TempFolder folder, TimeProvider? clock = null, string schedule = "5s,5m", TimeSpan? timeout = null, NetworkPolicy? network = null)
    {
        var options = new PaymentSimOptions(
            new StorageOptions(folder.Path) { Postgres = Engines.Current == Engine.Postgres ? folder.Postgres : null },
            new ApiVersionOptions(Stripe.StripeConfiguration.ApiVersion),
            new SimulationOptions(TimeSpan.Zero),
            new SettlementOptions(TimeSpan.FromMinutes(1)),
            new WebhookOptions(RetrySchedule.Parse(schedule), timeout ?? TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)) { DisableAfter = TimeSpan.FromDays(5) },
            new LaneOptions(Senders: 32, Breaker: 10),
            Seed: 20250615);
        var services = new ServiceCollection().AddLogging().AddPaymentSimCore(options)
            .AddSingleton(network ?? Networks.All)
            .AddSingleton<RecordingJobs>().AddSingleton<IJobScheduler>(provider => provider.GetRequiredService<RecordingJobs>());
        if (clock is not null) services.AddSingleton(clock);
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    public IServiceProvider Services => _services;

    public Database Database => Get<Database>();

    public RecordingJobs Jobs => Get<RecordingJobs>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Sends a request as a face would, in a scope of its own.</summary>
    /// <exception cref="ProblemException">It was refused.</exception>
    public async Task<T> SendAsync<T>(
        IRequest<T> request, string? key = null, string merchant = Merchant, string requestId = "req_test", CancellationToken cancellationToken = default)
    {
        var answer = await TryAsync(request, key, merchant, requestId, cancellationToken);
        return answer.Refused is { } refused ? throw new ProblemException(refused) : answer.Result!;
    }

    /// <summary>Sends a request as a face would; a refusal is part of the answer.</summary>
    public async Task<Answer<T>> TryAsync<T>(
        IRequest<T> request, string? key = null, string merchant = Merchant, string requestId = "req_test", CancellationToken cancellationToken = default)
    {
        using var scope = _services.CreateScope();
        var context = scope.ServiceProvider.GetRequiredService<RequestContext>();
        (context.MerchantId, context.RequestId, context.IdempotencyKey) = (merchant, requestId, key);
        try
        {
            var result = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
            return new Answer<T>(result, null, context.ReplayedFrom);
        }
        catch (ProblemException refused)
        {
            return new Answer<T>(default, refused.Problem, context.ReplayedFrom);
        }
    }

    /// <summary>How many rows a table has.</summary>
    public Task<long> CountAsync(string table) => Database.FirstOrDefaultAsync<long>($"SELECT COUNT(*) FROM {table}");

    public void Dispose() => _services.Dispose();
}

/// <summary>What came of a request.</summary>
/// <param name="Result">Where it was carried out.</param>
/// <param name="Refused">Where it was not.</param>
/// <param name="ReplayedFrom">The request whose stored result this is.</param>
public sealed record Answer<T>(T? Result, Problem? Refused, string? ReplayedFrom);
