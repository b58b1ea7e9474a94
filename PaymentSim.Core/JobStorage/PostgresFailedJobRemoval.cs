using Hangfire.Server;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.JobStorage;

/// <summary>Hangfire.PostgreSql keeps failed jobs for ever: this removes them after a time, their states and parameters with them.</summary>
/// <param name="database">The payments' and jobs' PostgreSQL database.</param>
/// <param name="retention">How long they wait for a person.</param>
public sealed class PostgresFailedJobRemoval(Database database, TimeSpan retention) : IBackgroundProcess
{
    private const string RemoveSome =
        $"""
        DELETE FROM {PostgresJobs.Schema}.job WHERE id IN (
            SELECT j.id FROM {PostgresJobs.Schema}.job j JOIN {PostgresJobs.Schema}.state s ON s.id = j.stateid
            WHERE j.statename = 'Failed' AND s.createdat < now() - @retention ORDER BY j.id LIMIT 1000 FOR UPDATE OF j SKIP LOCKED)
        """;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    public void Execute(BackgroundProcessContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        while (Blocking.Result(database.WriteAsync(() => database.ExecuteAsync(RemoveSome, new { retention }), context.StoppingToken)) > 0)
            context.StoppingToken.ThrowIfCancellationRequested();
        context.Wait(retention < LongestPause ? retention : LongestPause);
    }
}
