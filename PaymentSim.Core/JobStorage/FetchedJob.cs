using Hangfire.Storage;

namespace PaymentSim.Core.JobStorage;

/// <summary>An entry of a queue in a worker's hands, until the worker acknowledges it, gives it back or is disposed.</summary>
internal sealed class FetchedJob : IFetchedJob
{
    private readonly JobStore _store;
    private Task? _posted;

    /// <summary>Once it has left these hands, another worker may have the entry: what is called then must not touch that.</summary>
    private volatile bool _isOver;

    public FetchedJob(JobStore store, QueueEntry entry)
    {
        (_store, Entry, JobId) = (store, entry, JobIds.ToText(entry.JobId));
        store.Held.Add(this);
    }

    public string JobId { get; }

    public QueueEntry Entry { get; }

    public bool IsHeld => !_isOver;

    public void RemoveFromQueue()
    {
        if (_isOver) return;
        using var transaction = new SqliteJobTransaction(_store, locks: null);
        transaction.RemoveFromQueue(this);
        transaction.Commit();
    }

    public void Requeue()
    {
        if (_isOver) return;
        _isOver = true;
        _store.Held.Remove(this);
        _store.Queues.GiveBack(Entry);
    }

    public void Dispose() => Requeue();

    /// <summary>Its row is gone, on the disk.</summary>
    public void Acknowledged()
    {
        _isOver = true;
        _store.Held.Remove(this);
        _store.Queues.Remove(Entry);
    }

    /// <summary>A change of this job is on its way to the disk: whoever reads the job waits for it.</summary>
    public void Posted(Task change) => _posted = change;

    /// <summary>Returns when no change of this job is on its way any more.</summary>
    /// <param name="throws">True: what kept it from the disk is thrown, now and at every later call. The job can only be given back then.</param>
    public void WaitForPosted(bool throws)
    {
        if (_posted is not { } posted) return;
        Blocking.UntilDone(posted);
        if (throws) posted.GetAwaiter().GetResult();
    }
}
