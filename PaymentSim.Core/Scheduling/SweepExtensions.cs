using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Scheduling;

internal static class SweepExtensions
{
    /// <summary>Small enough not to hold up what else waits for the writer.</summary>
    private const int PerUnit = 500;

    /// <summary>Gives due work that no job will do its job. Answers how much that was.</summary>
    /// <param name="listDue">What is due now.</param>
    public static async Task<int> EnqueueLostAsync<TJob>(
        this Database database, IJobScheduler scheduler, Func<Task<List<TJob>>> listDue, CancellationToken cancellationToken)
        where TJob : IJob
    {
        var lost = scheduler.WithoutLiveJob(await listDue());
        if (lost.Count == 0) return 0;

        // What a job did between the two questions is neither live nor due any more.
        var stillDue = (await listDue()).ToHashSet();
        lost = [.. lost.Where(stillDue.Contains)];
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

    /// <summary>The one time that a statement selects; null where there is none.</summary>
    public static async Task<DateTimeOffset?> FirstTimeAsync(this Database database, string sql, object args) =>
        await database.FirstOrDefaultAsync<long?>(sql, args) is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;
}
