using System.Collections.Concurrent;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Tests.Support;

/// <summary>The job engine's side of <see cref="IJobScheduler"/>: writes down which jobs were left, and runs none.</summary>
public sealed class RecordingJobs(Database database) : IJobScheduler
{
    private readonly ConcurrentQueue<(IJob Job, DateTimeOffset? NotBefore)> _jobs = [];

    /// <summary>The jobs whose write units are on the disk, in order.</summary>
    public IReadOnlyList<(IJob Job, DateTimeOffset? NotBefore)> Enqueued => [.. _jobs];

    /// <summary>Written down before anybody hears of a later unit: a test that waits for one sees the jobs of those before it.</summary>
    public void Enqueue(IJob job, DateTimeOffset? notBefore = null) => database.AtEnd(committed =>
    {
        if (committed) _jobs.Enqueue((job, notBefore));
    });

    public IReadOnlyList<TJob> WithoutLiveJob<TJob>(IReadOnlyList<TJob> jobs)
        where TJob : IJob => [.. jobs.Where(job => _jobs.All(entry => entry.Job.Key != job.Key))];

    public bool GoesByClock => false;

    public bool IsIdle => true;

    public DateTimeOffset? NextPlanned => null;

    public void RunPlanned()
    {
        // It runs none.
    }

    /// <summary>Loses all jobs, as a crash does.</summary>
    public void Lose() => _jobs.Clear();
}
