namespace PaymentSim.Core.JobStorage;

/// <summary>How long jobs are kept, and how the storage tidies up.</summary>
public sealed record SqliteJobStorageOptions
{
    /// <summary>How long a job is kept after it succeeded or was deleted. One day unless told.</summary>
    public TimeSpan FinishedJobRetention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How long a failed job is kept: Hangfire itself keeps it until a person acts. 90 days unless told; <see cref="TimeSpan.MaxValue"/>: for ever.
    /// </summary>
    public TimeSpan FailedJobRetention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How many states a job's history holds, the current one included; older ones are dropped. 50 unless told, at least 1.</summary>
    public int HistoryPerJob { get; init; } = 50;

    /// <summary>The time between two looks for what has expired. One minute unless told.</summary>
    public TimeSpan ExpirationInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many jobs are removed in one write unit: others wait for no more than that. 250 unless told, at least 1.</summary>
    public int ExpirationBatch { get; init; } = 250;

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal SqliteJobStorageOptions Validated()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FinishedJobRetention, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FailedJobRetention, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(HistoryPerJob, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ExpirationInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ExpirationBatch, 1);
        return this;
    }
}
