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

/// <summary>The job of a piece of work.</summary>
internal readonly record struct LiveJob(Liveness Liveness, string JobId);

/// <summary>
/// Which pieces of work have a job that waits or runs. Where this process has the jobs for itself, they are read from the storage once, before the
/// first one runs, and kept up to date by their state changes; where nodes share them, they are read whenever somebody asks.
/// </summary>
internal sealed class LiveJobs
{
    private const int PageSize = 1000;

    private readonly JobStorage _storage;
    private readonly ConcurrentDictionary<string, LiveJob>? _own;

    public LiveJobs(JobStorage storage, Database database)
    {
        _storage = storage;
        if (database.HasSingleOwner) _own = Read();
    }

    /// <summary>The keys of jobs that wait or run.</summary>
    public IReadOnlyDictionary<string, LiveJob> Keys => _own ?? Read();

    /// <summary>A job has entered a state: it is live until that state is final.</summary>
    public void Track(string jobId, Job job, IState state)
    {
        if (_own is null) return;
        var now = new LiveJob(state is ScheduledState ? Liveness.Planned : Liveness.Ready, jobId);
        foreach (var key in HangfireJobs.KeysOf(job))
        {
            // Whoever is planned or enqueued has the work from now on; who only begins may have handed some of it on.
            if (state is ScheduledState or EnqueuedState) _own[key] = now;
            else if (state is not (SucceededState or FailedState or DeletedState)) Add(_own, key, job, now);
            else if (_own.TryGetValue(key, out var known) && known.JobId == jobId) _own.TryRemove(key, out _);
        }
    }

    /// <summary>Inside a unit that is going to change the key's job: undoes what is noted of that, should the unit be rolled back.</summary>
    public void GoesWith(Database unit, string key)
    {
        if (_own is null) return;
        var before = _own.TryGetValue(key, out var known) ? known : (LiveJob?)null;
        unit.AtEnd(committed =>
        {
            if (committed) return;
            if (before is { } was) _own[key] = was;
            else _own.TryRemove(key, out _);
        });
    }

    /// <summary>One that has a job of its own has left the one that it shared with others.</summary>
    private static void Add(ConcurrentDictionary<string, LiveJob> jobs, string key, Job? job, LiveJob now)
    {
        if (HangfireJobs.BatchOf(job) is null) jobs[key] = now;
        else if (jobs.GetOrAdd(key, now) is var known && known.JobId == now.JobId) jobs[key] = now;
    }

    /// <summary>In the order in which jobs go through the states, so that one that moves on meanwhile is not missed.</summary>
    private ConcurrentDictionary<string, LiveJob> Read()
    {
        var (keys, monitor) = (new ConcurrentDictionary<string, LiveJob>(), _storage.GetMonitoringApi());
        var queues = monitor.Queues();
        foreach (var queue in queues) AddAll((from, count) => monitor.EnqueuedJobs(queue.Name, from, count).Select(job => (job.Key, job.Value?.Job)));
        foreach (var queue in queues) AddAll((from, count) => monitor.FetchedJobs(queue.Name, from, count).Select(job => (job.Key, job.Value?.Job)));
        AddAll((from, count) => monitor.ProcessingJobs(from, count).Select(job => (job.Key, job.Value?.Job)));
        AddAll((from, count) => monitor.ScheduledJobs(from, count).Select(job => (job.Key, job.Value?.Job)), Liveness.Planned);
        return keys;

        void AddAll(Func<int, int, IEnumerable<(string Id, Job? Job)>> page, Liveness liveness = Liveness.Ready)
        {
            for (var from = 0; ; from += PageSize)
            {
                var jobs = page(from, PageSize).ToList();
                foreach (var (id, job) in jobs)
                {
                    foreach (var key in HangfireJobs.KeysOf(job)) Add(keys, key, job, new LiveJob(liveness, id));
                }

                if (jobs.Count < PageSize) return;
            }
        }
    }
}
