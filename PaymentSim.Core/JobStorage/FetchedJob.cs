using Hangfire.Storage;

namespace PaymentSim.Core.JobStorage;

/// <summary>An entry of a queue in a worker's hands, until the worker acknowledges it, gives it back or is disposed.</summary>
internal sealed class FetchedJob(JobStore store, QueueEntry entry) : IFetchedJob
{
    /// <summary>Once it has left these hands, another worker may have the entry: what is called then must not touch that.</summary>
    private volatile bool _isOver;

    public string JobId { get; } = JobIds.ToText(entry.JobId);

    public QueueEntry Entry => entry;

    public bool IsHeld => !_isOver;

    public void RemoveFromQueue()
    {
        if (_isOver) return;
        using var transaction = new SqliteJobTransaction(store, locks: null);
        transaction.RemoveFromQueue(this);
        transaction.Commit();
    }

    public void Requeue()
    {
        if (_isOver) return;
        _isOver = true;
        store.Queues.GiveBack(entry);
    }

    public void Dispose() => Requeue();

    /// <summary>Its row is gone, on the disk.</summary>
    public void Acknowledged()
    {
        _isOver = true;
        store.Queues.Remove(entry);
    }
}
