namespace PaymentSim.Core.Scheduling;

/// <summary>A feature whose objects change by themselves when their time has come, each by a job.</summary>
internal interface IDueWork
{
    /// <summary>What is due now, whether it has a job or not, by its keys.</summary>
    /// <param name="afterKey">Only what comes after this one.</param>
    /// <param name="limit">At most so many; fewer mean that there are no more.</param>
    Task<IEnumerable<IJob>> ListDueAsync(DateTimeOffset now, string afterKey, int limit);

    /// <summary>The earliest time after this one at which something is due; null: never, as far as is known now.</summary>
    Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after);
}
