using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Scheduling;

internal static class SweepExtensions
{
    /// <summary>Leaves these jobs, in one write unit. Answers how many they are.</summary>
    public static async Task<int> EnqueueAllAsync(
        this Database database, IJobScheduler scheduler, IEnumerable<IJob> jobs, CancellationToken cancellationToken)
    {
        var list = jobs.ToList();
        if (list.Count == 0) return 0;
        await database.WriteAsync(
            () =>
            {
                list.ForEach(job => scheduler.Enqueue(job));
                return Task.CompletedTask;
            },
            cancellationToken);
        return list.Count;
    }
}
