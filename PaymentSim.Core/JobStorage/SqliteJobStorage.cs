using Hangfire.Logging;
using Hangfire.Server;
using Hangfire.Storage;
using Microsoft.Extensions.Logging;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.JobStorage;

/// <summary>
/// A Hangfire storage in an SQLite file that this process owns, written by the database's one writer: jobs are committed together with what
/// else is written, and a job that is enqueued inside a write unit is part of that unit. Use one storage for each <see cref="Database"/>.
/// </summary>
public sealed class SqliteJobStorage : Hangfire.JobStorage
{
    private static readonly HashSet<string> Features = new(StringComparer.OrdinalIgnoreCase)
    {
        JobStorageFeatures.ExtendedApi,
        JobStorageFeatures.JobQueueProperty,
        JobStorageFeatures.ProcessesInsteadOfComponents,
        JobStorageFeatures.Connection.BatchedGetFirstByLowest,
        JobStorageFeatures.Connection.GetSetContains,
        JobStorageFeatures.Connection.GetUtcDateTime,
        JobStorageFeatures.Connection.LimitedGetSetCount,
        JobStorageFeatures.Transaction.AcquireDistributedLock,
        JobStorageFeatures.Transaction.CreateJob,
        JobStorageFeatures.Transaction.RemoveFromQueue(typeof(FetchedJob)),
        JobStorageFeatures.Transaction.SetJobParameter,
        JobStorageFeatures.Monitoring.AwaitingJobs,
        JobStorageFeatures.Monitoring.DeletedStateGraphs,
    };

    private readonly JobStore _store;
    private readonly ILogger _logger;

    /// <param name="database">Where the jobs are kept: an SQLite database whose schema has the tables of jobs.</param>
    /// <param name="clock">What <see cref="JobStorageConnection.GetUtcDateTime"/>, and so the due time of scheduled jobs, goes by.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The database has a job storage already.</exception>
    /// <exception cref="NotSupportedException">The database is not SQLite.</exception>
    public SqliteJobStorage(Database database, SqliteJobStorageOptions options, TimeProvider clock, ILogger<SqliteJobStorage> logger)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        _logger = logger;
        _store = new JobStore(database, options.Validated(), clock);
        JobExpirationTimeout = options.FinishedJobRetention;
    }

    /// <summary>True: what was committed, every later read sees.</summary>
    public override bool LinearizableReads => true;

    public override IMonitoringApi GetMonitoringApi() => new SqliteJobMonitor(_store);

    public override IStorageConnection GetConnection() => new SqliteJobConnection(_store);

    /// <summary>One process that removes what has expired.</summary>
    public override IEnumerable<IBackgroundProcess> GetStorageWideProcesses() => [new ExpirationProcess(_store, _logger)];

    public override bool HasFeature(string featureId)
    {
        ArgumentNullException.ThrowIfNull(featureId);
        return Features.Contains(featureId) || base.HasFeature(featureId);
    }

    public override void WriteOptionsToLog(ILog logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        logger.Info($"Using the SQLite job storage with these options: {_store.Options}");
    }

    /// <summary>The dashboard shows it to everybody: it names no path.</summary>
    public override string ToString() => "SQLite";
}
