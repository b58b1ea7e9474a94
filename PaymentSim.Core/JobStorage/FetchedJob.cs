using Hangfire.Common;
using Hangfire.Storage;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.JobStorage;

/// <summary>An entry of a queue in a worker's hands, until the worker acknowledges it, gives it back or is disposed.</summary>
internal sealed class FetchedJob : IFetchedJob
{
    private readonly JobStore _store;
    private readonly CancellationToken _serverStops;
    private Func<Task>? _begin;
    private volatile Task? _posted;

    /// <summary>Once it has left these hands, another worker may have the entry: what is called then must not touch that.</summary>
    private volatile bool _isOver;

    /// <param name="serverStops">Until then its worker waits where the database cannot be written.</param>
    public FetchedJob(JobStore store, QueueEntry entry, CancellationToken serverStops)
    {
        (_store, Entry, JobId, _serverStops) = (store, entry, JobIds.ToText(entry.JobId), serverStops);
        store.Held.Add(this);
    }

    public string JobId { get; }

    public QueueEntry Entry { get; }

    public bool IsHeld => !_isOver;

    /// <summary>What it runs, once somebody has asked for it.</summary>
    public Job? Job { get; set; }

    public void RemoveFromQueue()
    {
        if (_isOver) return;
        using var transaction = new SqliteJobTransaction(_store, locks: null, _serverStops);
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

    /// <summary>Sends the change to the disk that says that this job has begun: whoever reads the job waits for it.</summary>
    public void Begin(Func<Task> change) => (_begin, _posted) = (change, change());

    /// <summary>
    /// For the job's own worker: the change is on the disk when this returns. Where it could not be written it is sent again until it can be; others
    /// do not wait for that.
    /// </summary>
    /// <exception cref="OperationCanceledException">The server stops first, now or at an earlier call: the job can only be given back.</exception>
    public void WaitUntilBegun()
    {
        if (_posted is not { IsCompletedSuccessfully: false } posted) return;
        Blocking.UntilDone(posted);
        if (posted.Exception?.InnerException is not ProblemException { Problem.Kind: ProblemKind.Unavailable })
        {
            posted.GetAwaiter().GetResult();
            return;
        }

        var again = WhenWritable.DoAsync(
            async () =>
            {
                await _begin!();
                return true;
            },
            _serverStops);
        Blocking.UntilDone(again);
        _posted = again;
        again.GetAwaiter().GetResult();
    }

    /// <summary>Returns when no change of this job is on its way any more.</summary>
    public void WaitForPosted()
    {
        if (_posted is { } posted) Blocking.UntilDone(posted);
    }
}
