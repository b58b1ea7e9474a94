namespace PaymentSim.Core.Scheduling;

/// <summary>A feature whose objects change by themselves when their time has come, each by a job.</summary>
internal interface IDueWork
{
    /// <summary>What is due now, whether it has a job or not.</summary>
    Task<IEnumerable<IJob>> ListDueAsync(DateTimeOffset now);
}
