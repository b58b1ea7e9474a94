using System.Collections.Concurrent;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using PaymentSim.Core.Storage;

namespace PaymentSim.Api.Jobs;

/// <summary>What a job that is not at its end is doing.</summary>
internal enum Liveness
{
    /// <summary>It runs, or will as soon as a worker is free.</summary>
    Ready,

    /// <summary>It waits for its time.</summary>
    Planned,
}

/// <summary>
/// Which pieces of work have a job that waits or runs. Where this process has the jobs for itself, they are read from the storage once, before the
/// first one runs, and kept up to date by their state changes; where nodes share them, they are read whenever somebody asks.
/// </summary>
internal sealed class LiveJobs
{
    private const int PageSize = 1000;

    private readonly JobStorage _storage;
    private readonly ConcurrentDictionary<string, Liveness>? _own;

    public LiveJobs(JobStorage storage, Database database)
    {
        _storage = storage;
        if (database.HasSingleOwner) _own = Read();
    }

    /// <summary>The keys of jobs that wait or run.</summary>
    public IReadOnlyDictionary<string, Liveness> Keys => _own ?? Read();

    /// <summary>A job has entered a state: it is live until that state is final.</summary>
    public void Track(Job job, IState state)
    {
        if (_own is null) return;
        foreach (var key in HangfireJobs.KeysOf(job))
        {
            if (state is SucceededState or FailedState or DeletedState) _own.TryRemove(key, out _);
            else _own[key] = state is ScheduledState ? Liveness.Planned : Liveness.Ready;
        }
    }

    /// <summary>Inside a unit that is going to change the key's job: undoes what is noted of that, should the unit be rolled back.</summary>
    public void GoesWith(Database unit, string key)
    {
        if (_own is null) return;
        var before = _own.TryGetValue(key, out var known) ? known : (Liveness?)null;
        unit.AtEnd(committed =>
        {
            if (committed) return;
            if (before is { } was) _own[key] = was;
            else _own.TryRemove(key, out _);
        });
    }

    /// <summary>In the order in which jobs go through the states, so that one that moves on meanwhile is not missed.</summary>
    private ConcurrentDictionary<string, Liveness> Read()
    {
        var (keys, monitor) = (new ConcurrentDictionary<string, Liveness>(), _storage.GetMonitoringApi());
        var queues = monitor.Queues();
        foreach (var queue in queues) AddAll((from, count) => monitor.EnqueuedJobs(queue.Name, from, count).Select(job => job.Value?.Job));
        foreach (var queue in queues) AddAll((from, count) => monitor.FetchedJobs(queue.Name, from, count).Select(job => job.Value?.Job));
        AddAll((from, count) => monitor.ProcessingJobs(from, count).Select(job => job.Value?.Job));
        AddAll((from, count) => monitor.ScheduledJobs(from, count).Select(job => job.Value?.Job), Liveness.Planned);
        return keys;

        void AddAll(Func<int, int, IEnumerable<Job?>> page, Liveness liveness = Liveness.Ready)
        {
            for (var from = 0; ; from += PageSize)
            {
                var jobs = page(from, PageSize).ToList();
                foreach (var key in jobs.SelectMany(HangfireJobs.KeysOf)) keys[key] = liveness;

                if (jobs.Count < PageSize) return;
            }
        }
    }
}
