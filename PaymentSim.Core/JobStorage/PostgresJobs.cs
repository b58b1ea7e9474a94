using Hangfire.PostgreSql;
using Hangfire.Storage;
using Hangfire.Storage.Monitoring;
using Npgsql;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Storage.Postgres;

namespace PaymentSim.Core.JobStorage;

/// <summary>Hangfire.PostgreSql, set up for nodes that share the payments' own database: its tables are in the schema <c>hangfire</c>.</summary>
public static class PostgresJobs
{
    internal const string Schema = "hangfire";

    /// <summary>
    /// After this a job is given to another worker, if the one that has it has not said meanwhile that it lives. It says so every fifth of this time.
    /// </summary>
    internal static readonly TimeSpan Invisibility = TimeSpan.FromSeconds(30);

    /// <param name="database">A PostgreSQL database.</param>
    /// <param name="finishedRetention">How long jobs are kept that succeeded or were deleted.</param>
    /// <param name="queues">The names of all queues that workers look for.</param>
    /// <exception cref="NotSupportedException">The database is not PostgreSQL.</exception>
    /// <exception cref="StorageException">The schema cannot be made.</exception>
    public static Hangfire.JobStorage Open(Database database, TimeSpan finishedRetention, IReadOnlyCollection<string> queues)
    {
        var connections = (database as PostgresDatabase)?.Connections
            ?? throw new NotSupportedException("Hangfire's jobs can be kept in PostgreSQL only where the payments are.");
        PostgresSetup.Run(connections, connection => PostgreSqlObjectsInstaller.Install(connection, Schema));
        var options = new PostgreSqlStorageOptions
        {
            SchemaName = Schema,
            PrepareSchemaIfNecessary = false,
            UseSlidingInvisibilityTimeout = true,
            InvisibilityTimeout = Invisibility,
            DistributedLockTimeout = Invisibility,
            CountersAggregateInterval = TimeSpan.FromMinutes(1),
            EnableTransactionScopeEnlistment = false,
            // What cannot start says so, instead of running without its jobs.
            StartupConnectionMaxRetries = 0,
            AllowDegradedModeWithoutStorage = false,
        };
        var source = connections.ForJobs();
        var storage = new Storage(new Connections(source), options) { JobExpirationTimeout = finishedRetention };
        PostgresJobQueue.AddTo(storage, source, queues);
        return storage;
    }

    private sealed class Connections(NpgsqlDataSource source) : IConnectionFactory
    {
        public NpgsqlConnection GetOrCreateConnection() => source.CreateConnection();
    }

    private sealed class Storage(Connections connections, PostgreSqlStorageOptions options) : PostgreSqlStorage(connections, options)
    {
        public override IStorageConnection GetConnection() => new TextIdConnection(this);

        public override IMonitoringApi GetMonitoringApi() => new TextIdMonitor(this);

        /// <summary>The dashboard's footer shows it.</summary>
        public override string ToString() => "PostgreSQL";
    }

    /// <summary>The dashboard's addresses hold any text where a job's id belongs: none but a number is one.</summary>
    private sealed class TextIdConnection(PostgreSqlStorage storage) : PostgreSqlConnection(storage)
    {
        public override JobData? GetJobData(string jobId) => IsNoId(jobId) ? null : base.GetJobData(jobId);

        public override StateData? GetStateData(string jobId) => IsNoId(jobId) ? null : base.GetStateData(jobId);

        public override string? GetJobParameter(string id, string name) => IsNoId(id) ? null : base.GetJobParameter(id, name);
    }

    /// <summary>As <see cref="TextIdConnection"/>.</summary>
    private sealed class TextIdMonitor(PostgreSqlStorage storage) : PostgreSqlMonitoringApi(storage, storage.QueueProviders), IMonitoringApi
    {
        JobDetailsDto? IMonitoringApi.JobDetails(string jobId) => IsNoId(jobId) ? null : JobDetails(jobId);
    }

    private static bool IsNoId(string? jobId) => jobId is not null && !JobIds.TryParse(jobId, out _);
}
