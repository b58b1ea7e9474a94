using Hangfire.Common;
using Hangfire.Storage;
using PaymentSim.Core.Storage.Sqlite;

namespace PaymentSim.Core.JobStorage;

/// <summary>A state that a job is in or was in.</summary>
/// <param name="At">Unix milliseconds.</param>
/// <param name="Data">JSON of <see cref="JobTexts"/>.</param>
internal sealed record StateRecord(string Name, string? Reason, long At, string? Data);

/// <summary>A job's row.</summary>
internal sealed record JobRecord(long Id, InvocationData Invocation, long CreatedAt, long? ExpireAt, StateRecord? State, string Parameters)
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns =
        "id, created_at, expire_at, state, state_at, state_reason, state_data, queue, type, method, parameter_types, parameters, arguments";

    public static JobRecord Read(SqliteStatement row) => new(
        row.Int64(0),
        new InvocationData(row.TextOrNull(8), row.TextOrNull(9), row.TextOrNull(10), row.TextOrNull(12), row.TextOrNull(7)),
        row.Int64(1),
        row.Int64OrNull(2),
        row.TextOrNull(3) is { } state ? new StateRecord(state, row.TextOrNull(5), row.Int64(4), row.TextOrNull(6)) : null,
        row.TextOrNull(11) ?? "{}");

    /// <summary>The job itself, or why it cannot be loaded: its code may be gone, or its row may be damaged.</summary>
    public Job? Load(out JobLoadException? failure)
    {
        try
        {
            failure = null;
            return Invocation.DeserializeJob();
        }
        catch (JobLoadException unloadable)
        {
            failure = unloadable;
        }
        catch (Exception unexpected)
        {
            failure = new JobLoadException("The job cannot be loaded.", unexpected);
        }

        return null;
    }
}
