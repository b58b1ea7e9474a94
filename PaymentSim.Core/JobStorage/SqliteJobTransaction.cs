using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Storage.Sqlite;

namespace PaymentSim.Core.JobStorage;

/// <summary>
/// Hangfire's transaction: collects what is to be done and does all of it in one write unit, or nothing. Inside another write unit it joins
/// that one; workers see its jobs once that is on the disk.
/// </summary>
/// <param name="locks">Null: it takes none.</param>
/// <param name="serverStops">Until then it waits where the database cannot be written. One that cannot be cancelled: it does not.</param>
internal sealed partial class SqliteJobTransaction(JobStore store, LockHolder? locks, CancellationToken serverStops) : JobStorageTransaction
{
    private readonly List<JobChange> _jobs = [];
    private readonly List<(string Queue, long JobId)> _enqueued = [];
    private readonly List<FetchedJob> _acknowledged = [];
    private readonly List<Action<PreparedConnection>> _others = [];
    private readonly List<IDisposable> _held = [];

    public override void Dispose() => ReleaseLocks();

    public override void AcquireDistributedLock(string resource, TimeSpan timeout) =>
        _held.Add((locks ?? throw new InvalidOperationException("This transaction has no connection.")).Take(resource, timeout));

    public override string CreateJob(Job job, IDictionary<string, string> parameters, DateTime createdAt, TimeSpan expireIn)
    {
        var created = NewJob.Create(store, job, parameters, createdAt, expireIn);
        _jobs.Add(new JobChange(created.Id) { Created = created });
        return JobIds.ToText(created.Id);
    }

    public override void SetJobParameter(string jobId, string name, string? value)
    {
        ArgumentNullException.ThrowIfNull(jobId);
        ArgumentNullException.ThrowIfNull(name);
        if (Change(jobId) is { } change) change.Parameters[name] = value;
    }

    public override void ExpireJob(string jobId, TimeSpan expireIn)
    {
        ArgumentNullException.ThrowIfNull(jobId);
        Change(jobId)?.Expire(store.Clock.After(expireIn));
    }

    public override void PersistJob(string jobId)
    {
        ArgumentNullException.ThrowIfNull(jobId);
        Change(jobId)?.Expire(null);
    }

    public override void SetJobState(string jobId, IState state) => AddState(jobId, state, isCurrent: true);

    public override void AddJobState(string jobId, IState state) => AddState(jobId, state, isCurrent: false);

