using System.Collections.Concurrent;

namespace PaymentSim.Core.JobStorage;

/// <summary>The jobs that workers have.</summary>
internal sealed class HeldJobs
{
    private readonly ConcurrentDictionary<long, FetchedJob> _jobs = [];

    public void Add(FetchedJob job) => _jobs[job.Entry.JobId] = job;

    /// <summary>Without effect where another entry of the same job has been fetched since.</summary>
    public void Remove(FetchedJob job) => _jobs.TryRemove(KeyValuePair.Create(job.Entry.JobId, job));

    public FetchedJob? Find(long jobId) => _jobs.GetValueOrDefault(jobId);

    /// <summary>Waits until none of their changes is on its way to the disk any more.</summary>
    public void WaitForPosted()
    {
        foreach (var (_, job) in _jobs) job.WaitForPosted();
    }
}
