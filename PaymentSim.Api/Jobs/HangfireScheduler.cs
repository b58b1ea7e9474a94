using Hangfire;
using Hangfire.Common;
using Hangfire.Server;
using Hangfire.States;
using Hangfire.Storage;
using PaymentSim.Api.Hosting;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.JobStorage;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Api.Jobs;

/// <summary>
/// Leaves Core's work as Hangfire jobs: in the write unit that asks for it where jobs are kept in the same file, so that both are on the disk
/// or neither; elsewhere right after the commit. First attempts may share a job when there are many: those of units that are committed together, or at about the same time.
/// </summary>
internal sealed partial class HangfireScheduler : IJobScheduler
{
    /// <summary>So many first attempts of one commit have a job each.</summary>
    private const int Few = 4;

    private readonly IBackgroundJobClientV2 _client;
    private readonly JobStorage _storage;
    private readonly LiveJobs _live;
    private readonly DeliveryBatches _batches;
    private readonly ReplayedJobs _replayed;
    private readonly IJobFilterProvider _filters;
    private readonly Database _database;
    private readonly JobOptions _options;
    private readonly ILogger _logger;
    private readonly Gathering _firstAttempts;

    public HangfireScheduler(
        IBackgroundJobClientV2 client, JobStorage storage, LiveJobs live, DeliveryBatches batches, ReplayedJobs replayed, IJobFilterProvider filters, Database database,
        JobOptions options, ILogger<HangfireScheduler> logger)
    {
        (_client, _storage, _live, _batches, _replayed, _filters) = (client, storage, live, batches, replayed, filters);
        (_database, _options, _logger) = (database, options, logger);
        _firstAttempts = new Gathering(CreateFirst);
    }

    public void Enqueue(IJob job, DateTimeOffset? notBefore = null)
    {
        if (job is DeliverWebhook { IsReplay: true } replay)
        {
            Replay(replay);
            return;
        }

        var isFirst = job is DeliverWebhook { IsFirst: true } && notBefore is null && _options.DeliveryBatch > 1;
        if (_storage is SqliteJobStorage)
        {
            if (isFirst && _database.TryGather(_firstAttempts, job.Key)) return;
            _live.GoesWith(_database, job.Key);
            Create(job, notBefore);
        }
        else if (isFirst && _batches.Collects)
        {
            _database.AfterCommit(() => _batches.Add(job.Key));
        }
        else
        {
            _database.AfterCommit(() => TryCreate(job, notBefore));
        }
    }

    /// <summary>A delivery has one job, as far as one is known: its replays are that one's.</summary>
    private void Replay(DeliverWebhook job)
    {
        if (_storage is not SqliteJobStorage)
        {
            _database.AfterCommit(() => _replayed.RunSoon(job.DeliveryId));
            return;
        }

        _live.GoesWith(_database, job.DeliveryId);
        try
        {
            if (!_replayed.TryRun(job.DeliveryId)) Create(job, notBefore: null);
        }
        catch (BackgroundJobClientException failure) when (failure.InnerException is DistributedLockTimeoutException)
        {
            // Somebody else is changing it, and may be waiting for the writer that this unit has.
            _database.AfterCommit(() => _replayed.RunSoon(job.DeliveryId));
        }
    }

    private void CreateFirst(IReadOnlyList<string> deliveryIds)
    {
        foreach (var id in deliveryIds) _live.GoesWith(_database, id);
        foreach (var some in deliveryIds.Chunk(deliveryIds.Count <= Few ? 1 : _options.DeliveryBatch))
            _client.Create(some.Length == 1 ? HangfireJobs.For(some[0]) : HangfireJobs.For(some), new EnqueuedState(WebhookJob.Queue));
    }

    private void Create(IJob job, DateTimeOffset? notBefore) =>
        _client.Create(HangfireJobs.For(job), notBefore is { } time ? new ScheduledState(time.UtcDateTime) : new EnqueuedState(WebhookJob.Queue));

    private void TryCreate(IJob job, DateTimeOffset? notBefore)
    {
        try
        {
            Create(job, notBefore);
        }
        catch (BackgroundJobClientException failure)
        {
            // What the job is about is on the disk, so the sweeper will find it; the request that made it has succeeded.
            LogNotEnqueued(failure, job.Key);
        }
    }

    public IReadOnlyList<TJob> WithoutLiveJob<TJob>(IReadOnlyList<TJob> jobs)
        where TJob : IJob
    {
        if (jobs.Count == 0) return jobs;
        // First those that are on their way to a job, so that one that gets it meanwhile is not missed.
        var waiting = _batches.Waiting.ToHashSet();
        var keys = _live.Keys;
        return [.. jobs.Where(job => !waiting.Contains(job.Key) && !IsLive(job))];

        // A replay does not wait for the time that its job was planned for before.
        bool IsLive(IJob job) => keys.TryGetValue(job.Key, out var live) && (live.Liveness == Liveness.Ready || job is not DeliverWebhook { IsReplay: true });
    }

    public bool GoesByClock => _storage is SqliteJobStorage;

    public bool IsIdle
    {
        get
        {
            if (_live.Keys.Values.Any(job => job.Liveness == Liveness.Ready)) return false;
            // A planned job whose time has come is in its queue, and still called planned until a worker has begun with it.
            var monitor = _storage.GetMonitoringApi();
            return monitor.EnqueuedCount(WebhookJob.Queue) + monitor.FetchedCount(WebhookJob.Queue) == 0;
        }
    }

    public DateTimeOffset? NextPlanned
    {
        get
        {
            // As Hangfire keeps planned jobs: by the second, and the exact time at the state.
            using var connection = _storage.GetConnection();
            return connection.GetFirstByLowestScoreFromSet("schedule", 0, double.MaxValue) is { } job
                && connection.GetStateData(job)?.Data is { } data && data.TryGetValue("EnqueueAt", out var time)
                    ? JobHelper.DeserializeDateTime(time)
                    : null;
        }
    }

    public void RunPlanned() => new DelayedJobScheduler(TimeSpan.Zero, new BackgroundJobStateChanger(_filters)).Execute(new BackgroundProcessContext(
        "clock", _storage, new Dictionary<string, object>(), Guid.Empty, CancellationToken.None, CancellationToken.None, CancellationToken.None));

    [LoggerMessage(Level = LogLevel.Error, Message = "The job for {Key} could not be made; the sweeper will make it")]
    private partial void LogNotEnqueued(Exception failure, string key);
}
