using Hangfire.Common;
using Hangfire.Server;
using Hangfire.Storage;

namespace PaymentSim.Core.JobStorage;

/// <summary>Hangfire's connection. It holds no database connection: only its locks, and the jobs that it created and that have no row yet.</summary>
internal sealed partial class SqliteJobConnection(JobStore store) : JobStorageConnection
{
    private readonly LockHolder _locks = new(store);
    private List<NewJob>? _created;
    private FetchedJob? _fetched;

    /// <summary>Set in the hands of a job server, which waits until the database can be written rather than give a job up: its signal to stop.</summary>
    private CancellationToken _serverStops;

    public override void Dispose()
    {
        try
        {
            // Those that got a state have their row; the others were meant to be kept without one.
            foreach (var job in _created ?? [])
            {
                if (store.NewJobs.Find(job.Id) is not { HasRow: false }) continue;
                if (job.HasFailed) store.NewJobs.Remove(job.Id);
                else WriteRow(job);
            }
        }
        finally
        {
            _created = null;
            _locks.Dispose();
        }
    }

    public override IWriteOnlyTransaction CreateWriteTransaction() => new SqliteJobTransaction(store, _locks, _serverStops);

    public override IDisposable AcquireDistributedLock(string resource, TimeSpan timeout) => _locks.Take(resource, timeout);

    public override string CreateExpiredJob(Job job, IDictionary<string, string> parameters, DateTime createdAt, TimeSpan expireIn)
    {
        var created = NewJob.Create(store, job, parameters, createdAt, expireIn);
        store.NewJobs.Add(created);
        if (store.Database.AmbientUnit is not null)
        {
            // Created in a unit, it is part of that.
            store.Database.AtEnd(committed =>
            {
                if (!committed) store.NewJobs.Remove(created.Id);
            });
        }

        (_created ??= []).Add(created);
        return JobIds.ToText(created.Id);
    }

    public override IFetchedJob FetchNextJob(string[] queues, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queues);
        if (queues.Length == 0) throw new ArgumentException("Name at least one queue.", nameof(queues));
        _serverStops = store.ServerStops = cancellationToken;
        return _fetched = new FetchedJob(store, store.Queues.Take(queues, cancellationToken), cancellationToken);
    }

    public override void SetJobParameter(string id, string name, string? value)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(name);
        if (FindNew(id) is { } created)
        {
            created.SetParameter(name, value);
            return;
        }

        using var transaction = new SqliteJobTransaction(store, _locks, _serverStops);
        transaction.SetJobParameter(id, name, value);
        transaction.Commit();
    }

    public override string? GetJobParameter(string id, string name)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(name);
        _fetched?.WaitUntilBegun();
        return JobReader.FindParameters(store, id)?.GetValueOrDefault(name);
    }

    public override JobData? GetJobData(string jobId)
    {
        ArgumentNullException.ThrowIfNull(jobId);
        _fetched?.WaitUntilBegun();
        if (JobReader.Find(store, jobId) is not { } job) return null;
        return new JobData
        {
            Job = Load(job, out var failure),
            LoadException = failure,
            InvocationData = job.Invocation,
            State = job.State?.Name,
            CreatedAt = JobClock.ToDateTime(job.CreatedAt),
            ParametersSnapshot = JobTexts.Read(job.Parameters),
        };
    }

    public override StateData? GetStateData(string jobId)
    {
        ArgumentNullException.ThrowIfNull(jobId);
        _fetched?.WaitUntilBegun();
        return JobReader.FindState(store, jobId) is { } state ? new StateData { Name = state.Name, Reason = state.Reason, Data = JobTexts.Read(state.Data) } : null;
    }

    public override void AnnounceServer(string serverId, ServerContext context)
    {
        ArgumentNullException.ThrowIfNull(serverId);
        ArgumentNullException.ThrowIfNull(context);
        store.Servers.Announce(serverId, context);
    }

    public override void RemoveServer(string serverId)
    {
        ArgumentNullException.ThrowIfNull(serverId);
        store.Servers.Remove(serverId);
    }

    public override void Heartbeat(string serverId)
    {
        ArgumentNullException.ThrowIfNull(serverId);
        store.Servers.Heartbeat(serverId);
    }

    public override int RemoveTimedOutServers(TimeSpan timeOut) => timeOut > TimeSpan.Zero
        ? store.Servers.RemoveSilent(timeOut)
        : throw new ArgumentException("The time-out must be longer than nothing.", nameof(timeOut));

    public override DateTime GetUtcDateTime() => store.Clock.UtcDateTime;

    /// <summary>A worker asks for the job that it holds at each of its steps: what it runs is read from its text once.</summary>
    private Job? Load(JobRecord job, out JobLoadException? failure)
    {
        failure = null;
        if (store.Held.Find(job.Id) is not { } held) return job.Load(out failure);
        return held.Job ??= job.Load(out failure);
    }

    private NewJob? FindNew(string jobId) => JobIds.TryParse(jobId, out var id) && store.NewJobs.Find(id) is { HasRow: false } created ? created : null;

    private void WriteRow(NewJob job)
    {
        try
        {
            using var transaction = new SqliteJobTransaction(store, _locks, _serverStops);
            transaction.Touch(job.Id);
            transaction.Commit();
        }
        finally
        {
            // Also where it failed: nobody can write it any more.
            if (store.Database.AmbientUnit is null) store.NewJobs.Remove(job.Id);
        }
    }
}
