using System.Collections.Concurrent;
using Hangfire.Common;
using Hangfire.Storage;

namespace PaymentSim.Core.JobStorage;

/// <summary>
/// A job that was created and has no row yet. Hangfire creates a job and gives it its first state in two steps; the row is written with the
/// second one, so that both are one commit. Until then the job is known to this process only: a crash between the steps leaves nothing behind.
/// </summary>
internal sealed class NewJob(long id, InvocationData invocation, Dictionary<string, string?> parameters, long createdAt, long expireAt)
{
    /// <summary>Gives a job its id.</summary>
    public static NewJob Create(JobStore store, Job job, IDictionary<string, string> parameters, DateTime createdAt, TimeSpan expireIn)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(parameters);
        return new NewJob(
            store.NextJob(),
            InvocationData.SerializeJob(job),
            new Dictionary<string, string?>(parameters!, StringComparer.Ordinal),
            JobClock.FromDateTime(createdAt),
            store.Clock.After(expireIn));
    }

    public long Id => id;

    public InvocationData Invocation => invocation;

    public long CreatedAt => createdAt;

    public long ExpireAt => expireAt;

    /// <summary>A unit has written its row, which may not be on the disk yet. Set on the writer's thread alone.</summary>
    public bool HasRow { get; set; }

    /// <summary>Its row could not be written: whoever created it has been told, and may try again or let it go.</summary>
    public bool HasFailed { get; private set; }

    public void Undo() => (HasRow, HasFailed) = (false, true);

    public JobRecord ToRecord() => new(id, invocation, createdAt, expireAt, null, ParametersText());

    public string ParametersText()
    {
        lock (parameters) return JobTexts.Write(parameters);
    }

    public void SetParameter(string name, string? value)
    {
        lock (parameters) parameters[name] = value;
    }
}

/// <summary>The jobs that have no row yet.</summary>
internal sealed class NewJobs
{
    private readonly ConcurrentDictionary<long, NewJob> _jobs = [];

    public void Add(NewJob job) => _jobs[job.Id] = job;

    public NewJob? Find(long id) => _jobs.GetValueOrDefault(id);

    /// <summary>The job has a row on the disk now, or will never have one.</summary>
    public void Remove(long id) => _jobs.TryRemove(id, out _);
}
