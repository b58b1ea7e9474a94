using System.Collections.Concurrent;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;

namespace PaymentSim.Api.Jobs;

/// <summary>
/// Which pieces of work have a job that waits or runs: read from the job storage once, before the first job runs, and kept up to date by the
/// jobs' state changes in this process.
/// </summary>
internal sealed class LiveJobs
{
    private const int PageSize = 1000;

    private readonly ConcurrentDictionary<string, byte> _keys = new();

    /// <summary>The live jobs that an earlier process left.</summary>
    public static LiveJobs Of(JobStorage storage)
    {
        var (live, monitor) = (new LiveJobs(), storage.GetMonitoringApi());
        live.AddAll((from, count) => monitor.ScheduledJobs(from, count).Select(job => job.Value?.Job));
        live.AddAll((from, count) => monitor.ProcessingJobs(from, count).Select(job => job.Value?.Job));
        foreach (var queue in monitor.Queues())
            live.AddAll((from, count) => monitor.EnqueuedJobs(queue.Name, from, count).Select(job => job.Value?.Job));
        return live;
    }

    public bool Contains(string key) => _keys.ContainsKey(key);

    /// <summary>A job has entered a state: it is live until that state is final.</summary>
    public void Track(Job job, IState state)
    {
        if (KeyOf(job) is not { } key) return;
        if (state is SucceededState or FailedState or DeletedState) _keys.TryRemove(key, out _);
        else _keys[key] = 0;
    }

    /// <summary>The unit that made its job was rolled back: there is none.</summary>
    public void Forget(string key) => _keys.TryRemove(key, out _);

    private void AddAll(Func<int, int, IEnumerable<Job?>> page)
    {
        for (var from = 0; ; from += PageSize)
        {
            var jobs = page(from, PageSize).ToList();
            foreach (var job in jobs)
            {
                if (KeyOf(job) is { } key) _keys[key] = 0;
            }

            if (jobs.Count < PageSize) return;
        }
    }

    private static string? KeyOf(Job? job) => job is null ? null
        : job.Type == typeof(WebhookJob) ? (string)job.Args[0] : job.Type == typeof(SettlementJob) ? (string)job.Args[1] : null;
}
