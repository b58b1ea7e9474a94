namespace PaymentSim.Core.Scheduling;

/// <summary>Work that a job does later, by sending this request.</summary>
public interface IJob
{
    /// <summary>What the job is about: a delivery's or charge's id. At most one live job has a key.</summary>
    string Key { get; }
}

/// <summary>Where use cases leave work for later; the job engine stands behind it.</summary>
public interface IJobScheduler
{
    /// <summary>
    /// Inside a write unit: leaves a job that runs once the unit is on the disk, and never if it is rolled back. The job may get lost in
    /// a crash: what it is about must be found again from its own row.
    /// </summary>
    /// <param name="job">What to do.</param>
    /// <param name="notBefore">The earliest time; null: at once.</param>
    void Enqueue(IJob job, DateTimeOffset? notBefore = null);

    /// <summary>Those of these for which no job waits or runs. Ask once for many: the answer may have to be read from a storage that nodes share.</summary>
    IReadOnlyList<TJob> WithoutLiveJob<TJob>(IReadOnlyList<TJob> jobs)
        where TJob : IJob;

    /// <summary>True where planned jobs become due by the simulator's clock, and by no other.</summary>
    bool GoesByClock { get; }

    /// <summary>True where no job runs or is ready to. Asked where <see cref="GoesByClock"/>.</summary>
    bool IsIdle { get; }

    /// <summary>The time of the job that is planned first; null: none is. Asked where <see cref="GoesByClock"/>.</summary>
    DateTimeOffset? NextPlanned { get; }

    /// <summary>Planned jobs whose time has come are ready now, and not when the engine next looks for them.</summary>
    void RunPlanned();
}
