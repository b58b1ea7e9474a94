using PaymentSim.Core.Storage.Sqlite;

namespace PaymentSim.Core.JobStorage;

/// <summary>Reads jobs one by one.</summary>
internal static class JobReader
{
    private const string ById = $"SELECT {JobRecord.Columns} FROM jobs WHERE id = ?1";

    /// <summary>Null: no job has this id, which may be any text.</summary>
    public static JobRecord? Find(JobStore store, string jobId) =>
        Read(store, jobId, ById, JobRecord.Read, created => created.ToRecord());

    /// <summary>Null: no job has this id, or it has no state. Workers ask for it all the time, and need not read past the arguments.</summary>
    public static StateRecord? FindState(JobStore store, string jobId) => Read(
        store,
        jobId,
        "SELECT state, state_reason, state_at, state_data FROM jobs WHERE id = ?1 AND state IS NOT NULL",
        row => new StateRecord(row.Text(0), row.TextOrNull(1), row.Int64(2), row.TextOrNull(3)),
        _ => null);

    /// <summary>Null: no job has this id.</summary>
    public static Dictionary<string, string?>? FindParameters(JobStore store, string jobId) => Read(
        store,
        jobId,
        "SELECT parameters FROM jobs WHERE id = ?1",
        row => JobTexts.Read(row.TextOrNull(0)),
        created => JobTexts.Read(created.ParametersText()));

    private static T? Read<T>(JobStore store, string jobId, string sql, Func<SqliteStatement, T> read, Func<NewJob, T?> readNew)
        where T : class
    {
        if (!JobIds.TryParse(jobId, out var id)) return null;
        // A unit sees the row that it has just written; all others see the job as it was before until the row is on the disk.
        if (store.NewJobs.Find(id) is { } created && !(created.HasRow && store.Database.AmbientUnit is not null)) return readNew(created);
        if (store.Database.AmbientUnit is null) store.Held.Find(id)?.WaitForPosted();
        return store.Read(connection => connection.Prepare(sql).Bind(id).First(read));
    }
}
