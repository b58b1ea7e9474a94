using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.Common;
using Hangfire.InMemory;
using Hangfire.Server;
using Hangfire.States;
using PaymentSim.Api.Hosting;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.JobStorage;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Api.Jobs;

/// <summary>Hangfire, set up for this host alone: what its statics hold is not used (but for its log), so that several hosts can live in one process.</summary>
internal static class JobsSetup
{
    /// <summary>Beyond the webhook time-out, for an attempt that is under way when the program stops to be recorded.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(2);

    /// <summary>In memory, finished jobs take memory; what was delivered, and how, is in the database.</summary>
    private static readonly TimeSpan LongestInMemory = TimeSpan.FromHours(1);

    private static readonly string[] Queues = [WebhookJob.Queue, EnqueuedState.DefaultQueue];

    public static IServiceCollection AddJobs(this IServiceCollection services, JobOptions options, WebhookOptions webhooks)
    {
        services.AddSingleton(options);
        services.AddSingleton<IJobScheduler, HangfireScheduler>();
        services.AddSingleton<DeliveryBatches>();
        services.AddSingleton<LiveJobs>();
        services.AddSingleton<ReplayedJobs>();
        services.AddSingleton(provider => Storage(options, provider));
        // Else Hangfire takes JobActivator.Current, a static: the jobs of one host would run on the services of the host that started last.
        services.AddSingleton<JobActivator, AspNetCoreJobActivator>();
        services.AddSingleton<WebhookJobFilter>();
        services.AddSingleton<IJobFilterProvider>(provider =>
        {
            // Not Hangfire's global filters: they hold its own automatic retry.
            var filters = new JobFilterCollection { new StatisticsHistoryAttribute() };
            filters.Add(provider.GetRequiredService<WebhookJobFilter>());
            return filters;
        });
        services.AddHangfire(hangfire => hangfire
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings());

        if (options.Storage == JobStorageKind.Postgres)
        {
            services.AddSingleton<IBackgroundProcess>(provider => new PostgresFailedJobRemoval(
                provider.GetRequiredService<Database>(), options.FailedRetention));
        }

        var stopTimeout = webhooks.Timeout + StopMargin;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = stopTimeout + StopMargin);
        services.AddHangfireServer(server =>
        {
            server.ServerName = "paymentsim";
            server.WorkerCount = options.Workers;
            server.Queues = Queues;
            server.SchedulePollingInterval = TimeSpan.FromSeconds(1);
            server.StopTimeout = stopTimeout;
            server.ShutdownTimeout = stopTimeout;
        });
        return services;
    }

    private static JobStorage Storage(JobOptions options, IServiceProvider provider) => options.Storage switch
    {
        JobStorageKind.Sqlite => new SqliteJobStorage(
            provider.GetRequiredService<Database>(),
            new SqliteJobStorageOptions { FinishedJobRetention = options.FinishedRetention, FailedJobRetention = options.FailedRetention },
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SqliteJobStorage>>()),
        JobStorageKind.Postgres => PostgresJobs.Open(provider.GetRequiredService<Database>(), options.FinishedRetention, Queues),
        _ => new InMemoryStorage(new InMemoryStorageOptions
        {
            MaxExpirationTime = options.FinishedRetention < LongestInMemory ? options.FinishedRetention : LongestInMemory,
        }),
    };
}
