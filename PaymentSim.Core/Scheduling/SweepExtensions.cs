using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Scheduling;

internal static class SweepExtensions
{
    /// <summary>Small enough not to hold up what else waits for the writer.</summary>
    private const int PerUnit = 500;

    /// <summary>Leaves those of these jobs that are not left yet. Answers how many they are.</summary>
    public static async Task<int> EnqueueLostAsync<TJob>(
        this Database database, IJobScheduler scheduler, IReadOnlyList<TJob> jobs, CancellationToken cancellationToken)
        where TJob : IJob
    {
        var lost = scheduler.WithoutLiveJob(jobs);
        foreach (var some in lost.Chunk(PerUnit))
        {
            await database.WriteAsync(
                () =>
                {
                    foreach (var job in some) scheduler.Enqueue(job);
                    return Task.CompletedTask;
                },
                cancellationToken);
        }

        return lost.Count;
    }
}