    public override void AddToQueue(string queue, string jobId)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(jobId);
        if (Change(jobId) is { } change) _enqueued.Add((queue, change.Id));
    }

    public override void RemoveFromQueue(IFetchedJob fetchedJob)
    {
        ArgumentNullException.ThrowIfNull(fetchedJob);
        _acknowledged.Add(fetchedJob as FetchedJob ?? throw new ArgumentException("This storage did not fetch this job.", nameof(fetchedJob)));
    }

    public override void Commit()
    {
        try
        {
            if (_jobs.Count + _enqueued.Count + _acknowledged.Count + _others.Count > 0)
            {
                if (store.Database.AmbientUnit is not null) store.Write(Join);
                else if (JobThatBegins() is { } job) Post(job);
                else WhenWritable.Do(() => store.Write(Apply), serverStops);
            }

            _jobs.Clear();
            _enqueued.Clear();
            _acknowledged.Clear();
            _others.Clear();
        }
        finally
        {
            ReleaseLocks();
        }
    }

    /// <summary>
    /// Set where all that is done here is to say that a worker has begun a job that it holds. After a crash that job is begun anew, so its worker
    /// need not wait for the disk: what it writes when the job is done comes after this.
    /// </summary>
    private FetchedJob? JobThatBegins() =>
        _enqueued.Count + _acknowledged.Count + _others.Count + _held.Count == 0
        && _jobs is [{ Created: null, Current: >= 0 } change] && change.States[change.Current].Name == ProcessingState.StateName
            ? store.Held.Find(change.Id)
            : null;

    private void Post(FetchedJob job)
    {
        var posted = new SqliteJobTransaction(store, locks: null, serverStops);
        posted._jobs.AddRange(_jobs);
        job.Begin(() => store.Database.WriteAsync(() => Task.FromResult(store.Write(posted.Apply))));
    }

    /// <summary>The unit that others began may go on after a failure of ours: then nothing of ours may stay.</summary>
    private bool Join(PreparedConnection connection)
    {
        connection.Prepare("SAVEPOINT jobs").Execute();
        try
        {
            Apply(connection);
            connection.Prepare("RELEASE jobs").Execute();
            return true;
        }
        catch
        {
            // A full disk makes SQLite roll everything back by itself.
            if (!connection.IsInTransaction) throw;
            connection.Prepare("ROLLBACK TO jobs").Execute();
            connection.Prepare("RELEASE jobs").Execute();
            throw;
        }
    }

    /// <summary>Runs in the write unit, on the writer's thread.</summary>
    private bool Apply(PreparedConnection connection)
    {
        var writer = new JobWriter(connection, store.Options.HistoryPerJob, store.NextListOrder);
        var written = new List<NewJob>();
        try
        {
            foreach (var change in _jobs) Write(writer, change, written);
            var entries = Enqueue(connection);
            var acknowledged = Acknowledge(connection);
            foreach (var other in _others) other(connection);
            store.Database.AfterCommit(() => Publish(writer.Counts, entries, acknowledged));
            return true;
        }
        catch
        {
            foreach (var job in written) job.Undo();
            throw;
        }
    }

    private void Write(JobWriter writer, JobChange change, List<NewJob> written)
    {
        var waiting = change.Created is null ? store.NewJobs.Find(change.Id) : null;
        if (waiting is not { HasRow: false })
        {
            writer.Write(change);
            return;
        }

        change.Created = waiting;
        writer.Write(change);
        // Not part of the change: should the commit fail, the next attempt has to find out again.
        change.Created = null;
        waiting.HasRow = true;
        written.Add(waiting);
        store.Database.AtEnd(committed =>
        {
            if (!committed) waiting.Undo();
            else if (waiting.HasRow) store.NewJobs.Remove(waiting.Id);
        });
    }

    private List<QueueEntry> Enqueue(PreparedConnection connection)
    {
        var entries = new List<QueueEntry>(_enqueued.Count);
        foreach (var (queue, jobId) in _enqueued)
        {
            var entry = new QueueEntry(queue, store.NextEntry(), jobId);
            connection.Prepare("INSERT INTO job_queue (id, queue, job_id) VALUES (?1, ?2, ?3)").Bind(entry.Number).Bind(queue).Bind(jobId).Execute();
            entries.Add(entry);
        }

        return entries;
    }

    private List<FetchedJob> Acknowledge(PreparedConnection connection)
    {
        var acknowledged = new List<FetchedJob>(_acknowledged.Count);
        foreach (var fetched in _acknowledged)
        {
            if (!fetched.IsHeld) continue;
            connection.Prepare("DELETE FROM job_queue WHERE id = ?1").Bind(fetched.Entry.Number).Execute();
            acknowledged.Add(fetched);
        }

        return acknowledged;
    }

    private void Publish(Dictionary<string, long> counts, List<QueueEntry> entries, List<FetchedJob> acknowledged)
    {
        if (counts.Count > 0) store.Counts.Add(counts);
        foreach (var fetched in acknowledged) fetched.Acknowledged();
        if (entries.Count > 0) store.Queues.Add(entries);
    }

    private void AddState(string jobId, IState state, bool isCurrent)
    {
        ArgumentNullException.ThrowIfNull(jobId);
        ArgumentNullException.ThrowIfNull(state);
        if (state.Name is not { } name) throw new ArgumentException("A state needs a name.", nameof(state));
        // Its data is asked for here and not at the commit: what it throws must not end the writer's unit halfway.
        var data = state.SerializeData() is { } values ? JobTexts.Write(values!) : null;
        Change(jobId)?.AddState(new StateRecord(name, state.Reason, store.Clock.Now(), data), isCurrent);
    }

    /// <summary>Changes nothing but that a job that waits for its row gets it.</summary>
    public void Touch(long jobId) => _jobs.Add(new JobChange(jobId));

    /// <summary>What is done to this job; null where no job can have this id.</summary>
    private JobChange? Change(string jobId)
    {
        if (!JobIds.TryParse(jobId, out var id)) return null;
        var change = _jobs.Find(change => change.Id == id);
        if (change is null) _jobs.Add(change = new JobChange(id));
        return change;
    }

    private void ReleaseLocks()
    {
        foreach (var held in _held) held.Dispose();
        _held.Clear();
    }
}
